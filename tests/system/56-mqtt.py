#!/usr/bin/env python3
"""A real Mosquitto in front: patterns, outages of the broker, and a Sluice that is killed while
messages flow."""
import json

from system import Sluice, SystemTest, main, wait_until
from flow import Flow
from mosquitto import Mosquitto, Publisher
from states import gaps, state, wait_state

CONFIG = """
    inputs:
      plant: {plugin: mqtt, broker: "mqtt://%s", client_id: test-reader%s}
    mappings:
      - {from: "plant:sensors/{device}/temp", channel: "temp/{device}"}
      - {from: "plant:numbers", channel: numbers}
    channels:
      numbers: {history: {events: 100000}}
    delivery: {retry: 10ms}
"""

DETAILS = """
    inputs:
      plant: {plugin: mqtt, broker: "%s"}
    mappings:
      - from: "plant:sensors/{device}/temp"
        when: "!retained && headers.unit == 'K'"
        channel: details
        data: {device: "{device}", unit: "{headers.unit}", qos: "{qos}", again: "{duplicate}"}
"""


def config(broker, more=""):
    return CONFIG % (broker.address, more)


def flow_into(broker):
    """Numbers, with QoS 1."""
    return Flow(Publisher(broker, "test-flow"),
                lambda publisher, first, beyond:
                publisher.publish_numbers("numbers", first, beyond), at_once=20, pause_s=0.002)


class Mqtt(SystemTest):
    def test_topicsBecomeChannels(self):
        with Mosquitto() as broker, Publisher(broker) as publisher:
            publisher.publish("sensors/a/temp", '{"kept": 1}', retain=True)
            with Sluice(config(broker)) as node:
                wait_state(node, "running/running")
                with node.stream("/events?channels=temp/{any}&envelope=json&from=earliest") as stream:
                    publisher.publish("sensors/b/temp", '{"live": 2}')
                    publisher.publish("sensors/b/wet", "not asked for")
                    events = [json.loads(event.data) for event in stream.read_events(2)]
                    self.assertEqual([(event["channel"], event["data"]) for event in events],
                                     [("temp/a", {"kept": 1}), ("temp/b", {"live": 2})])
                    self.assert_clean(stream)

    def test_whatAMessageCarriesIsThereForMappings(self):
        with Mosquitto() as broker, Publisher(broker) as publisher:
            publisher.publish("sensors/old/temp", "1", retain=True, user=[("unit", "K")])
            with Sluice(DETAILS % broker.address) as node:
                wait_state(node, "running/running")
                with node.stream("/events/details?from=earliest") as stream:
                    publisher.publish("sensors/other/temp", "2", user=[("unit", "F")])
                    publisher.publish("sensors/new/temp", "3", user=[("unit", "K")])
                    self.assertEqual(json.loads(stream.read_events(1)[0].data),
                                     {"device": "new", "unit": "K", "qos": 1, "again": False})

    def test_aSourceOnTheCommandLine(self):
        with Mosquitto() as broker, Publisher(broker) as publisher:
            with Sluice(uri=f"mqtt://{broker.address}/sensors/%23") as node:
                wait_state(node, "running/running")
                with node.stream("/events/sensors/a/temp?from=earliest") as stream:
                    publisher.publish("sensors/a/temp", "21")
                    self.assertEqual(stream.read_events(1)[0].data, "21")

    def test_aBrokerThatForgotUsIsAGap(self):
        with Mosquitto() as broker, Sluice(config(broker)) as node:
            wait_state(node, "running/running")
            with node.stream("/events/numbers") as stream:
                stream.read_until(lambda reader: reader.events)
                with Publisher(broker) as publisher:
                    publisher.publish_numbers("numbers", 0, 10)
                stream.read_events(10)
                broker.kill()
                wait_state(node, "connecting/refused")
                self.assertEqual(node.get("/healthz").status, 200)
                broker.start()
                wait_state(node, "running/running")
                with Publisher(broker) as publisher:
                    publisher.publish_numbers("numbers", 10, 20)
                self.assert_numbers(stream.read_events(20), 0, 20)
                self.assertEqual(gaps(stream), ["lost"])

    def test_aBrokerThatKnowsUsIsNone(self):
        with Mosquitto(persistent=True) as broker, Sluice(config(broker)) as node:
            wait_state(node, "running/running")
            with node.stream("/events/numbers") as stream:
                stream.read_until(lambda reader: reader.events)
                with Publisher(broker) as publisher:
                    publisher.publish_numbers("numbers", 0, 10)
                stream.read_events(10)
                broker.stop()
                wait_state(node, "connecting/refused")
                broker.start()
                with Publisher(broker) as publisher:
                    publisher.publish_numbers("numbers", 10, 20)
                stream.read_until(
                    lambda reader: any(event.data == "19" for event in reader.user_events))
                # What it had no acknowledgement of comes again.
                numbers = sorted({int(event.data) for event in stream.reader.user_events})
                self.assertEqual(numbers, list(range(20)))
                self.assertEqual(gaps(stream), [])

    def test_qos2ComesOnceOverRestartsOfTheBroker(self):
        with Mosquitto(persistent=True) as broker, Sluice(config(broker, ", qos: 2")) as node:
            wait_state(node, "running/running")
            with node.stream("/events/numbers") as stream:
                stream.read_until(lambda reader: reader.events)
                for first in (0, 500):
                    with Publisher(broker) as publisher:
                        publisher.publish_numbers("numbers", first, first + 500, qos=2)
                    broker.restart()  # it has them all, and some are on their way to us
                    wait_state(node, "running/running")
                with Publisher(broker) as publisher:
                    publisher.publish_numbers("numbers", 1000, 1001, qos=2)
                self.assert_numbers(stream.read_events(1001, 60), 0, 1001)
                self.assertEqual(gaps(stream), [])

    def test_frozenBrokers(self):
        with Mosquitto() as broker, Sluice(config(broker, ", keepalive: 1s")) as node:
            wait_state(node, "running/running")
            broker.freeze()
            try:
                wait_until(lambda: state(node).startswith("connecting/"), 20, "connecting")
            finally:
                broker.thaw()
            wait_state(node, "running/running")


class Killed(SystemTest):
    """SIGKILL at any moment under a flow of messages: those that the broker had no acknowledgement
    of come again to the next process. (What the log of the killed one had and no reader yet is gone
    with it: history is in memory.)"""

    ROUNDS = 3
    UNREAD_MAX = 200  # events in the log that the reader has not been sent yet

    def test_whatWasNotAcknowledgedComesAgain(self):
        with Mosquitto() as broker, Sluice(config(broker)) as node:
            wait_state(node, "running/running")
            flow = flow_into(broker)
            flow.start()
            try:
                last = -1
                for _ in range(self.ROUNDS):
                    last = self.read_on(node, last, 500)
                    node.kill()
                    read = last
                    wait_until(lambda: flow.sent > read + self.UNREAD_MAX, 20, "messages unread")
                    node.start()
            finally:
                total = flow.stop()
            with node.stream("/events/numbers?from=earliest") as stream:
                stream.read_until(lambda reader: any(event.data == str(total - 1)
                                                     for event in reader.user_events), 60)
                self.check(stream.reader.user_events, last)

    def read_on(self, node, last, count):
        """Reads what came since the start, at least `count` events; the last number."""
        with node.stream("/events/numbers?from=earliest") as stream:
            stream.read_until(lambda reader: len(reader.user_events) >= count, 30)
            return self.check(stream.reader.user_events, last)

    def check(self, events, last):
        """Every number from the first on, none missing; the first is at most what follows `last`
        and what nobody had read."""
        numbers = [int(event.data) for event in events]
        self.assertLessEqual(numbers[0], last + 1 + self.UNREAD_MAX)
        self.assertEqual(sorted(set(numbers)), list(range(numbers[0], numbers[-1] + 1)))
        return numbers[-1]


if __name__ == "__main__":
    main()
