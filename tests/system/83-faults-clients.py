#!/usr/bin/env python3
"""Readers that stall, drip, vanish or all come back at once: nobody else notices, and none of them
misses anything."""
import time

from system import Sluice, Stream, main, wait_until
from faults.books import balanced
from faults.crowd import Crowd, allow_files
from faults.follower import Audit, Follower
from faults.link import Link, go_dark
from faults.rows import FaultTest, fault
import metrics

CONFIG = """
    publish: {key: test-key}
    channels: {"{any**}": {history: {events: 100000, bytes: 64MiB}}}
    delivery: {retry: 10ms, stall: 1s, keepalive: 1s}
"""
PADDING = "x" * 4000


def number(event):
    return int(event.data.split()[0])


def publish(node, first, beyond, padding="", channel="numbers"):
    """At most 100 at a time."""
    for start in range(first, beyond, 100):
        node.publish([{"channel": channel, "data": f"{n} {padding}"}
                      for n in range(start, min(start + 100, beyond))])


def closed(node, reason):
    return metrics.read(node).total("sluice_closed_total", reason=reason)


class Readers(FaultTest):
    def setUp(self):
        self.node = self.enterContext(Sluice(CONFIG))

    def open_streams(self, count, address=None, **options):
        streams = [self.enterContext(Stream(address or self.node.address, "/events/numbers",
                                            **options)) for _ in range(count)]
        for stream in streams:
            stream.read_until(lambda reader: reader.events)
        return streams

    def check_rest(self, streams, sent):
        """Each comes back with its id and has every number once."""
        for stream in streams:
            stream.close()
            got = stream.reader.user_events
            with Stream(self.node.address, "/events/numbers", stream.last_id) as back:
                rest = back.read_events(sent - len(got))
                self.assertEqual([number(e) for e in [*got, *rest]], list(range(sent)))
                self.assertEqual(back.reader.controls("gap"), [])

    @fault("Ten readers stop reading")
    def test_stall(self):
        with Follower(self.node, "/events/numbers", number) as good:
            stuck = self.open_streams(10, receive_buffer=4096)
            publish(self.node, 0, 1000, PADDING)
            stalled = time.monotonic()
            wait_until(lambda: closed(self.node, "stalled") == 10, 20, "the end of the stalled")
            closed_s = time.monotonic() - stalled
            good.wait_for(999)
            self.assertLess(good.longest_silence(), 2, "another reader waited")
            Audit(good, 1000).text()
            for stream in stuck:
                stream.read_to_end()
            self.check_rest(stuck, 1000)
        self.tell("closed after `delivery.stall` (here 1 s); back with their ids: every event "
                  "once; others notice nothing", balanced(self.node, {"http": 1000}), closed_s)

    @fault("Ten readers take a byte at a time")
    def test_drip(self):
        with Follower(self.node, "/events/numbers", number) as good:
            dripping = self.open_streams(10)
            publish(self.node, 0, 20)
            began = time.monotonic()
            while not all(len(s.reader.user_events) == 20 for s in dripping):
                for stream in dripping:
                    if len(stream.reader.user_events) < 20:
                        stream.read_until(lambda _, at=stream.wire_bytes:
                                          stream.wire_bytes > at, piece=1)
                self.assertLess(time.monotonic() - began, 60)
            self.assertLess(good.longest_silence(), 2, "another reader waited")
            Audit(good, 20).text()
            for stream in dripping:
                self.assertEqual([number(e) for e in stream.reader.user_events],
                                 list(range(20)))
                self.assert_clean(stream)
        self.tell("every event once, whole blocks; others notice nothing",
                  balanced(self.node, {"http": 20}), None)

    def vanish(self, seconds_max, load):
        """A hundred hosts are gone at once; the text of the books, and until the node knows."""
        with Link(self.node.address) as link:
            gone = self.open_streams(100, link.address)
            publish(self.node, 0, 10)
            for stream in gone:
                stream.read_events(10)
            with Follower(self.node, "/events/numbers", number) as good:
                for stream in gone:
                    go_dark(stream._socket)
                link.cut()
                began = time.monotonic()
                sent = 10
                while metrics.read(self.node).total("sluice_subscribers") > 1:
                    self.assertLess(time.monotonic() - began, seconds_max, "they are still there")
                    if load:
                        publish(self.node, sent, sent + 1)
                        sent += 1
                    time.sleep(0.02)
                known_s = time.monotonic() - began
                publish(self.node, sent, sent + 10)
                good.wait_for(sent + 9)
                Audit(good, sent + 10, first=10).text()
            self.check_rest(gone, sent + 10)
        return balanced(self.node, {"http": sent + 10}), known_s

    @fault("A hundred readers vanish without FIN or RST while events flow "
           "(the time: until the node knows)")
    def test_vanishBusy(self):
        books, known_s = self.vanish(10, load=True)
        self.tell("closed after `delivery.stall` (here 1 s); back with their ids: every event "
                  "once; others notice nothing", books, known_s)

    @fault("A hundred readers of quiet channels vanish without FIN or RST "
           "(the time: until the node knows)")
    def test_vanishQuiet(self):
        books, known_s = self.vanish(10, load=False)
        self.tell("closed `delivery.stall` (here 1 s) after the next keep-alive (here 1 s); "
                  "back with their ids: every event once", books, known_s)


class Storm(FaultTest):
    COUNT, STORMS = 10_000, 2

    @fault("10,000 readers are reset at once and all come back at once, twice")
    def test_storm(self):
        if not allow_files(self.COUNT + 5000):
            self.skipTest(f"{self.COUNT} readers want a higher limit of open files")
        config = CONFIG.replace("stall: 1s, keepalive: 1s", "stall: 20s")
        with Sluice(config) as node, \
                Crowd(lambda: node.address, "/events/numbers", self.COUNT) as crowd:
            crowd.run(crowd.all_open, 60, "all streams")
            sent = self.publish_to(node, crowd, 0)
            with Follower(node, "/events/numbers", number) as good:
                for _ in range(self.STORMS):
                    crowd.reset()
                    began, sent = time.monotonic(), self.publish_to(node, None, sent)
                    crowd.run(lambda beyond=sent: crowd.all_open() and crowd.all_have(beyond), 60,
                              "their return")
                    normal_s = time.monotonic() - began
                    sent = self.publish_to(node, crowd, sent)
                good.wait_for(sent - 1)
                Audit(good, sent, first=10).text()
            crowd.check()
            self.assertEqual({member.ends for member in crowd.members}, {self.STORMS})
            books = balanced(node, {"http": sent})
        self.tell("every event once; nobody is turned away", books, normal_s)

    @staticmethod
    def publish_to(node, crowd, sent):
        """Ten more, and until the crowd has them."""
        publish(node, sent, sent + 10)
        if crowd:
            crowd.run(lambda: crowd.all_have(sent + 10), 60, "the events")
        return sent + 10


if __name__ == "__main__":
    main()
