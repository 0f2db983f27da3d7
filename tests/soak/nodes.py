#!/usr/bin/env python3
"""Two nodes behind HAProxy, fed by a real Kafka (12 partitions) and a real Redis (streams), killed
and started at random, while a crowd of readers is cut at random and carries its ids between them:
every message once and in order, and no gap told. Test 11 of the specification of resuming.

    nodes.py [--seeds N] [--first-seed N] [--seconds S]      `./dev soak nodes`

What is killed and cut, and when, derives from the seed; what the machine makes of it does not.
"""
import argparse
import contextlib
import pathlib
import random
import sys
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent),
                str(pathlib.Path(__file__).resolve().parents[1] / "support")]
import metrics  # noqa: E402
from child import free_port  # noqa: E402
from crowd import Crowd, faults  # noqa: E402
from haproxy import HaProxy  # noqa: E402
from kafka import KafkaBroker, KafkaPipe  # noqa: E402
from redis_server import Redis  # noqa: E402
from sluice import Sluice, wait_until  # noqa: E402
from traffic import Traffic  # noqa: E402

# Few enough messages that two cores are half idle: 1,000 readers get a quarter of them each.
CLIENTS, CHANNELS, TAKE, PER_SECOND = 1000, 12, 3, 60
# One topic and one stream: with more families an event's id would be long, and only the last one
# of a write would carry it whole (section 3): a write that is cut is resumed approximately then.
KAFKA_KEYS, PARTITIONS, STREAMS = 36, 12, 1
SEQUENCES = CHANNELS * (KAFKA_KEYS + STREAMS)  # key or stream q on channel c is q * CHANNELS + c
REWIND_S, OUTAGE_MAX_S = 120, 2.5

CONFIG = """
    inputs:
      shop: {{plugin: kafka, brokers: "{kafka}"}}
      cache: {{plugin: redis, server: "redis://{redis}", streams: ["{name}:{{part}}"]}}
    mappings:
      - {{from: "shop:{name}", channel: "flow/{{payload.c}}"}}
      - from: "cache:{name}:{{part}}"
        channel: "flow/{{payload.c}}"
        data: {{s: "{{int(payload.s)}}", n: "{{int(payload.n)}}"}}
    delivery: {{retry: 10ms}}
"""


class Sender:
    """Messages {"s": SEQUENCE, "n": NUMBER, "c": CHANNEL}."""

    def __init__(self, kafka, redis, name):
        self._kafka, self._redis, self._name = KafkaPipe(kafka, name), redis, name

    def send(self, sequence, number):
        part, channel = divmod(sequence, CHANNELS)
        if part < KAFKA_KEYS:
            self._kafka.send(f"key{part}", f'{{"s":{sequence},"n":{number},"c":"{channel}"}}')
        else:
            self._redis("XADD", f"{self._name}:{part - KAFKA_KEYS}", "*",
                        "s", sequence, "n", number, "c", channel)

    def close(self):
        self._kafka.close()


def schedule_of(seed, seconds):
    """[(when, "kill" or "start", node)], in order: mostly one node at a time, now and then both."""
    chance = random.Random(seed)
    steps, when = [], 2.0
    while when < seconds - 2 * OUTAGE_MAX_S:
        down = [0, 1] if chance.random() < 0.15 else [chance.randrange(2)]
        longest = 0
        for node in down:
            outage = chance.uniform(0.05, OUTAGE_MAX_S)
            steps += [(when, "kill", node), (when + outage, "start", node)]
            longest = max(longest, outage)
        when += longest + chance.uniform(0.5, 4)
    return sorted(steps)


def obey(steps, nodes):
    started = time.monotonic()
    for when, step, node in steps:
        time.sleep(max(0.0, started + when - time.monotonic()))
        nodes[node].kill() if step == "kill" else nodes[node].start()


def lanes(node):
    return sum(one["lanes"] for one in node.admin_get("/inputs").json()["inputs"])


def book_faults(node):
    """What does not balance in a node's metrics; a list of texts."""
    page, found = metrics.read(node), []
    appended = page.value("sluice_appended_total")
    accounted = page.value("sluice_history_events") + page.total("sluice_evicted_total")
    if appended != accounted:
        found.append(f"{appended:.0f} appended, but {accounted:.0f} kept or evicted")
    for name, labels in (("sluice_gaps_total", {}), ("sluice_evicted_total", {}),
                         ("sluice_messages_total", {"result": "rejected"})):
        if count := page.total(name, **labels):
            found.append(f"{name} is {count:.0f}")
    return found


def run(kafka, redis, seed, seconds=60, clients=CLIENTS):
    """One seed; (what the crowd found, what is wrong: a list of texts)."""
    name = f"flow{seed}"
    kafka.create_topic(name, PARTITIONS)
    for part in range(STREAMS):
        redis("XGROUP", "CREATE", f"{name}:{part}", "none", "0", "MKSTREAM")
    config = CONFIG.format(kafka=kafka.bootstrap, redis=redis.address, name=name)
    with contextlib.ExitStack() as stack:
        nodes = [stack.enter_context(Sluice(config, port=free_port())) for _ in range(2)]
        for node in nodes:
            node.wait_ready()
            # A topic that was just made is found a moment later; first ids are to name all lanes.
            wait_until(lambda n=node: lanes(n) == PARTITIONS + STREAMS, 20, "all lanes")
        balancer = stack.enter_context(HaProxy([node.address for node in nodes]))
        crowd = stack.enter_context(Crowd(balancer.address, clients=clients, channels=CHANNELS,
                                          sequences=SEQUENCES, take=TAKE, seed=seed))
        steps = schedule_of(seed, seconds)
        sender = Sender(kafka, redis, name)
        with Traffic(SEQUENCES, PER_SECOND, seed, sender.send, sender.close) as traffic:
            crowd.begin()
            obey(steps, nodes)
            time.sleep(max(1.0, seconds - steps[-1][0]))
        found = crowd.end(traffic.sent)
        wrong = faults(found)
        found.update(seed=seed, sent=sum(traffic.sent), kills=len(steps) // 2)
        for number, node in enumerate(nodes):
            wrong += [f"node {number}: {fault}" for fault in book_faults(node)]
        if wrong:
            wrong += [f"node {n}'s log:\n{node.log()[-3000:]}" for n, node in enumerate(nodes)]
    return found, wrong


def told(found):
    return ("seed {seed}: {sent} messages, {delivered} deliveries, {kills} kills, {moves} moves, "
            "{refused} refused; {lost} lost, {doubled} doubled, {untold} untold, {gaps} gaps"
            .format(**found))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--seeds", type=int, default=20, help="how many (20)")
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=60, help="of each (60)")
    parser.add_argument("--clients", type=int, default=CLIENTS)
    wanted = parser.parse_args()
    bad = []
    with KafkaBroker() as kafka, Redis() as redis:
        for seed in range(wanted.first_seed, wanted.first_seed + wanted.seeds):
            found, wrong = run(kafka, redis, seed, wanted.seconds, wanted.clients)
            print(told(found), *wrong, sep="\n    ", flush=True)
            bad += [seed] if wrong else []
    print(f"two nodes: {wanted.seeds - len(bad)} of {wanted.seeds} seeds clean"
          + (f"; again with: ./dev soak nodes --seeds 1 --first-seed {bad[0]}" if bad else ""))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
