#!/usr/bin/env python3
"""A real Redis in front: pub/sub and streams on one page, gaps that it makes, and two nodes that die
in turn while ids of a stream are carried between them."""
import contextlib
import json
import signal
import time

from system import Sluice, Stream, SystemTest, main, wait_until
import metrics
from flow import Flow
from redis_server import Redis
from states import gaps, state, wait_state
from wanderer import Wanderer

CONFIG = """
    inputs:
      cache: {plugin: redis, server: "redis://%s", streams: [orders, "carts:{region}"],
              scan_interval: 200ms%s}
    mappings:
      - {from: "cache:orders", channel: orders}
      - {from: "cache:carts:{region}", channel: "carts/{region}"}
      - {from: "cache:news", channel: news}
      - {from: "cache:alerts:{level}", channel: "alerts/{level}"}
    channels:
      "{any**}": {history: {events: 100000}}
    delivery: {retry: 10ms}
"""


def config(redis, more=""):
    return CONFIG % (redis.address, more)


def texts(events):
    return [json.loads(event.data)["v"] for event in events]


def flow_into(redis):
    """Entries {v: NUMBER} of the stream `orders`."""
    return Flow(contextlib.nullcontext(redis),
                lambda redis, first, beyond:
                redis.all([("XADD", "orders", "*", "v", n) for n in range(first, beyond)]),
                at_once=10, pause_s=0.01)


class OnePage(SystemTest):
    def test_channelsAndStreamsReachOnePage(self):
        with Redis() as redis:
            redis("XADD", "orders", "*", "v", "early")
            with Sluice(config(redis)) as node:
                wait_state(node, "running/running")
                redis("XADD", "carts:eu", "*", "v", "1")
                target = "/events?channels=orders,carts/{r},news,alerts/{l}&envelope=json&from=earliest"
                with node.stream(target) as stream:
                    stream.read_events(1)
                    redis("PUBLISH", "news", '{"live": true}')
                    redis("PUBLISH", "alerts:red", "text")
                    redis("PUBLISH", "orders", "no message: a stream has this name")
                    redis("XADD", "orders", "*", "v", "late", "bin", b"\xff")
                    events = [json.loads(event.data) for event in stream.read_events(5)]
                    self.assert_clean(stream)
                    self.assertEqual(gaps(stream), [])
        by_channel = {}
        for event in events:
            by_channel.setdefault(event["channel"], []).append(event.get("data", event.get("text")))
        self.assertEqual(by_channel, {
            "orders": [{"v": "early"}, {"v": "late", "bin": {"base64": "/w=="}}],
            "carts/eu": [{"v": "1"}], "news": [{"live": True}], "alerts/red": ["text"]})

    def test_urisAreEnough(self):
        with Redis() as redis:
            redis("SELECT", 2)
            redis("XADD", "orders", "*", "v", "1")
            with Sluice(uri=f"redis://{redis.address}/news") as channel, \
                    Sluice(uri=f"redis://{redis.address}/orders?stream=1&db=2") as stream:
                wait_state(channel, "running/running")
                wait_state(stream, "running/running")
                with channel.stream("/events/news") as reader:
                    reader.read_until(lambda reader: reader.events)
                    redis("PUBLISH", "news", "hello")
                    self.assertEqual(reader.read_events(1)[0].data, "hello")
                with stream.stream("/events/orders?from=-1") as reader:
                    self.assertEqual(reader.read_events(1)[0].data, '{"v":"1"}')

    def test_theBooksBalance(self):
        with Redis() as redis:
            redis.all([("XADD", "orders", "*", "v", n) for n in range(5000)])
            with Sluice(config(redis, ", start: earliest")) as node:
                wait_state(node, "running/running")
                redis.all([("PUBLISH", "news", n) for n in range(5000)])
                wait_until(lambda: metrics.read(node).total("sluice_messages_total") >= 10000, 30)
                page = metrics.read(node)
                self.assertEqual(page.total("sluice_messages_total", result="mapped"), 10000)
                with node.stream("/events/orders?from=earliest") as stream:
                    self.assertEqual(texts(stream.read_events(5000, 20)),
                                     [str(n) for n in range(5000)])


class Gaps(SystemTest):
    def test_aServerThatDiesLosesMessagesAndKeepsStreams(self):
        with Redis(persistent=True) as redis, Sluice(config(redis)) as node:
            redis("XADD", "orders", "*", "v", 0)
            redis("XADD", "carts:eu", "*", "v", 0)
            wait_state(node, "running/running")
            with node.stream("/events/orders?from=earliest") as orders, \
                    node.stream("/events/news") as news:
                orders.read_events(1)
                news.read_until(lambda reader: reader.events)
                redis.kill()
                wait_until(lambda: state(node).startswith("connecting/"), 20, "connecting")
                self.assertEqual(node.get("/healthz").status, 200)
                redis.start()
                redis("XADD", "orders", "*", "v", 1)
                wait_state(node, "running/running")
                redis("PUBLISH", "news", "after")
                self.assertEqual(news.read_events(1)[0].data, "after")
                self.assertEqual(gaps(news), ["lost"])
                self.assertEqual(texts(orders.read_events(2)), ["0", "1"])
                # Its channel is fed by the stream alone: no message can be missing.
                self.assertEqual(gaps(orders), [])

    def test_trimmedBeforeItWasReadIsAGap(self):
        with Redis() as redis, Sluice(config(redis)) as node:
            redis("XADD", "orders", "1-0", "v", 1)
            redis("XADD", "carts:eu", "*", "v", 0)
            wait_state(node, "running/running")
            with node.stream("/events/orders") as stream:
                stream.read_until(lambda reader: reader.events)
                redis("XADD", "orders", "2-0", "v", 2)
                stream.read_events(1)
                node.send_signal(signal.SIGSTOP)
                try:
                    time.sleep(0.3)  # what was asked for has been answered: nothing is on its way
                    redis.all([("XADD", "orders", f"{n}-0", "v", n) for n in range(3, 10)])
                    redis("XTRIM", "orders", "MAXLEN", 2)
                finally:
                    node.send_signal(signal.SIGCONT)
                events = stream.read_events(3, 20)
                self.assertEqual(texts(events), ["2", "8", "9"])
                told = [json.loads(event.data) for event in stream.reader.controls("gap")]
                self.assertEqual([gap["reason"] for gap in told], ["lost"])
                self.assertEqual(told[0]["lanes"],
                                 [{"lane": "cache:orders/0", "from": "2-1", "to": "8-0"}])

    def test_aStreamMadeAnewIsAReset(self):
        with Redis() as redis, Sluice(config(redis)) as node:
            redis("XADD", "orders", "5-0", "v", "old")
            redis("XADD", "carts:eu", "*", "v", 0)
            wait_state(node, "running/running")
            with node.stream("/events/orders") as stream:
                stream.read_until(lambda reader: reader.events)
                redis("XADD", "orders", "6-0", "v", "old")
                stream.read_events(1)
                redis.all([("MULTI",), ("DEL", "orders"), ("XADD", "orders", "1-0", "v", "new"),
                           ("EXEC",)])
                self.assertEqual(texts(stream.read_events(2, 20)), ["old", "new"])
                self.assertIn("reset", gaps(stream))

    def test_whatItSaysHoldsNoSecret(self):
        with Redis(options=["--requirepass", "the-right-one"]) as redis:
            server = f'server: "redis://:not-the-right-one@{redis.address}"'
            text = config(redis).replace(f'server: "redis://{redis.address}"', server)
            with Sluice(text) as node:
                wait_state(node, "connecting/authentication")
                said = node.log() + node.admin_get("/inputs").text
                self.assertNotIn("not-the-right-one", said)


class TwoNodes(SystemTest):
    """Every node reads the stream itself: an id means the same on both."""

    def test_nodesThatDieInTurnLoseAndDoubleNothing(self):
        with Redis() as redis:
            redis("XADD", "carts:eu", "*", "v", 0)
            redis.all([("XGROUP", "CREATE", "orders", "none", "0", "MKSTREAM")])
            with Sluice(config(redis)) as left, Sluice(config(redis)) as right:
                self.wander(redis, [left, right])

    def wander(self, redis, nodes):
        for node in nodes:
            node.wait_ready()
        wanderers = [Wanderer(nodes, "/events/orders", seed) for seed in range(4)]
        for wanderer in wanderers:
            with Stream(nodes[0].address, "/events/orders") as stream:  # before all entries
                stream.read_until(lambda reader: reader.events)
                wanderer.last_id = stream.last_id
        flow = flow_into(redis)
        flow.start()
        try:
            for wanderer in wanderers:
                wanderer.start()
            for turn in range(6):
                time.sleep(1)
                nodes[turn % 2].kill()
                time.sleep(0.3)
                nodes[turn % 2].start()
        finally:
            total = flow.stop()
            for wanderer in wanderers:
                wanderer.wanted = total
        try:
            for wanderer in wanderers:
                wait_until(lambda w=wanderer: not w.is_alive(), 60, "the last event")
        finally:
            for wanderer in wanderers:
                wanderer.stop.set()
                wanderer.join(20)
        self.assertGreater(total, 2000)
        for wanderer in wanderers:
            self.assertIsNone(wanderer.failure)
            self.assertEqual([gap.data for gap in wanderer.gaps], [])
            self.assertGreater(wanderer.moves, 5)
            self.assertEqual(texts(wanderer.events), [str(n) for n in range(total)])


if __name__ == "__main__":
    main()
