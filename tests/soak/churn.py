#!/usr/bin/env python3
"""One node with everything on, for long: Kafka, Redis Streams, Redis pub/sub, MQTT, ZeroMQ, the ticker
and POST /publish feed it, readers and visitors come and go, channels and keys are made without end,
the configuration is reloaded all the time. Nothing may be lost or doubled, and memory, descriptors
and threads must stay flat (flatness.py has the rule).

    churn.py [--minutes N] [--seed N]      `./dev soak churn`
"""
import argparse
import contextlib
import json
import os
import pathlib
import random
import sys
import threading
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent),
                str(pathlib.Path(__file__).resolve().parents[1] / "support")]
import zmq  # noqa: E402

import metrics  # noqa: E402
from crowd import Crowd, faults  # noqa: E402
from flatness import Growth  # noqa: E402
from kafka import KafkaBroker, KafkaPipe  # noqa: E402
from mosquitto import Mosquitto, Publisher  # noqa: E402
from redis_server import Redis  # noqa: E402
from sluice import Sluice, ask, wait_until  # noqa: E402
from states import state  # noqa: E402
from traffic import Traffic  # noqa: E402

# Each source has PARTS sequences on every channel; sequence q is part q // CHANNELS of them all.
SOURCES, PARTS, CHANNELS, TAKE = ("kafka", "stream", "pubsub", "mqtt", "zeromq", "http"), 2, 12, 3
SEQUENCES = len(SOURCES) * PARTS * CHANNELS
CLIENTS, PER_SECOND = 400, 120
BORN_PER_SECOND, CHANNELS_MAX = 50, 500  # channels and keys that never come again
RELOAD_S, VISIT_S, SAMPLE_S = 3, 0.05, 0.5
# Until bounds are reached and the allocator has settled, which takes some minutes.
WARM_SHARE, WARM_MAX_S = 0.4, 600
# What the fitted line may grow by, as a share of the mean. A short run sees caches fill.
SHARES = {"memory": 0.05, "descriptors": 0.05, "threads": 0.02}
SHORT_S, SHORT_SHARES = 120, {"memory": 0.15, "descriptors": 0.15, "threads": 0.02}

CONFIG = """
inputs:
  shop: {{plugin: kafka, brokers: "{kafka}"}}
  cache: {{plugin: redis, server: "redis://{redis}", streams: [entries]}}
  plant: {{plugin: mqtt, broker: "mqtt://{mqtt}", client_id: soak}}
  feed: {{plugin: zeromq, bind: "{zeromq}", socket: pull, topic: jobs}}
  tick: {{plugin: ticker, rate: 20, channels: 4, keys: 1000, replayable: true}}
mappings:
  - {{from: "shop:soak", channel: "flow/{{payload.c}}"}}
  - {{from: "shop:born", channel: "born/{{payload.k}}", key: "{{payload.k}}"}}
  - from: "cache:entries"
    channel: "flow/{{payload.c}}"
    data: {{s: "{{int(payload.s)}}", n: "{{int(payload.n)}}"}}
  - {{from: "cache:live", channel: "flow/{{payload.c}}"}}
  - {{from: "plant:soak/{{x}}", channel: "flow/{{payload.c}}"}}
  - {{from: "feed:jobs", channel: "flow/{{payload.c}}"}}
  - {{from: "tick:{{all**}}", channel: "{{topic}}", key: "{{key}}"}}
{more}
channels:
  "flow/{{n}}": {{history: {{events: 5000, age: 60s}}}}
  "born/{{k}}": {{history: {{events: 10, age: 20s}}}}
  "{{any**}}": {{history: {{events: 100, age: 20s}}}}
publish: {{key: soak-key}}
delivery: {{retry: 10ms, keepalive: 2s}}
limits: {{channels: {channels}, history: 16MiB}}
"""
MORE = '  - {from: "tick:tick.0", channel: "again/{topic}", when: "payload.n % 2 == 0"}'


class Sources:
    """Everything that messages come from."""

    def __init__(self, stack):
        self.kafka = stack.enter_context(KafkaBroker())
        self.redis = stack.enter_context(Redis())
        self.mqtt = stack.enter_context(Mosquitto())
        self._publisher = stack.enter_context(Publisher(self.mqtt))
        self._context = stack.enter_context(zmq.Context())
        self._push = self._context.socket(zmq.PUSH)
        self._push.linger = 0
        stack.callback(self._push.close)
        self.zeromq = f"ipc://{self.mqtt.folder}/zeromq"
        self._push.connect(self.zeromq)
        for topic in ("soak", "born"):
            self.kafka.create_topic(topic, 4)
        self.redis("XGROUP", "CREATE", "entries", "none", "0", "MKSTREAM")
        self._pipe = KafkaPipe(self.kafka, "soak")
        self.node = None

    def config(self, more=""):
        return CONFIG.format(kafka=self.kafka.bootstrap, redis=self.redis.address,
                             mqtt=self.mqtt.address, zeromq=self.zeromq, more=more,
                             channels=CHANNELS_MAX)

    def send(self, sequence, number):
        part, channel = divmod(sequence, CHANNELS)
        value = f'{{"s":{sequence},"n":{number},"c":"{channel}"}}'
        getattr(self, "_" + SOURCES[part // PARTS])(part, channel, sequence, number, value)

    def close(self):
        """Redis, MQTT and HTTP answer each message."""
        self._pipe.close()

    def _kafka(self, part, channel, sequence, number, value):
        self._pipe.send(f"key{part}", value)

    def _stream(self, part, channel, sequence, number, value):
        self.redis("XADD", "entries", "MAXLEN", "~", 10000, "*", "s", sequence, "n", number,
                   "c", channel)

    def _pubsub(self, part, channel, sequence, number, value):
        self.redis("PUBLISH", "live", value)

    def _mqtt(self, part, channel, sequence, number, value):
        self._publisher.publish(f"soak/{part}", value, qos=1)

    def _zeromq(self, part, channel, sequence, number, value):
        self._push.send(value.encode())

    def _http(self, part, channel, sequence, number, value):
        self.node.publish([{"channel": f"flow/{channel}", "data": {"s": sequence, "n": number}}],
                          "soak-key")


class Background(threading.Thread):
    """step(n) for n = 0, 1, ... every so often, until it has ended."""

    def __init__(self, step, pause_s):
        super().__init__()
        self._step, self._pause_s = step, pause_s
        self._ended, self.failure, self.count = threading.Event(), None, 0

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self.join(60)
        if self.failure:
            raise self.failure

    def run(self):
        try:
            while not self._ended.wait(self._pause_s):
                self._step(self.count)
                self.count += 1
        except Exception as error:  # told by the thread that ends it
            self.failure = error


def reloads(node, sources):
    """Another mapping comes and goes."""
    def step(count):
        node.configure(sources.config(MORE if count % 2 == 0 else ""))
        answer = node.reload()
        if answer.status != 200:
            raise AssertionError(f"reload: {answer.status} {answer.text}")
    return Background(step, RELOAD_S)


def born(sources):
    """Channels and keys that were never there."""
    pipe = KafkaPipe(sources.kafka, "born")

    def step(count):
        for n in range(BORN_PER_SECOND // 10):
            pipe.send(f"k{count}-{n}", f'{{"k":"{count}-{n}"}}')
    background = Background(step, 0.1)
    background.pipe = pipe
    return background


def visits(node, chance):
    """Requests of all kinds, most of them short."""
    targets = ("/events/tick.1?from=-3&limit=3", "/events?channels=tick.{n},again/{x**}&limit=1",
               "/events?channels=born/{k}&from=-5&limit=5", "/events/flow/1?since=-5s&limit=2",
               "/events/flow/3?last_event_id=nonsense", "/readyz", "/nothing", "/events?limit=x")
    admin = ("/metrics", "/inputs", "/channels")

    def step(_):
        if chance.random() < 0.2:
            return ask(node.admin, "GET", chance.choice(admin))
        target = chance.choice(targets).replace("{n}", str(chance.randrange(4)))
        return visit(node.address, target.replace("{", "%7B").replace("}", "%7D"))
    return Background(step, VISIT_S)


def visit(address, target):
    """Leaves after the first bytes, or before them."""
    import socket
    with socket.create_connection(address, 20) as one:
        head = f"GET {target} HTTP/1.1\r\nHost: soak\r\nAccept: text/event-stream\r\n\r\n"
        one.sendall(head.encode())
        one.settimeout(0.2)
        with contextlib.suppress(TimeoutError):
            one.recv(4096)


class Samples:
    """What the process uses, every SAMPLE_S, once the warm-up is over."""

    def __init__(self, node):
        self._node = node
        self.of = {"memory": [], "descriptors": [], "threads": []}

    def take(self):
        when = time.monotonic()
        self.of["memory"].append((when, self._node.rss_kib() / 1024))
        self.of["descriptors"].append((when, descriptors(self._node)))
        self.of["threads"].append((when, self._node.threads()))

    def verdict(self, shares):
        """(lines, what grows)"""
        lines, grows = [], []
        for name, samples in self.of.items():
            growth = Growth(samples)
            flat = growth.is_flat(shares[name])
            unit = " MiB" if name == "memory" else ""
            lines.append(f"{name}{unit}: {growth.told('{:,.1f}')}: "
                         f"{'flat' if flat else 'GROWS'} (at most {shares[name]:.0%})")
            grows += [] if flat else [lines[-1]]
        return lines, grows


def descriptors(node):
    return len(os.listdir(f"/proc/{node.pid}/fd"))


def watch(node, crowd, seconds):
    """Sleeps, samples, and says how it goes; the samples after the warm-up."""
    warm = min(seconds * WARM_SHARE, WARM_MAX_S)
    samples, started, told = Samples(node), time.monotonic(), 0.0
    while (now := time.monotonic() - started) < seconds:
        if now >= warm:
            samples.take()
        if now - told >= max(5, min(30, seconds / 60)):
            told = now
            status(node, crowd, now, seconds, now < warm)
        time.sleep(SAMPLE_S)
    return samples


def status(node, crowd, now, seconds, is_warming):
    found = crowd.status()
    print("{:5.0f} of {:.0f} s{}: {:.1f} MiB, {} descriptors, {} threads; {streaming} streams, {moves} "
          "moves, {delivered} deliveries; {lost} lost, {doubled} doubled, {gaps} gaps".format(
              now, seconds, " (warming up)" if is_warming else "", node.rss_kib() / 1024,
              descriptors(node), node.threads(), **found), flush=True)


def run(seconds, seed):
    """(what the crowd found, lines of the verdict, what is wrong)"""
    with contextlib.ExitStack() as stack:
        sources = Sources(stack)
        node = sources.node = stack.enter_context(Sluice(sources.config()))
        node.wait_ready()
        wait_until(lambda: all(state(node, index).startswith("running/") for index in range(5)), 20,
                   "all inputs")
        crowd = Crowd(node.address, clients=CLIENTS, channels=CHANNELS, sequences=SEQUENCES,
                      take=TAKE, seed=seed, stay=4, away=0.5, forgets=0.1)
        before = descriptors(node)
        with crowd:
            with born(sources) as births, visits(node, random.Random(seed)) as visitors, \
                    reloads(node, sources) as reloader, \
                    Traffic(SEQUENCES, PER_SECOND, seed, sources.send, sources.close) as traffic:
                crowd.begin()
                samples = watch(node, crowd, seconds)
            births.pipe.close()
            found = crowd.end(traffic.sent)
        wrong = faults(found)
        lines, grows = samples.verdict(SHORT_SHARES if seconds <= SHORT_S else SHARES)
        wrong += grows + leftovers(node, before)
        found.update(sent=sum(traffic.sent), births=births.count * (BORN_PER_SECOND // 10),
                     visits=visitors.count, reloads=reloader.count)
        if wrong:
            wrong.append("log:\n" + node.log()[-3000:])
    return found, lines, wrong


def leftovers(node, before):
    """What stays when all readers have gone; a list of texts."""
    try:
        wait_until(lambda: metrics.read(node).total("sluice_subscribers") == 0, 60)
        # Inputs and this request may hold a few more or less than at the start.
        wait_until(lambda: descriptors(node) <= before + 8, 30)
    except AssertionError:
        return [f"{metrics.read(node).total('sluice_subscribers'):.0f} subscribers and "
                f"{descriptors(node)} descriptors are left, {before} were there before"]
    return []


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--minutes", type=float, default=30, help="how long (30)")
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    found, lines, wrong = run(wanted.minutes * 60, wanted.seed)
    print("churn: {sent} messages, {births} channels born, {visits} visits, {reloads} reloads, {moves} "
          "moves, {delivered} deliveries; {lost} lost, {doubled} doubled, {untold} untold, {gaps} gaps"
          .format(**found))
    print(*lines, sep="\n")
    print("churn: " + ("; ".join(wrong) if wrong else "clean and flat"), flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
