#!/usr/bin/env python3
"""A real Apache Kafka in front, real readers behind: the whole way, and two nodes that die in
turn while ids are carried between them."""
import json
import random
import threading
import time

from system import Sluice, Stream, SystemTest, main, wait_until
import clients
import metrics
from kafka import KafkaBroker, KafkaPipe
from wanderer import Wanderer

CONFIG = """
    inputs:
      shop: {plugin: kafka, brokers: "%s"}
    mappings:
      - {from: "shop:%s.{region}", channel: "%s/{region}"}
    delivery: {retry: 10ms}
"""
KEYS = 24


class Producer:
    """Two kcats with a steady flow: messages "KEY COUNT", each key's counts from 0 upwards."""

    def __init__(self, kafka, topics, per_second):
        self.sent = {}  # (topic, key) -> how many
        self._pipes = [(topic, KafkaPipe(kafka, topic)) for topic in topics]
        self._per_second, self._stop = per_second, threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        """Everything sent is acknowledged when this returns."""
        self._stop.set()
        self._thread.join(30)
        for _, pipe in self._pipes:
            pipe.close()

    def _run(self):
        chance = random.Random(1)
        while not self._stop.wait(0.01):
            for topic, pipe in self._pipes:
                for _ in range(max(1, self._per_second // 100 // len(self._pipes))):
                    key = f"key{chance.randrange(KEYS)}"
                    number = self.sent.get((topic, key), 0)
                    pipe.send(key, f"{key} {number}")
                    self.sent[topic, key] = number + 1

    def total(self):
        return sum(self.sent.values())


class Kafka(SystemTest):
    @classmethod
    def setUpClass(cls):
        cls.kafka = cls.enterClassContext(KafkaBroker())

    def config(self, name):
        return CONFIG % (self.kafka.bootstrap, name, name)

    def test_aMessageReachesAPageInChromium(self):
        self.kafka.create_topic("page.eu", 3)
        with Sluice(self.config("page")) as node:
            node.wait_ready()
            browser = clients.start_node("read.mjs", "chromium", f"{node.url}/events/page/eu", 3)
            try:
                wait_until(lambda: metrics.read(node).total("sluice_subscribers") == 1, 30,
                           "the browser's stream")
                self.kafka.produce("page.eu", [("o1", '{"id": 1}'), ("o1", '{"id": 2}'),
                                               ("o1", "grün")])
                output, errors = browser.communicate(timeout=60)
            finally:
                browser.kill()
            self.assertEqual(browser.returncode, 0, errors)
        events = [event for event in clients.events_of_lines(output) if not event.is_control]
        self.assertEqual([event.data for event in events], ['{"id": 1}', '{"id": 2}', "grün"])

    def test_aUriIsEnough(self):
        self.kafka.create_topic("orders", 1)
        self.kafka.produce("orders", ["early"])
        with Sluice("{}\n", uri=f"kafka://{self.kafka.bootstrap}/orders") as node:
            node.wait_ready()
            with node.stream("/events/orders?from=-10") as stream:
                self.assertEqual(stream.read_events(1)[0].data, "early")
                self.kafka.produce("orders", ["late"])
                self.assertEqual(stream.read_events(2)[1].data, "late")

    def test_aReloadReadsOtherTopicsWithoutAStop(self):
        self.kafka.create_topic("first.eu", 1)
        self.kafka.create_topic("second.eu", 1)
        with Sluice(self.config("first")) as node, node.stream("/events/first/eu") as stream:
            node.wait_ready()
            since = node.admin_get("/inputs").json()["inputs"][0]["since"]
            self.kafka.produce("first.eu", ["before"])
            stream.read_events(1)
            node.configure(self.config("first").replace(
                "    mappings:", '    mappings:\n      - {from: "shop:second.{x}", channel: '
                '"second/{x}"}'))
            self.assertEqual(node.reload().json()["changes"]["mappings"]["added"],
                             ["shop:second.{x} -> second/{x}"])
            with node.stream("/events/second/eu") as other:
                # A topic that the running input is told of is read like one at its start.
                lanes = wait_until(lambda: node.admin_get("/inputs").json()["inputs"][0]["lanes"]
                                   == 2, 20)
                self.assertTrue(lanes)
                self.kafka.produce("second.eu", ["new"])
                self.assertEqual(other.read_events(1, 20)[0].data, "new")
            self.kafka.produce("first.eu", ["after"])
            self.assertEqual([e.data for e in stream.read_events(2)], ["before", "after"])
            self.assertEqual(node.admin_get("/inputs").json()["inputs"][0]["since"], since)

    def test_theBooksBalance(self):
        self.kafka.create_topic("books.eu", 4)
        self.kafka.produce("books.eu", [(f"k{n}", str(n)) for n in range(5000)])
        with Sluice(self.config("books").replace("brokers:", "start: earliest, brokers:")) as node:
            wait_until(lambda: metrics.read(node).total("sluice_messages_total") >= 5000, 30)
            page = metrics.read(node)
            self.assertEqual(page.total("sluice_messages_total", input="shop"), 5000)
            self.assertEqual(page.total("sluice_messages_total", result="mapped"), 5000)
            with node.stream("/events/books/eu?from=earliest") as stream:
                events = stream.read_events(5000, 20)
            self.assertEqual(sorted(int(event.data) for event in events), list(range(5000)))

    def test_twoNodesThatDieInTurnLoseAndDoubleNothing(self):
        topics = ["flow.eu", "flow.us"]  # 12 partitions in all
        for topic in topics:
            self.kafka.create_topic(topic, 6)
        target = "/events?channels=flow/eu,flow/us&envelope=json"
        with Sluice(self.config("flow")) as left, Sluice(self.config("flow")) as right:
            nodes = [left, right]
            for node in nodes:
                node.wait_ready()
                # A topic just made may come to a node after its start; ids from before do not name it.
                wait_until(lambda n=node: n.admin_get("/inputs").json()["inputs"][0]["lanes"] == 12,
                           30, "both topics")
            wanderers = [Wanderer(nodes, target, seed) for seed in range(6)]
            for wanderer in wanderers:
                with Stream(left.address, target) as stream:  # its first cut: before all messages
                    stream.read_until(lambda reader: reader.events)
                    wanderer.last_id = stream.last_id
            with Producer(self.kafka, topics, 1000) as producer:
                for wanderer in wanderers:
                    wanderer.start()
                for turn in range(6):
                    time.sleep(1.5)
                    nodes[turn % 2].kill()
                    time.sleep(0.3)
                    nodes[turn % 2].start()
                time.sleep(1)
            self.assertGreater(producer.total(), 5000)
            for wanderer in wanderers:
                wanderer.wanted = producer.total()
            try:
                for wanderer in wanderers:
                    wait_until(lambda w=wanderer: not w.is_alive(), 60, "the last event")
            finally:
                for wanderer in wanderers:
                    wanderer.stop.set()
                for wanderer in wanderers:
                    wanderer.join(20)
                    self.check(wanderer, producer)

    def check(self, wanderer, producer):
        """Every message of every key once and in order, and nothing told as gone."""
        self.assertIsNone(wanderer.failure)
        self.assertEqual([gap.data for gap in wanderer.gaps], [])
        got = {}
        for event in wanderer.events:
            wrapped = json.loads(event.data)
            key, number = wrapped["text"].split()
            region = wrapped["channel"].removeprefix("flow/")
            got.setdefault((f"flow.{region}", key), []).append(int(number))
        wrong = {key: self.faults(numbers, producer.sent[key]) for key, numbers in got.items()
                 if numbers != list(range(producer.sent[key]))}
        self.assertEqual(wrong, {})
        self.assertEqual(set(got), set(producer.sent))
        self.assertGreater(wanderer.moves, 5)

    @staticmethod
    def faults(numbers, sent):
        return {"lost": sorted(set(range(sent)) - set(numbers))[:10],
                "doubled": len(numbers) - len(set(numbers)), "ordered": numbers == sorted(numbers)}


if __name__ == "__main__":
    main()
