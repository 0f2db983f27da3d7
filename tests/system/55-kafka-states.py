#!/usr/bin/env python3
"""What can go wrong with a Kafka: each is a clear state, what is gone is a gap, and the program
goes on by itself when the trouble is over."""
import signal
import time

from system import Sluice, SystemTest, main, wait_until
from kafka import KafkaBroker, USER
from states import gaps, state, wait_state

CONFIG = """
    inputs:
      shop: {plugin: kafka, brokers: "%s"%s}
    mappings:
      - {from: "shop:%s", channel: "{topic}"}
    delivery: {retry: 10ms}
"""


def config(brokers, topic, more=""):
    return CONFIG % (brokers, more, topic)


class Outages(SystemTest):
    """These stop their broker, so each test has its own."""

    def setUp(self):
        self.kafka = self.enterContext(KafkaBroker())
        self.kafka.create_topic("t", 1)

    def test_downAtTheStart(self):
        self.kafka.stop()
        with Sluice(config(self.kafka.bootstrap, "t")) as node:
            wait_state(node, "connecting/refused")
            self.assertEqual(node.get("/healthz").status, 200)
            self.kafka.start()
            wait_state(node, "running/running")
            with node.stream("/events/t") as stream:
                self.kafka.produce("t", ["a"])
                self.assertEqual(stream.read_events(1)[0].data, "a")

    def test_lostAndBack(self):
        with Sluice(config(self.kafka.bootstrap, "t")) as node:
            wait_state(node, "running/running")
            with node.stream("/events/t") as stream:
                self.kafka.produce("t", ["a"])
                stream.read_events(1)
                self.kafka.kill()
                wait_until(lambda: state(node).startswith("connecting/"), 20, "connecting")
                self.kafka.start()
                self.kafka.produce("t", ["b"])
                self.assertEqual([event.data for event in stream.read_events(2, 20)], ["a", "b"])
                self.assertEqual(gaps(stream), [])
            wait_state(node, "running/running")

    def test_frozen(self):
        with Sluice(config(self.kafka.bootstrap, "t")) as node:
            wait_state(node, "running/running")
            self.kafka.freeze()
            try:
                wait_state(node, "connecting/no-answer", 30)
            finally:
                self.kafka.thaw()
            wait_state(node, "running/running")


class Topics(SystemTest):
    @classmethod
    def setUpClass(cls):
        cls.kafka = cls.enterClassContext(KafkaBroker(secure=True))

    def test_missingAndThenThere(self):
        with Sluice(config(self.kafka.bootstrap, "late")) as node:
            wait_state(node, "degraded/topic-missing")
            with node.stream("/events/late") as stream:
                self.kafka.create_topic("late", 2)
                self.kafka.produce("late", ["first"])
                self.assertEqual(stream.read_events(1, 15)[0].data, "first")
            wait_state(node, "running/running")

    def test_deletedAndMadeAnew(self):
        self.kafka.create_topic("short", 1)
        with Sluice(config(self.kafka.bootstrap, "short")) as node:
            wait_state(node, "running/running")
            with node.stream("/events/short") as stream:
                self.kafka.produce("short", ["old"])
                stream.read_events(1)
                self.kafka.delete_topic("short")
                wait_state(node, "degraded/topic-missing")
                self.kafka.create_topic("short", 1)
                self.kafka.produce("short", ["new"])
                # Longer than the plugin's slowest look at a quiet topic, 30 s.
                events = stream.read_events(2, 45)
                self.assertEqual([event.data for event in events], ["old", "new"])
                self.assertIn("reset", gaps(stream))
            wait_state(node, "running/running")

    def test_madeAnewAtOnceWithMoreRecords(self):
        """librdkafka says nothing; the plugin reads a record again and finds another."""
        self.kafka.create_topic("swap", 1)
        with Sluice(config(self.kafka.bootstrap, "swap")) as node:
            wait_state(node, "running/running")
            with node.stream("/events/swap") as stream:
                self.kafka.produce("swap", [f"old{n}" for n in range(3)])
                stream.read_events(3)
                self.kafka.delete_topic("swap")
                self.kafka.create_topic("swap", 1)
                wanted = [f"new{n}" for n in range(5)]
                self.kafka.produce("swap", wanted)
                stream.read_until(
                    lambda reader: [e.data for e in reader.user_events][-5:] == wanted, 20)
                self.assertIn("reset", gaps(stream))

    def test_overtakenByRetention(self):
        self.kafka.create_topic("fast", 1)
        with Sluice(config(self.kafka.bootstrap, "fast")) as node:
            wait_state(node, "running/running")
            with node.stream("/events/fast") as stream:
                self.kafka.produce("fast", ["0"])
                stream.read_events(1)
                node.send_signal(signal.SIGSTOP)
                try:
                    time.sleep(0.5)  # what was asked for has been answered: nothing is on its way
                    self.kafka.produce("fast", [str(n) for n in range(1, 10)])
                    self.kafka.delete_records("fast", 0, 7)
                finally:
                    node.send_signal(signal.SIGCONT)
                events = stream.read_events(4, 20)
                self.assertEqual([event.data for event in events], ["0", "7", "8", "9"])
                self.assertIn("lost", gaps(stream))

    def test_refusedLogin(self):
        secrets = f', username: {USER}, password: "not-the-password", tls: {{ca: "%s"}}'
        more = secrets % self.kafka.described()["ca"]
        with Sluice(config(self.kafka.sasl_ssl, "t", more)) as node:
            wait_state(node, "connecting/authentication")
            self.assertEqual(node.get("/healthz").status, 200)
            self.assertNotIn("not-the-password", node.log() + node.admin_get("/inputs").text)


if __name__ == "__main__":
    main()
