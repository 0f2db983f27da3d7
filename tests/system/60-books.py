#!/usr/bin/env python3
"""The operator's books: under a mixed load every message and every copy is accounted for."""
import random

from system import Sluice, Stream, SystemTest, main, wait_until
import metrics

# Of the ticker's topics some are mapped, some twice, some to nothing; history is small enough to
# evict; publishing adds events of its own.
MIXED = """
    inputs:
      tick: {plugin: ticker, topics: [orders.eu, orders.us], rate: 5000, count: 20000,
             replayable: true}
      other: {plugin: ticker, rate: 2000, count: 6000, size: 2000}
      broken: {plugin: ticker, rate: 1000, count: 3000}
    mappings:
      - {from: "tick:orders.eu", channel: "orders/eu"}
      - {from: "tick:orders.{region}", channel: "regions/{region}"}
      - {from: "tick:orders.us", channel: "bad/{headers.nothing}"}
      - {from: "broken:{all**}", channel: "bad/{headers.nothing}"}
      - {from: "other:nothing.like.this", channel: "never"}
    channels:
      "regions/{any**}": {history: {events: 500}}
    publish: {key: test-key}
    delivery: {retry: 10ms, stall: 1s}
"""


class Books(SystemTest):
    def test_balanceUnderAMixedLoad(self):
        with Sluice(MIXED) as node:
            streams = self.mixed_load(node)
            wait_until(lambda: metrics.read(node).total("sluice_messages_total") >=
                       20_000 + 6_000 + 3_000 + 500, 60, "the last message")
            for stream in streams:
                stream.close()
            wait_until(lambda: metrics.read(node).total("sluice_subscribers") == 0)
            page = metrics.read(node)
        self.messages_balance(page)
        self.copies_balance(page)
        self.assertEqual(page.faults(), [])

    def mixed_load(self, node):
        """Readers that come, go, get stuck and resume while messages flow; those still open."""
        chance, streams, last_id = random.Random(5), [], None
        for round_ in range(50):
            node.publish([{"channel": f"orders/{round_ % 5}", "data": n} for n in range(10)])
            stream = Stream(node.address, "/events?channels=orders/{any},regions/{any}", last_id,
                            receive_buffer=4096 if round_ % 5 == 0 else None)
            stream.read_until(lambda reader: reader.events)
            last_id = stream.last_id
            streams.append(stream)
            if chance.random() < 0.5:
                streams.pop(chance.randrange(len(streams))).close()
        return streams

    def messages_balance(self, page):
        """In = mapped + filtered + unmatched + redelivered + rejected."""
        for name, sent in (("tick", 20_000), ("other", 6_000), ("broken", 3_000), ("http", 500)):
            with self.subTest(name):
                self.assertEqual(page.total("sluice_messages_total", input=name), sent)
        self.assertGreater(page.value("sluice_messages_total", input="tick", result="mapped"), 0)
        self.assertEqual(page.value("sluice_messages_total", input="other", result="unmatched"),
                         6_000)
        self.assertEqual(page.value("sluice_messages_total", input="broken", result="rejected",
                                    reason="no-value"), 3_000)

    def copies_balance(self, page):
        """Appended = kept + evicted."""
        evicted = page.total("sluice_evicted_total")
        self.assertGreater(evicted, 0)
        self.assertEqual(page.value("sluice_appended_total"),
                         page.value("sluice_history_events") + evicted)


class Deliveries(SystemTest):
    def test_countWhatReadersGot(self):
        with Sluice("    publish: {key: test-key}\n") as node:
            streams = [Stream(node.address, "/events/a") for _ in range(7)]
            for stream in streams:
                stream.read_until(lambda reader: reader.events)
            node.publish_numbers("a", 0, 100)
            for stream in streams:
                self.assert_numbers(stream.read_events(100), 0, 100)
                stream.close()
            metrics.wait_total(node, 700, "sluice_deliveries_total")
            self.assertGreater(metrics.read(node).total("sluice_delivery_seconds_count"), 0)
            metrics.wait_total(node, 7, "sluice_closed_total")


class ThePage(SystemTest):
    PROMISED = (
        "sluice_messages_total", "sluice_events_total", "sluice_appended_total",
        "sluice_history_events", "sluice_deliveries_total", "sluice_gaps_total",
        "sluice_subscribers", "sluice_closed_total", "sluice_history_bytes",
        "sluice_evicted_total", "sluice_input_state", "sluice_lane_lag",
        "sluice_ingest_seconds", "sluice_delivery_seconds", "sluice_loop_turn_seconds")

    def test_hasEveryPromisedMetricWithHelp(self):
        config = """
            inputs: {tick: {plugin: ticker, rate: 200, replayable: true}}
            mappings: [{from: "tick:{all**}", channel: ticks}]
        """
        with Sluice(config) as node:
            with node.stream("/events/ticks") as stream:
                stream.read_events(5)
                page = metrics.read(node)
        missing = [name for name in self.PROMISED
                   if name.removesuffix("_total") not in page.families]
        self.assertEqual(missing, [])
        self.assertEqual(page.faults(), [])
        self.assertFalse([labels for _, labels, _ in page.samples if "channel" in labels])


if __name__ == "__main__":
    main()
