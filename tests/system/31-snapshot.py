#!/usr/bin/env python3
"""Snapshots: the latest event of each key, then live; from retained MQTT messages and from a
compacted Kafka topic."""
import json

from system import Sluice, Stream, SystemTest, main, violations, wait_until
import metrics
from kafka import KafkaBroker
from mosquitto import Mosquitto, Publisher
from states import wait_state

CONFIG = """
    publish: {key: test-key}
    delivery: {retry: 10ms}
    channels:
      "stock/{any}":
        snapshot: latest-per-key
        snapshot_max: {keys: 50}
"""
MQTT = """
    inputs:
      plant: {plugin: mqtt, broker: "mqtt://%s", format: text}
    mappings:
      - {from: "plant:sensors/{device}", when: "payload != ''", channel: sensors, key: "{device}"}
      - {from: "plant:sensors/{device}", when: "payload == ''", channel: sensors,
         key: "{device}", event: delete, data: {key: "{device}"}}
    channels:
      sensors: {snapshot: latest-per-key, history: {events: 2}}
    delivery: {retry: 10ms}
"""
KAFKA = """
    inputs:
      shop: {plugin: kafka, brokers: "%s", start: earliest}
    mappings:
      - {from: "shop:prices", channel: prices}
    channels:
      prices: {snapshot: latest-per-key}
    delivery: {retry: 10ms}
"""


class Table:
    """A page that keeps the latest value of each key, as docs/readers.md shows it."""

    def __init__(self, stream):
        self.stream, self.values = stream, {}

    def read_to_sync(self):
        self.stream.read_until(lambda reader: reader.controls("sync"))
        self.apply()
        return json.loads(self.stream.reader.controls("sync")[-1].data)

    def apply(self):
        for event in self.stream.reader.user_events:
            body = json.loads(event.data)
            if event.type == "delete":
                self.values.pop(body["key"], None)
            else:
                self.values[body["key"]] = body.get("data", body.get("text"))


def put(number, key, channel="stock/eu"):
    return {"channel": channel, "key": key, "data": number}


class Snapshot(SystemTest):
    def test_aReaderGetsTheLatestOfEachKeyThenLive(self):
        with Sluice(CONFIG) as node:
            node.publish([put(1, "x"), put(2, "y"), put(3, "x")])
            with node.stream("/events/stock/eu?from=snapshot&envelope=json") as stream:
                table = Table(stream)
                sync = table.read_to_sync()
                self.assertEqual(table.values, {"y": 2, "x": 3})
                self.assertEqual((sync["count"], sync["complete"]), (2, True))
                self.assertTrue(json.loads(stream.reader.controls("open")[0].data)["snapshot"])
                node.publish([put(4, "y"), {**put(None, "x"), "event": "delete"}])
                stream.read_events(4)
                self.assertEqual([event.type for event in stream.reader.user_events[2:]],
                                 ["message", "delete"])
                self.assertEqual(violations(stream.response.body.partition(b"sluice.sync")[2]
                                            .partition(b"\n\n")[2]), [])

    def test_theOldestKeyGoesAndSyncSaysSo(self):
        with Sluice(CONFIG) as node:
            node.publish([put(n, f"key{n}") for n in range(60)])
            with node.stream("/events/stock/eu?from=snapshot&envelope=json") as stream:
                table = Table(stream)
                sync = table.read_to_sync()
                self.assertEqual(sorted(table.values.values()), list(range(10, 60)))
                self.assertEqual((sync["count"], sync["complete"]), (50, False))
            scrape = metrics.read(node)
            self.assertEqual(scrape.value("sluice_snapshot_dropped_total", reason="keys"), 10)
            self.assertEqual(scrape.value("sluice_snapshot_keys"), 50)
            channel, = node.admin_get("/channels").json()["channels"]
            self.assertEqual((channel["snapshot"]["keys"], channel["snapshot"]["complete"]),
                             (50, False))

    def test_aReaderCutInASnapshotGetsAWholeOne(self):
        with Sluice(CONFIG) as node:
            node.publish([put("x" * 500, f"key{n}") for n in range(40)])
            for taken in range(100, 20_000, 1_999):
                with node.stream("/events/stock/eu?from=snapshot&envelope=json") as cut:
                    cut.read_wire(taken)
                    self.assertEqual(cut.last_id, "")
            with node.stream("/events/stock/eu?from=snapshot&envelope=json") as stream:
                self.assertEqual(Table(stream).read_to_sync()["count"], 40)
                last_id = stream.last_id
            node.publish([put(1, "key1")])
            with node.stream("/events/stock/eu?from=snapshot&envelope=json", last_id) as stream:
                self.assertEqual(json.loads(stream.read_events(1)[0].data)["key"], "key1")
                self.assertEqual(stream.reader.controls("sync"), [])

    def test_aReloadTurnsItOnWithWhatIsThereAndOff(self):
        with Sluice("publish: {key: test-key}\n") as node:
            node.publish([put(1, "x"), put(2, "x")])
            node.configure(CONFIG)
            self.assertEqual(node.reload().status, 200)
            with node.stream("/events/stock/eu?from=snapshot&envelope=json") as stream:
                self.assertEqual(Table(stream).read_to_sync()["count"], 1)
            node.configure("publish: {key: test-key}\n")
            node.reload()
            with node.stream("/events/stock/eu?from=snapshot&envelope=json") as stream:
                sync = Table(stream).read_to_sync()
                self.assertEqual((sync["count"], sync["without"]), (0, ["stock/eu"]))
            self.assertEqual(metrics.read(node).value("sluice_snapshot_bytes"), 0)


class Sources(SystemTest):
    def test_retainedMessagesAreASnapshotOfAnMqttBroker(self):
        with Mosquitto() as broker, Publisher(broker) as publisher:
            for n in range(20):
                publisher.publish(f"sensors/s{n}", str(n), retain=True)
            with Sluice(MQTT % broker.address) as node:
                wait_until(lambda: metrics.read(node).value("sluice_snapshot_keys") == 20,
                           what="the retained messages")
                publisher.publish("sensors/s3", "33", retain=True)
                publisher.publish("sensors/s4", "", retain=True)
                wait_until(lambda: metrics.read(node).value("sluice_snapshot_deletions") == 1,
                           what="the removed one")
                with node.stream("/events/sensors?from=snapshot&envelope=json") as stream:
                    table = Table(stream)
                    self.assertTrue(table.read_to_sync()["complete"])
                    expected = {f"s{n}": n for n in range(20) if n != 4}
                    self.assertEqual(table.values, {**expected, "s3": 33})

    def test_aCompactedTopicIsATable(self):
        with KafkaBroker() as kafka:
            kafka.create_topic("prices", 3, {"cleanup.policy": "compact"})
            kafka.produce("prices", [(f"k{n % 30}", str(n)) for n in range(300)])
            kafka.produce("prices", [("k7", None), ("k8", None)])
            with Sluice(KAFKA % kafka.bootstrap) as node:
                wait_state(node, "running/running")
                wait_until(lambda: metrics.read(node).total(
                    "sluice_messages_total", input="shop", result="mapped") == 302, what="the table")
                with node.stream("/events/prices?from=snapshot&envelope=json") as stream:
                    table = Table(stream)
                    sync = table.read_to_sync()
                    expected = {f"k{n % 30}": n for n in range(270, 300) if n % 30 not in (7, 8)}
                    self.assertEqual(table.values, expected)
                    self.assertEqual((sync["count"], sync["complete"]), (28, True))
                    kafka.produce("prices", [("k9", None), ("k1", "1000")])
                    stream.read_events(30)
                    table.apply()
                    self.assertEqual((table.values["k1"], "k9" in table.values), (1000, False))


if __name__ == "__main__":
    main()
