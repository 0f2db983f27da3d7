#!/usr/bin/env python3
"""The machine fails: disks are full, descriptors and memory run out, the clock steps."""
import json
import time

from system import PATIENCE, Sluice, Stream, ask, main, wait_until
from faults.books import Books, balanced
from faults.crowd import Crowd
from faults.follower import Audit, Follower
from faults.machine import FullDisk, OtherClock, cpu_seconds, limit_files, open_files
from faults.rows import FaultTest, fault
import metrics

PADDING = "x" * 3000
DAY_S = 86_400


def publish(node, first, beyond, padding="", channel="numbers"):
    """At most 100 at a time."""
    for start in range(first, beyond, 100):
        node.publish([{"channel": channel, "data": f"{n} {padding}"}
                      for n in range(start, min(start + 100, beyond))])


def number(event):
    return int(event.data.split()[0])


class Disk(FaultTest):
    CONFIG = """
        publish: {key: test-key}
        mappings:
          - {from: "http:good", channel: numbers}
          - {from: "http:bad", channel: "bad/{headers.none}", on_error: {dead-letter: {file: "%s"}}}
    """
    LETTERS = 60  # of 3 KB each: thrice the disk

    @staticmethod
    def letters(node, result):
        return metrics.read(node).total("sluice_dead_letters_total", result=result)

    @fault("The disk of the dead letters is full, then has room again")
    def test_full(self):
        with FullDisk() as disk, Sluice(self.CONFIG % disk.path) as node, \
                Follower(node, "/events/numbers", number) as follower:
            disk.fill(but=16 * 1024)
            for n in range(self.LETTERS):
                publish(node, n, n + 1, PADDING, "bad")
                publish(node, n, n + 1, channel="good")
            lost = self.letters(node, "lost")
            self.assertGreater(lost, self.LETTERS / 2)
            self.assertEqual(self.letters(node, "kept") + lost, self.LETTERS)
            node.wait_for_log("cannot write to .*(No space left|disk is full)")
            disk.free()
            freed = time.monotonic()
            publish(node, self.LETTERS, self.LETTERS + 1, PADDING, "bad")
            self.assertEqual(self.letters(node, "lost"), lost)
            normal_s = time.monotonic() - freed
            publish(node, self.LETTERS, self.LETTERS + 1, channel="good")
            follower.wait_for(self.LETTERS)
            kept = [json.loads(line) for line in disk.path.read_text().splitlines()]
            self.assertEqual(len(kept), self.LETTERS + 1 - lost)
            readers = Audit(follower, self.LETTERS + 1).text()
            books = balanced(node, {"http": 2 * (self.LETTERS + 1)})
        self.tell(f"{readers}; letters that were kept are whole",
                  f"{books}; letters counted as `lost`", normal_s)


class Descriptors(FaultTest):
    CONFIG = """
        inputs: {tick: {plugin: ticker, rate: 100, shape: counter}}
        mappings: [{from: "tick:{all**}", channel: ticks}]
        delivery: {retry: 10ms}
    """

    @fault("The node is out of file descriptors: 20 are left for 60 new readers")
    def test_noneLeft(self):
        with Sluice(self.CONFIG) as node, \
                Follower(node, "/events/ticks?from=earliest",
                         lambda event: json.loads(event.data)["n"]) as follower, \
                Crowd(lambda: node.address, "/events/ticks?from=earliest", 60) as crowd:
            before = limit_files(node.pid, open_files(node.pid) + 20)
            began, used = time.monotonic(), cpu_seconds(node.pid)
            crowd.run(lambda: time.monotonic() - began > 3 * PATIENCE, 10)
            self.assertLess(cpu_seconds(node.pid) - used, 1 * PATIENCE, "it spins")
            self.assertLessEqual(sum(member.opened for member in crowd.members), 20)
            self.assertGreater(sum(member.opened for member in crowd.members), 0)
            node.wait_for_log("out of file descriptors")
            limit_files(node.pid, before)
            freed = time.monotonic()
            crowd.run(crowd.all_open, 20, "the waiting readers")
            normal_s = time.monotonic() - freed
            beyond = follower.numbers[-1] + 50
            crowd.run(lambda: crowd.all_have(beyond), 20, "the events")
            follower.wait_for(beyond)
            crowd.check()
            self.assertLess(follower.longest_silence(), 2 * PATIENCE, "an open stream waited")
            self.assertGreater(metrics.read(node).value("sluice_http_accept_pauses_total"), 0)
            audit = Audit(follower, follower.numbers[-1] + 1)
            Books(node).copies_balance()
        self.tell(f"open streams: {audit.text()}; new ones wait until there is room",
                  "balance; `sluice_http_accept_pauses_total` counts", normal_s)


class Memory(FaultTest):
    @fault("The memory for history is used up (`limits.history`)")
    def test_historyBound(self):
        config = """
            publish: {key: test-key}
            limits: {history: 4MiB}
            channels: {"{any**}": {history: {events: 100000, bytes: 1GiB}}}
        """
        with Sluice(config) as node:
            with Stream(node.address, "/events/numbers") as away:
                away.read_until(lambda reader: reader.events)
                publish(node, 0, 100, PADDING)
                away.read_events(100)
            kib = node.rss_kib()
            with Follower(node, "/events/numbers", number, away.last_id) as follower:
                for first in range(100, 5000, 100):  # 15 MB
                    publish(node, first, first + 100, PADDING)
                    follower.wait_for(first + 99)
                readers = Audit(follower, 5000, first=100).text()
            page = metrics.read(node)
            self.assertLessEqual(page.value("sluice_history_bytes"), 4 * 1024 * 1024)
            self.assertGreater(page.value("sluice_evicted_total", reason="total"), 0)
            if PATIENCE == 1:  # sanitizers keep what was freed
                self.assertLess(node.rss_kib() - kib, 16 * 1024)
            with Follower(node, "/events/numbers", number, away.last_id) as late:
                late.wait_for(4999)
                late_text = Audit(late, 5000, first=100).text()
            books = balanced(node, {"http": 5000})
        self.tell(f"who keeps up: {readers}; who comes late: {late_text}",
                  f"{books}; evicted as `total`; memory stays", None)

    @fault("There are more channels than may be (`limits.channels`), all of them quiet")
    def test_quietChannels(self):
        with Sluice(self.CHANNELS) as node:
            with Stream(node.address, "/events/c0") as away:
                away.read_until(lambda reader: reader.events)
                publish(node, 0, 2, channel="c0")
                away.read_events(1)
            first_id = away.reader.user_events[0].last_id
            for n in range(1, 300):
                publish(node, n, n + 1, channel=f"c{n}")
            page = metrics.read(node)
            self.assertEqual(page.value("sluice_channels"), 100)
            with Follower(node, "/events/c0", number, first_id) as back:
                publish(node, 2, 3, channel="c0")
                back.wait_for(2)
                text = Audit(back, 3, first=1).text()
            metrics.wait_total(node, 1, "sluice_gaps_total", reason="evicted")
            books = balanced(node, {"http": 302})
            self.assertEqual(metrics.read(node).value("sluice_evicted_total", reason="channels"),
                             202)
        self.tell(f"of a channel that had to go: {text}", f"{books}; evicted as `channels`", None)

    CHANNELS = """
        publish: {key: test-key}
        limits: {channels: 100}
    """

    @fault("There are more channels than may be, and all of them have readers")
    def test_channelsWithReaders(self):
        with Sluice(self.CHANNELS) as node:
            held = ["/events?channels=" + ",".join(f"c{n}" for n in range(*part))
                    for part in ((0, 50), (50, 100))]
            streams = [self.enterContext(Stream(node.address, target)) for target in held]
            for stream in streams:
                stream.read_until(lambda reader: reader.events)
            for n in range(100):
                publish(node, n, n + 1, channel=f"c{n}")
            with Follower(node, "/events?channels=c0,other", number) as reader:
                for n in range(100, 110):
                    answer = ask(node.address, "POST", "/publish",
                                 json.dumps({"channel": "other", "data": str(n)}),
                                 {"Authorization": "Bearer test-key"})
                    self.assertEqual((answer.status, answer.json()["error"]["code"]),
                                     (503, "no-room"))
                publish(node, 110, 111, channel="c0")
                reader.wait_for(110)
                text = Audit(reader, 111, first=100).text()
            self.assertEqual(metrics.read(node).value("sluice_lost_events_total",
                                                      reason="channels"), 10)
            wait_until(lambda: metrics.read(node).total("sluice_gaps_total", reason="lost") > 0)
            for stream, events in zip(streams, (51, 50)):
                stream.read_events(events)
                stream.close()
            books = balanced(node, {"http": 111})
        self.tell(f"of the channels that are there: every event once; of one more: {text}",
                  f"{books}; `sluice_lost_events_total` counts", None)


class Clock(FaultTest):
    CONFIG = """
        publish: {key: test-key}
        delivery: {retry: 10ms, keepalive: 1s}
    """

    def through(self, shift):
        """A hundred events before, while and after the clock is wrong; what a reader saw that is
        live, and one that comes back with its id from before; the books."""
        with OtherClock() as clock, Sluice(self.CONFIG, environment=clock.environment) as node, \
                Follower(node, "/events/numbers", number) as follower:
            sent, before = 0, follower.last_id
            for shift_s in (0, shift, 0):
                clock.step(shift_s)
                if shift_s > 0:  # what is older than its age, says the clock
                    wait_until(lambda: self.aged(node) == sent, 10, "the eviction by age")
                publish(node, sent, sent + 100)
                sent += 100
                follower.wait_for(sent - 1)
                with node.stream("/events/numbers") as quiet:
                    quiet.read_until(lambda reader: reader.controls("at"), 5)  # a ping
            live = Audit(follower, sent).text()
            with Follower(node, "/events/numbers", number, before) as late:
                late.wait_for(sent - 1)
                back = Audit(late, sent).text()
            with node.stream("/events/numbers?since=-10s") as recent:
                recent.read_until(lambda reader: reader.user_events and
                                  number(reader.user_events[-1]) == sent - 1)
            return live, back, balanced(node, {"http": sent})

    @staticmethod
    def aged(node):
        return metrics.read(node).total("sluice_evicted_total", reason="age")

    @fault("The clock steps back by two days, and forth again")
    def test_back(self):
        live, back, books = self.through(-2 * DAY_S)
        self.tell(f"live: {live}; with an id from before: {back}", books, None)

    @fault("The clock steps forth by two days, and back again")
    def test_forth(self):
        live, back, books = self.through(2 * DAY_S)
        self.tell(f"live: {live}; with an id from before (history is too old at once): {back}",
                  f"{books}; evicted as `age`", None)


if __name__ == "__main__":
    main()
