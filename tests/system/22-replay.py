#!/usr/bin/env python3
"""Readers whose id is older than what the node keeps: real Kafka and real Redis Streams are read
again for them, over connections of their own, until they join the log."""
import contextlib
import json
import signal

from system import Sluice, SystemTest, main, wait_until
import metrics
from kafka import KafkaBroker
from redis_server import Redis
from states import gaps, wait_state

COUNT = 3_000
KEPT = 50  # events, at most, of a channel

CONFIG = """
    inputs:
      shop: %s
    mappings:
      - {from: "shop:%s", channel: numbers}
      - {from: "shop:%s", channel: copies}
    channels:
      "{any**}": {%shistory: {events: %d}}
    delivery: {retry: 10ms}
    limits: {%s}
"""


def told_by(stream):
    """All gaps told so far."""
    told = [json.loads(event.data) for event in stream.reader.controls("gap")]
    return [gap for one in told for gap in (one if isinstance(one, list) else [one])]


class Source:
    """What the tests need of a broker, beside its name in the configuration."""

    def config(self, topic, limits="", options="", channel=""):
        return CONFIG % (self.input(topic) % options, topic, topic, channel, KEPT, limits)

    def number(self, event):
        return self.number_of(json.loads(event.data))


class KafkaSource(Source):
    def __init__(self, kafka):
        self.kafka = kafka

    def input(self, topic):
        return '{plugin: kafka, brokers: "%s"%%s}' % self.kafka.bootstrap

    def create(self, topic):
        self.kafka.create_topic(topic, 3)

    def send(self, topic, first, last):
        """Numbers on three partitions."""
        self.kafka.produce(topic, [(f"k{n % 7}", str(n)) for n in range(first, last)])

    @staticmethod
    def number_of(data):
        return data


class RedisSource(Source):
    def __init__(self, redis):
        self.redis = redis

    def input(self, topic):
        return '{plugin: redis, server: "redis://%s", streams: [%s]%%s}' % (
            self.redis.address, topic)

    def create(self, topic):
        self.redis("XGROUP", "CREATE", topic, "none", "0", "MKSTREAM")

    def send(self, topic, first, last):
        self.redis.all([("XADD", topic, "*", "v", n) for n in range(first, last)])

    @staticmethod
    def number_of(data):
        return int(data["v"])


class Readers:
    """The same for each source."""

    def first_id(self, node, target="/events/numbers"):
        with node.stream(target) as stream:
            stream.read_until(lambda reader: reader.events)
            return stream.last_id

    def wait_mapped(self, node, count):
        wait_until(lambda: metrics.read(node).total("sluice_messages_total", result="mapped")
                   >= count, 60, "the node's reading")

    def assert_all_once(self, events, count):
        """Every number once. (Between partitions the order is the node's.)"""
        got = [self.source.number(event) for event in events]
        self.assertEqual(len(got), len(set(got)), "doubled")
        self.assertEqual(sorted(got), list(range(count)))

    @contextlib.contextmanager
    def far_ahead(self, topic, limits="", channel=""):
        """A node that has passed COUNT messages, and an id from before the first of them."""
        self.source.create(topic)
        with Sluice(self.source.config(topic, limits, channel=channel)) as node:
            node.wait_ready()
            wait_state(node, "running/running")
            first_id = self.first_id(node)
            self.source.send(topic, 0, COUNT)
            self.wait_mapped(node, COUNT)
            yield node, first_id

    def test_anIdOlderThanTheLogIsServedWholeAndJoins(self):
        with self.far_ahead("whole") as (node, first_id):
            with node.stream("/events/numbers", first_id) as stream:
                stream.read_events(COUNT, 60)
                for first in range(COUNT, COUNT + 100, 20):  # live, with less than is kept
                    self.source.send("whole", first, first + 20)
                    events = stream.read_events(first + 20, 60)
                self.assert_all_once(events, COUNT + 100)
                self.assert_clean(stream)
                self.assertEqual(gaps(stream), [])
            # Of the books nothing is counted twice.
            metrics.wait_total(node, COUNT + 100, "sluice_messages_total", result="mapped")
            page = metrics.read(node)
            self.assertGreater(page.total("sluice_replay_messages_total"), COUNT - 2 * KEPT)
            self.assertEqual(page.total("sluice_replay_refused_total"), 0)
            wait_until(lambda: metrics.read(node).total("sluice_replays") == 0)

    def test_aRestartedNodeThatBeginsAtTheEndServesIt(self):
        self.source.create("late")
        with Sluice(self.source.config("late", options=", rewind: 0s")) as node:
            node.wait_ready()
            wait_state(node, "running/running")
            first_id = self.first_id(node)
            self.source.send("late", 0, COUNT)
            self.wait_mapped(node, COUNT)
            node.restart()
            node.wait_ready()
            wait_state(node, "running/running")
            self.assertEqual(metrics.read(node).total("sluice_history_events"), 0)
            with node.stream("/events/numbers", first_id) as stream:
                self.assert_all_once(stream.read_events(COUNT, 60), COUNT)
                self.source.send("late", COUNT, COUNT + 10)
                self.assert_all_once(stream.read_events(COUNT + 10, 60), COUNT + 10)
                self.assertEqual(gaps(stream), [])

    def test_aClientThatIsCutInTheMiddleAgainAndAgainMissesNothing(self):
        with self.far_ahead("cut") as (node, last_id):
            events = []
            for part in (1, 500, 700, 1_100):
                with node.stream("/events/numbers", last_id) as stream:
                    events += stream.read_events(part, 60)
                    last_id = events[-1].last_id
                    self.assertEqual(gaps(stream), [])
            with node.stream("/events/numbers", last_id) as stream:
                events += stream.read_events(COUNT - len(events), 60)
                self.assertEqual(gaps(stream), [])
            self.assert_all_once(events, COUNT)
            wait_until(lambda: metrics.read(node).total("sluice_replays") == 0)

    def test_aSlowReaderMakesTheSourceWaitAndGetsAll(self):
        with self.far_ahead("slow", "replay_events: 100") as (node, first_id):
            with node.stream("/events/numbers", first_id, receive_buffer=4_096) as stream:
                wait_until(lambda: metrics.read(node).total("sluice_replay_messages_total") > 100)
                self.assertLessEqual(metrics.read(node).total("sluice_replay_events"), 100)
                self.assert_all_once(stream.read_events(COUNT, 60), COUNT)
                self.assertEqual(gaps(stream), [])

    def test_aTimeReachesBackIntoTheSource(self):
        with self.far_ahead("timed") as (node, _):
            with node.stream("/events/numbers?since=-10min") as stream:
                self.assert_all_once(stream.read_events(COUNT, 60), COUNT)
                self.source.send("timed", COUNT, COUNT + 10)
                self.assert_all_once(stream.read_events(COUNT + 10, 60), COUNT + 10)
                self.assertEqual(gaps(stream), [])

    def test_aReaderWithAFilterAndAnEnvelopeIsServedToo(self):
        with self.far_ahead("filtered", channel="filter: true, ") as (node, first_id):
            wanted = [n for n in range(COUNT) if "77" in str(n)]
            target = "/events/numbers?envelope=json&filter=data.contains(%2277%22)"
            with node.stream(target, first_id) as stream:
                events = [json.loads(event.data) for event in stream.read_events(len(wanted), 60)]
                self.assertEqual({event["channel"] for event in events}, {"numbers"})
                self.assertGreater(min(event["time"] for event in events), 1_700_000_000_000)
                self.assertEqual(sorted(self.source.number_of(event["data"]) for event in events),
                                 wanted)
                self.assertEqual(gaps(stream), [])


class Kafka(Readers, SystemTest):
    @classmethod
    def setUpClass(cls):
        cls.source = KafkaSource(cls.enterClassContext(KafkaBroker()))


class RedisStreams(Readers, SystemTest):
    @classmethod
    def setUpClass(cls):
        cls.source = RedisSource(cls.enterClassContext(Redis()))

    def test_equalReadersShareOneReplay(self):
        with self.far_ahead("shared", "replays: 1") as (node, first_id):
            self.source.redis.freeze()
            try:
                readers = [node.stream("/events/numbers", first_id),
                           node.stream("/events/numbers?envelope=json", first_id)]
                for reader in readers:
                    reader.read_until(lambda r: r.events)
                wait_until(lambda: metrics.read(node).total("sluice_replay_shared_total") == 1)
                self.assertEqual(metrics.read(node).total("sluice_replays"), 1)
            finally:
                self.source.redis.thaw()
            for reader in readers:
                with reader:
                    self.assertEqual(len(reader.read_events(COUNT, 60)), COUNT)
                    self.assertEqual(gaps(reader), [])

    def test_aReloadChangesTheBounds(self):
        with self.far_ahead("bounds", "replays: 0") as (node, first_id):
            with node.stream("/events/numbers", first_id) as stream:
                stream.read_until(lambda reader: reader.controls("gap"))
                self.assertEqual(told_by(stream)[0]["reason"], "busy")
            node.configure(self.source.config("bounds", "replays: 1, replay_events: 100"))
            changes = node.reload().json()["changes"]
            self.assertEqual((changes["limits"], changes["needRestart"]),
                             (["limits.replay_events", "limits.replays"], []))
            with node.stream("/events/numbers", first_id, receive_buffer=4_096) as stream:
                wait_until(lambda: metrics.read(node).total("sluice_replay_messages_total") > 100)
                self.assertLessEqual(metrics.read(node).total("sluice_replay_events"), 100)
                self.assert_all_once(stream.read_events(COUNT, 60), COUNT)
                self.assertEqual(gaps(stream), [])
            self.assertEqual(node.reload().json()["changes"]["limits"], [])

    def test_atTheBoundItIsToldAndWhatIsKeptComes(self):
        with self.far_ahead("busy", "replays: 1") as (node, first_id):
            self.source.redis.freeze()
            try:
                with node.stream("/events/numbers", first_id) as first:
                    first.read_until(lambda reader: reader.events)
                    wait_until(lambda: metrics.read(node).total("sluice_replays") == 1)
                    with node.stream("/events/copies", first_id) as other:
                        told = other.read_events(1)
                        gap = told_by(other)[0]
                        self.assertEqual((gap["reason"], gap["channel"], gap["mayRepeat"]),
                                         ("busy", "copies", False))
                        self.assertGreaterEqual(self.source.number(told[0]), COUNT - KEPT)
                metrics.wait_total(node, 1, "sluice_replay_refused_total", reason="busy")
                metrics.wait_total(node, 1, "sluice_gaps_total", reason="busy")
            finally:
                self.source.redis.thaw()

    def test_aTimeThatTheSourceDoesNotAnswerIsTold(self):
        with self.far_ahead("silent") as (node, _):
            self.source.redis.freeze()
            try:
                with node.stream("/events/numbers?since=-10min") as stream:
                    first = self.source.number(stream.read_events(1)[0])
                    gap, = told_by(stream)
                    self.assertEqual((gap["reason"], gap["channel"]), ("evicted", "numbers"))
                    self.assertGreaterEqual(first, COUNT - KEPT)
            finally:
                self.source.redis.thaw()

    def test_aStuckReaderIsToldInADrainWhatItsLastIdPasses(self):
        count, redis = 3_000, self.source.redis
        self.source.create("drained")
        with Sluice(self.source.config("drained")) as node:
            node.wait_ready()
            wait_state(node, "running/running")
            with node.stream("/events/numbers", receive_buffer=4_096) as stream:
                stream.read_until(lambda reader: reader.events)
                for last in range(100, count + 1, 100):  # each time more than a socket takes
                    redis.all([("XADD", "drained", "*", "v", n, "pad", "x" * 4_000)
                               for n in range(last - 100, last)])
                    self.wait_mapped(node, last)
                node.send_signal(signal.SIGTERM)
                stream.read_to_end(20)
                last_id, told = stream.last_id, told_by(stream)
                had = {self.source.number(event) for event in stream.reader.user_events}
            self.assertLess(len(had), count, "it was not stuck")
            node.restart()
            node.wait_ready()
            with node.stream("/events/numbers", last_id) as stream:
                first = self.source.number(stream.read_events(1, 60)[0])
            lane, = told[-1]["lanes"]
            (_, fields), = redis("XRANGE", "drained", lane["to"], "+", "COUNT", 1)
            untold = set(range(int(fields[1]), first)) - had
            self.assertEqual(untold, set(), "its last id is behind what it was not told of")

    def test_whatTheSourceDroppedIsToldAsExpired(self):
        with self.far_ahead("trimmed") as (node, first_id):
            self.source.redis("XTRIM", "trimmed", "MAXLEN", 1_000)
            with node.stream("/events/numbers", first_id) as stream:
                events = stream.read_events(1_000, 60)
                self.assert_numbers([_Number(self.source.number(event)) for event in events],
                                    COUNT - 1_000, COUNT)
                told = told_by(stream)
                self.assertEqual([(gap["reason"], gap["mayRepeat"]) for gap in told],
                                 [("expired", False)])
                self.assertEqual(told[0]["lanes"][0]["lane"], "shop:trimmed/0")


class _Number:
    def __init__(self, number):
        self.data = str(number)


if __name__ == "__main__":
    main()
