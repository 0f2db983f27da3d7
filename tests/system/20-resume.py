#!/usr/bin/env python3
"""Cut anywhere, come back with the last id, find every event once and in order."""
import json
import random
import re
import signal

from system import PUBLISH, ForgetfulReader, Reader, Sluice, Stream, SystemTest, main
import clients
from cutting_proxy import CuttingProxy

# A source that can be read again: an id means the same after a restart and on other nodes.
SOURCE = """
    inputs:
      tick: {plugin: ticker, rate: %d, count: %d, replayable: true}
    mappings:
      - {from: "tick:{all**}", channel: ticks}
    delivery: {retry: 10ms}
"""


def tick_of(event):
    return json.loads(event.data)["n"]


class CutAtEveryByte(SystemTest):
    COUNT = 12

    @classmethod
    def setUpClass(cls):
        cls.node = cls.enterClassContext(Sluice(PUBLISH))
        cls.node.publish_numbers("walk", 0, cls.COUNT)
        cls.target = "/events/walk?from=earliest"

    def walk(self, reader_class, **options):
        """One connection for each length of the first answer, each followed by another."""
        with self.node.stream(self.target, **options) as stream:
            stream.read_events(self.COUNT)
            length = stream.wire_bytes
        for cut in range(1, length):
            with self.node.stream(self.target, reader=reader_class(), **options) as stream:
                self.assertTrue(stream.read_wire(cut))
                first, last_id = stream.reader, stream.last_id
            with self.node.stream(self.target, last_id, reader=reader_class(),
                                  **options) as stream:
                rest = stream.read_events(self.COUNT - len(first.user_events))
            with self.subTest(cut_after=cut):
                self.assert_numbers(first.user_events + rest, 0, self.COUNT)

    def test_theStandardsReaderHasEveryEventOnce(self):
        self.walk(Reader)

    def test_aReaderThatForgetsIdsWithoutDataToo(self):
        self.walk(ForgetfulReader)

    def test_aReaderOfHttp10Too(self):
        self.walk(Reader, version="1.0")


class CutWhileLive(SystemTest):
    def test_cutsAtRandomBytesOfARunningStreamLoseNothing(self):
        seed = random.SystemRandom().randrange(2**32)
        chance = random.Random(seed)
        with Sluice(SOURCE % (400, 1200)) as node, self.subTest(seed=seed):
            events, last_id = [], None
            while len(events) < 1200:
                cut, left = chance.randrange(1, 12_000), 1200 - len(events)
                with node.stream("/events/ticks?from=earliest", last_id) as stream:
                    stream.read_until(lambda reader: stream.wire_bytes >= cut or
                                      len(reader.user_events) >= left, piece=cut % 97 + 1)
                    events += stream.reader.user_events
                    last_id = stream.last_id or last_id
            self.assertEqual([tick_of(event) for event in events], list(range(1200)))


class RealClients(SystemTest):
    """Through a proxy that cuts each stream one byte earlier than the one before."""
    COUNT, LONGEST = 200, 420

    @classmethod
    def setUpClass(cls):
        cls.node = cls.enterClassContext(Sluice(PUBLISH))
        cls.node.publish_numbers("cut", 0, cls.COUNT)

    def budget(self, number):
        return self.LONGEST - number if number < self.LONGEST - 1 else None

    def read(self, client):
        with CuttingProxy(self.node.address, self.budget) as proxy:
            url = f"{proxy.url}/events/cut?from=earliest"
            if client == "httpx-sse":
                events = clients.read_with_httpx(url, self.COUNT)
            else:
                events = clients.read_with(client, url, self.COUNT)
            self.assertGreater(proxy.cuts, 20)
        self.assert_numbers([event for event in events if not event.is_control], 0, self.COUNT)

    def test_eventsource(self):
        self.read("eventsource")

    def test_eventsourceClient(self):
        self.read("eventsource-client")

    def test_chromium(self):
        self.read("chromium")

    def test_httpxSse(self):
        self.read("httpx-sse")

    def test_curl(self):
        events, last_id = [], ""
        with CuttingProxy(self.node.address, lambda number: 300 + 7 * number) as proxy:
            while len(events) < self.COUNT:
                url = f"{proxy.url}/events/cut?from=earliest&limit={self.COUNT - len(events)}"
                arguments = ["-H", f"Last-Event-ID: {last_id}"] if last_id else []
                reader = Reader()
                reader.feed(clients.read_with_curl(url, *arguments))
                events += reader.user_events
                last_id = reader.last_id or last_id
            self.assertGreater(proxy.cuts, 10)
        self.assert_numbers(events, 0, self.COUNT)


class Restarts(SystemTest):
    def test_aReplayableSourceGoesOnExactlyAfterAKill(self):
        with Sluice(SOURCE % (300, 900)) as node:
            events, last_id = [], None
            for how in (signal.SIGKILL, signal.SIGTERM, None):
                node.wait_ready()
                with node.stream("/events/ticks?from=earliest", last_id) as stream:
                    wanted = 900 - len(events) if how is None else 150
                    events += stream.read_events(wanted, 20)
                    last_id = events[-1].last_id
                    self.assertEqual(stream.reader.controls("gap"), [])
                if how is not None:
                    node.restart(how)
            ticks = [tick_of(event) for event in events]
            self.assertEqual(ticks, list(range(ticks[0], ticks[0] + 900)))

    def test_aSourceThatCannotReplaySaysSo(self):
        with Sluice(PUBLISH) as node:
            node.publish_numbers("plain", 0, 5)
            with node.stream("/events/plain?from=earliest") as stream:
                last_id = stream.read_events(5)[-1].last_id
            node.restart()
            with node.stream("/events/plain", last_id) as stream:
                stream.read_until(lambda reader: reader.controls("gap"))
                gap = gaps_of(stream.reader)[0]
                self.assertEqual((gap["reason"], gap["mayRepeat"]), ("approximate", True))
                node.publish_numbers("plain", 5, 8)
                self.assert_numbers(stream.read_events(3), 5, 8)


def gaps_of(reader):
    gaps = []
    for event in reader.controls("gap"):
        told = json.loads(event.data)
        gaps += told if isinstance(told, list) else [told]
    return gaps


class Ids(SystemTest):
    @classmethod
    def setUpClass(cls):
        cls.node = cls.enterClassContext(Sluice(PUBLISH))
        cls.node.publish_numbers("ids", 0, 20)

    def first_id(self):
        with self.node.stream("/events/ids?from=earliest") as stream:
            return stream.read_events(10)[9].last_id

    def test_everyBrokenIdIsToldAndNeverAnError(self):
        good = self.first_id()
        broken = [good[:length] for length in range(1, len(good))]
        broken += ["0", "1.", "x" * 2000, good.upper(), good + "0", "2" + good[1:]]
        for text in broken:
            with self.subTest(id=text), self.node.stream("/events/ids", text) as stream:
                stream.read_until(lambda reader: reader.controls("gap"))
                self.assertEqual(stream.response.status, 200)
                self.assertEqual([gap["reason"] for gap in gaps_of(stream.reader)], ["bad-id"])
                self.assertEqual(stream.reader.controls("open")[0].last_id, "0")

    def test_theQueryWorksAndTheHeaderWins(self):
        good = self.first_id()
        for name in ("last_event_id", "lastEventId"):
            with self.node.stream(f"/events/ids?{name}={good}") as stream:
                self.assert_numbers(stream.read_events(10), 10, 20)
        with self.node.stream("/events/ids?from=earliest") as stream:
            later = stream.read_events(15)[14].last_id
        with self.node.stream(f"/events/ids?last_event_id={good}", later) as stream:
            self.assert_numbers(stream.read_events(5), 15, 20)

    def test_anIdMeansTheSameForOtherReadersOfTheChannel(self):
        good = self.first_id()
        bodies = set()
        for _ in range(2):
            with self.node.stream("/events/ids?limit=10", good) as stream:
                stream.read_to_end()
                # Its token is each stream's own.
                bodies.add(re.sub(rb'"stream":"[^"]*"', b"", stream.response.body))
        self.assertEqual(len(bodies), 1)


class Evictions(SystemTest):
    def test_whatIsGoneIsTold(self):
        small = PUBLISH + '    channels: {"{any**}": {history: {events: 100}}}\n'
        with Sluice(small) as node:
            node.publish_numbers("small", 0, 1)
            with node.stream("/events/small?from=earliest") as stream:
                last_id = stream.read_events(1)[0].last_id
            node.publish_numbers("small", 1, 1000)
            with node.stream("/events/small", last_id) as stream:
                stream.read_until(lambda reader: int(reader.user_events[-1].data) == 999
                                  if reader.user_events else False)
                gap, = gaps_of(stream.reader)
                first = int(stream.reader.user_events[0].data)
            self.assertEqual((gap["reason"], gap["channel"]), ("evicted", "small"))
            self.assertGreater(first, 1)
            self.assert_numbers(stream.reader.user_events, first, 1000)


class TwoNodes(SystemTest):
    def test_anIdIsCarriedBetweenNodesInFullFlow(self):
        config = SOURCE % (300, 1500)
        with Sluice(config) as left, Sluice(config) as right:
            events, last_id = [], None
            for turn in range(200):
                node = (left, right)[turn % 2]
                with Stream(node.address, "/events/ticks?from=earliest", last_id) as stream:
                    left_over = 1500 - len(events)
                    events += stream.read_events(min(97, left_over), 30)
                    self.assertEqual(gaps_of(stream.reader), [])
                    last_id = events[-1].last_id
                if len(events) == 1500:
                    break
            ticks = [tick_of(event) for event in events]
            self.assertEqual(ticks, list(range(ticks[0], ticks[0] + 1500)))


if __name__ == "__main__":
    main()
