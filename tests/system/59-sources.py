#!/usr/bin/env python3
"""What a source may do to a reader that is away: the table of docs/reliability.md, row by row,
against a real Kafka and a real Redis. Each row has a reader that comes back with its id, to the node
that ran all the time or to one that was down meanwhile."""
import json
import signal
import subprocess
import time

from system import Sluice, SystemTest, main, wait_until
from kafka import KafkaBroker
from redis_server import Redis
from states import wait_state

CONFIG = """
    inputs:
      in: {%s}
    mappings:
      - {from: "in:%s", channel: c}
    delivery: {retry: 10ms}
"""


def gaps_of(stream):
    """[(reason, lane, from, to)] of all gaps told."""
    nowhere = {"lane": None, "from": None, "to": None}
    told = [json.loads(event.data) for event in stream.reader.controls("gap")]
    return [(gap["reason"], lane["lane"], lane["from"], lane["to"])
            for one in told for gap in (one if isinstance(one, list) else [one])
            for lane in gap["lanes"] or [nowhere]]


class Row(SystemTest):
    """A reader of the channel `c`."""

    def read_and_leave(self, node, add, count):
        """Comes while nothing is there, reads what add() adds; its id."""
        with node.stream("/events/c") as stream:
            stream.read_until(lambda reader: reader.events)
            add()
            stream.read_events(count, 20)
            # What it read last may be told of by a later block only.
            return stream.last_id

    def come_back(self, node, last_id, count, seconds=30):
        """The texts that it gets, and the gaps."""
        with node.stream("/events/c", last_id) as stream:
            stream.read_until(
                lambda reader: len(reader.user_events) >= count and reader.events, seconds)
            stream.read_for(0.3)  # nothing more may come
            self.assert_clean(stream)
        return [self.text(event) for event in stream.reader.user_events], gaps_of(stream)

    def assert_gone(self, gaps, reason, *where):
        """Told for that reason, or as what the channel does not keep, or as what the source keeps
        no more (when it is asked first); told twice is allowed."""
        self.assertTrue(gaps)
        self.assertLessEqual(set(gaps), {(r, *where) for r in (reason, "evicted", "expired")})

    @staticmethod
    def text(event):
        return event.data


class Kafka(Row):
    @classmethod
    def setUpClass(cls):
        cls.kafka = cls.enterClassContext(KafkaBroker())

    def node(self, topic):
        node = self.enterContext(Sluice(CONFIG % (
            f'plugin: kafka, brokers: "{self.kafka.bootstrap}"', topic)))
        wait_state(node, "running/running")
        return node

    def add(self, topic, prefix, first, beyond, partition=0, key=None):
        self.kafka.produce(topic, [(key, f"{prefix}{n}") for n in range(first, beyond)], partition)

    def begin(self, topic, config=None, key=None):
        """A node, and the id of a reader that has had old0 to old4."""
        self.kafka.create_topic(topic, 1, config)
        node = self.node(topic)
        return node, self.read_and_leave(node, lambda: self.add(topic, "old", 0, 5, key=key), 5)

    def make_anew(self, topic):
        self.kafka.delete_topic(topic)
        self.kafka.create_topic(topic, 1)

    def transaction(self, topic, values, commits):
        """kcat commits at the end of its input. One that was killed before leaves an open
        transaction, which the next one of that topic aborts."""
        kcat = subprocess.Popen(
            ["kcat", "-P", "-q", "-b", self.kafka.bootstrap, "-t", topic, "-p", "0",
             "-X", f"transactional.id={topic}", "-X", "linger.ms=0"],
            stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
        kcat.stdin.write("".join(f"{value}\n" for value in values).encode())
        kcat.stdin.flush()
        if not commits:
            wait_until(lambda: values[0] in self.values(topic, "read_uncommitted"), 20,
                       "the records of the transaction")
            kcat.kill()
        kcat.stdin.close()
        kcat.wait(30)

    def values(self, topic, isolation="read_committed"):
        """What is in partition 0, by another client."""
        found = subprocess.run(
            ["kcat", "-C", "-q", "-e", "-b", self.kafka.bootstrap, "-t", topic, "-p", "0", "-o",
             "beginning", "-X", f"isolation.level={isolation}"],
            capture_output=True, text=True, timeout=30, check=True)
        return found.stdout.split()

    # -- recreated

    def test_recreatedWithFewerRecords_nodeUp(self):
        node, last_id = self.begin("fewer")
        self.kafka.delete_topic("fewer")
        wait_state(node, "degraded/topic-missing")
        self.kafka.create_topic("fewer", 1)
        self.add("fewer", "new", 0, 2)
        texts, gaps = self.come_back(node, last_id, 2)
        self.assertEqual(texts, ["new0", "new1"])
        self.assertEqual({gap[:2] for gap in gaps}, {("reset", "in:fewer/0")})

    def test_recreatedWithFewerRecords_nodeDown(self):
        node, last_id = self.begin("fewer-down")
        node.stop()
        self.make_anew("fewer-down")
        self.add("fewer-down", "new", 0, 2)
        node.start()
        texts, gaps = self.come_back(node, last_id, 2)
        self.assertEqual(texts, ["new0", "new1"])
        self.assertEqual({gap[:2] for gap in gaps}, {("reset", "in:fewer-down/0")})

    def test_recreatedWithMoreRecords_nodeUp(self):
        """Who is there is told; who comes back only then, from its place on, is not."""
        node, last_id = self.begin("more")
        with node.stream("/events/c", last_id) as other:
            other.read_until(lambda reader: reader.events)
            self.make_anew("more")
            self.add("more", "new", 0, 8)
            wanted = [f"new{n}" for n in range(8)]
            other.read_until(lambda reader:
                             [e.data for e in reader.user_events][-8:] == wanted, 30)
            self.assertEqual([reason for reason, *_ in gaps_of(other)], ["reset"])
        texts, gaps = self.come_back(node, last_id, 3)
        self.assertEqual(texts, wanted[5:])
        self.assertEqual(gaps, [])

    def test_recreatedWithMoreRecords_nodeDown_isAHoleThatNobodySees(self):
        node, last_id = self.begin("unseen")
        node.stop()
        self.make_anew("unseen")
        self.add("unseen", "new", 0, 8)
        node.start()
        texts, gaps = self.come_back(node, last_id, 3)
        self.assertEqual(texts, ["new5", "new6", "new7"])
        self.assertEqual(gaps, [])

    def test_deletedForGood_nodeDown(self):
        node, last_id = self.begin("gone")
        node.stop()
        self.kafka.delete_topic("gone")
        node.start()
        wait_state(node, "degraded/topic-missing")
        self.assertEqual([gap[0] for gap in self.come_back(node, last_id, 0)[1]], ["approximate"])

    # -- truncated, overtaken

    def test_truncated_nodeUp(self):
        node, last_id = self.begin("cut-up")
        self.add("cut-up", "more", 5, 10)
        with node.stream("/events/c?from=-1") as other:  # the node has read them
            other.read_until(lambda reader:
                             any(e.data == "more9" for e in reader.user_events), 20)
        self.kafka.delete_records("cut-up", 0, 8)
        texts, gaps = self.come_back(node, last_id, 5)
        self.assertEqual(texts, [f"more{n}" for n in range(5, 10)])
        self.assertEqual(gaps, [])

    def test_truncated_nodeDown(self):
        node, last_id = self.begin("cut-down")
        node.stop()
        self.add("cut-down", "more", 5, 10)
        self.kafka.delete_records("cut-down", 0, 8)
        node.start()
        texts, gaps = self.come_back(node, last_id, 2)
        self.assertEqual(texts, ["more8", "more9"])
        self.assert_gone(gaps, "expired", "in:cut-down/0", "5", "8")

    def test_overtakenByRetention(self):
        node, last_id = self.begin("slow")
        node.send_signal(signal.SIGSTOP)
        try:
            time.sleep(0.5)  # what was asked for has been answered: nothing is on its way
            self.add("slow", "more", 5, 10)
            self.kafka.delete_records("slow", 0, 8)
        finally:
            node.send_signal(signal.SIGCONT)
        texts, gaps = self.come_back(node, last_id, 2)
        self.assertEqual(texts, ["more8", "more9"])
        self.assert_gone(gaps, "lost", "in:slow/0", "5", "8")

    # -- holes

    def test_compacted_nodeDown(self):
        node, last_id = self.begin("compacted", key="k", config={
            "cleanup.policy": "compact", "segment.ms": "100", "min.cleanable.dirty.ratio": "0.001",
            "max.compaction.lag.ms": "100"})
        node.stop()
        self.kafka.produce("compacted", [(f"k{n % 2}", f"new{n}") for n in range(20)], 0)

        def is_compacted():
            self.kafka.produce("compacted", [("last", "last")], 0)  # a new segment
            return [v for v in self.values("compacted") if v[:3] == "new"] == ["new18", "new19"]
        wait_until(is_compacted, 30, "the compaction")
        node.start()
        texts, gaps = self.come_back(node, last_id, 3)
        self.assertEqual([text for text in texts if text != "last"], ["new18", "new19"])
        self.assertEqual(gaps, [])

    def test_transactions_nodeUp(self):
        node, last_id = self.begin("transactions")
        self.transact("transactions")
        texts, gaps = self.come_back(node, last_id, 4)
        self.assertEqual(texts, ["a0", "a1", "c0", "last0"])
        self.assertEqual(gaps, [])

    def test_transactions_nodeDown(self):
        node, last_id = self.begin("transactions-down")
        node.stop()
        self.transact("transactions-down")
        node.start()
        texts, gaps = self.come_back(node, last_id, 4)
        self.assertEqual(texts, ["a0", "a1", "c0", "last0"])
        self.assertEqual(gaps, [])

    def transact(self, topic):
        self.transaction(topic, ["a0", "a1"], commits=True)
        # Long ones: kcat takes its input by the block.
        self.transaction(topic, [f"b{n}" + "." * 5000 for n in range(9)], commits=False)
        self.transaction(topic, ["c0"], commits=True)
        self.add(topic, "last", 0, 1)

    # -- partitions

    def test_partitionsAdded_nodeUp(self):
        node, last_id = self.begin("grown")
        self.kafka.add_partitions("grown", 3)
        self.add("grown", "new", 0, 3, partition=2)
        texts, gaps = self.come_back(node, last_id, 3)
        self.assertEqual(texts, ["new0", "new1", "new2"])
        self.assertEqual(gaps, [])

    def test_partitionsAdded_nodeDown(self):
        node, last_id = self.begin("grown-down")
        node.stop()
        self.kafka.add_partitions("grown-down", 3)
        self.add("grown-down", "new", 0, 3, partition=2)
        node.start()
        texts, gaps = self.come_back(node, last_id, 3)
        self.assertEqual(texts, ["new0", "new1", "new2"])
        self.assertEqual(gaps, [])


class RedisStreams(Row):
    @classmethod
    def setUpClass(cls):
        cls.redis = cls.enterClassContext(Redis())

    @staticmethod
    def text(event):
        return json.loads(event.data)["v"]

    def add(self, key, prefix, first, beyond):
        self.redis.all([("XADD", key, f"{n}-0", "v", f"{prefix}{n}") for n in range(first, beyond)])

    def begin(self, key):
        """A node, and the id of a reader that has had old1 to old5."""
        self.redis("XGROUP", "CREATE", key, "none", "0", "MKSTREAM")
        node = self.enterContext(Sluice(CONFIG % (
            f'plugin: redis, server: "redis://{self.redis.address}", streams: ["{key}"]', key)))
        wait_state(node, "running/running")
        return node, self.read_and_leave(node, lambda: self.add(key, "old", 1, 6), 5)

    def make_anew(self, key, commands):
        self.redis.all([("MULTI",), ("DEL", key), *commands, ("EXEC",)])

    def new(self, key, first, beyond):
        return [("XADD", key, f"{n}-0", "v", f"new{n}") for n in range(first, beyond)]

    def test_trimmed_nodeUp(self):
        node, last_id = self.begin("cut-up")
        self.add("cut-up", "more", 6, 11)
        with node.stream("/events/c?from=-1") as other:  # the node has read them
            other.read_until(lambda reader: any("more10" in e.data for e in reader.user_events), 20)
        self.redis("XTRIM", "cut-up", "MAXLEN", 2)
        texts, gaps = self.come_back(node, last_id, 5)
        self.assertEqual(texts, [f"more{n}" for n in range(6, 11)])
        self.assertEqual(gaps, [])

    def test_trimmed_nodeDown(self):
        node, last_id = self.begin("cut-down")
        node.stop()
        self.add("cut-down", "more", 6, 11)
        self.redis("XTRIM", "cut-down", "MAXLEN", 2)
        node.start()
        texts, gaps = self.come_back(node, last_id, 2)
        self.assertEqual(texts, ["more9", "more10"])
        self.assert_gone(gaps, "expired", "in:cut-down/0", "5-1", "9-0")

    def test_overtakenByTrimming(self):
        node, last_id = self.begin("slow")
        node.send_signal(signal.SIGSTOP)
        try:
            time.sleep(0.3)  # what was asked for has been answered: nothing is on its way
            self.add("slow", "more", 6, 11)
            self.redis("XTRIM", "slow", "MAXLEN", 2)
        finally:
            node.send_signal(signal.SIGCONT)
        texts, gaps = self.come_back(node, last_id, 2)
        self.assertEqual(texts, ["more9", "more10"])
        self.assert_gone(gaps, "lost", "in:slow/0", "5-1", "9-0")

    def test_entriesDeleted_nodeDown(self):
        node, last_id = self.begin("holes")
        node.stop()
        self.add("holes", "more", 6, 11)
        self.redis("XDEL", "holes", "7-0", "8-0")
        node.start()
        texts, gaps = self.come_back(node, last_id, 3)
        self.assertEqual(texts, ["more6", "more9", "more10"])
        self.assertEqual(gaps, [])

    def restore(self, key):
        """A copy of the key is what a dump of the database has of it."""
        self.redis("RENAME", f"{key}-dump", key)

    def test_restoredFromAnOlderDump_nodeUp(self):
        node, last_id = self.begin("restored")
        self.redis("COPY", "restored", "restored-dump")
        with node.stream("/events/c", last_id) as stream:
            self.add("restored", "more", 6, 9)
            stream.read_events(3)
            last_id = stream.last_id
        self.restore("restored")
        texts, gaps = self.come_back(node, last_id, 5)
        self.assertEqual(texts, [f"old{n}" for n in range(1, 6)])
        self.assertEqual({gap[:2] for gap in gaps}, {("reset", "in:restored/0")})

    def test_restoredFromAnOlderDump_nodeDown(self):
        node, last_id = self.begin("restored-down")
        self.redis("COPY", "restored-down", "restored-down-dump")
        with node.stream("/events/c", last_id) as stream:
            self.add("restored-down", "more", 6, 9)
            stream.read_events(3)
            last_id = stream.last_id
        node.stop()
        self.restore("restored-down")
        node.start()
        texts, gaps = self.come_back(node, last_id, 5)
        self.assertEqual(texts, [f"old{n}" for n in range(1, 6)])
        self.assertEqual({gap[:2] for gap in gaps}, {("reset", "in:restored-down/0")})

    def test_madeAnewWithHigherIds_nodeUp(self):
        """Who is there is told; who comes back only then, from its place on, is not."""
        node, last_id = self.begin("higher")
        with node.stream("/events/c", last_id) as other:
            other.read_until(lambda reader: reader.events)
            self.make_anew("higher", self.new("higher", 4, 7))
            self.assertEqual([self.text(event) for event in other.read_events(3, 20)],
                             ["new4", "new5", "new6"])
            self.assertEqual([reason for reason, *_ in gaps_of(other)], ["reset"])
        texts, gaps = self.come_back(node, last_id, 1)
        self.assertEqual(texts, ["new6"])
        self.assertEqual(gaps, [])

    def test_madeAnewWithHigherIds_nodeDown_isAHoleThatNobodySees(self):
        node, last_id = self.begin("unseen")
        node.stop()
        self.make_anew("unseen", self.new("unseen", 4, 9))
        node.start()
        texts, gaps = self.come_back(node, last_id, 3)
        self.assertEqual(texts, ["new6", "new7", "new8"])
        self.assertEqual(gaps, [])

    def test_madeAnewWithLowerIds_nodeDown(self):
        node, last_id = self.begin("lower")
        node.stop()
        self.make_anew("lower", self.new("lower", 1, 3))
        node.start()
        texts, gaps = self.come_back(node, last_id, 2)
        self.assertEqual(texts, ["new1", "new2"])
        self.assertEqual({gap[:2] for gap in gaps}, {("reset", "in:lower/0")})

    def test_deletedForGood_nodeDown(self):
        node, last_id = self.begin("gone")
        node.stop()
        self.redis("DEL", "gone")
        node.start()
        wait_state(node, "degraded/stream-missing")
        self.assertEqual([gap[0] for gap in self.come_back(node, last_id, 0)[1]], ["approximate"])


if __name__ == "__main__":
    main()
