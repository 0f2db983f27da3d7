"""The Redis rows: a channel, and a stream full of entries, read by Sluice (one channel, nobody
subscribed) and by a bare loop over hiredis' reader."""
import contextlib
import subprocess
import sys
import threading

from input_rows import (AS_OBJECT, RULED, interleaved, lines, mapping_of, read_by_loop, read_by_sluice,
                        run_loop, start_cost_s)
from servers import SERVER_CORE, TESTER_CORE, TOP, Sluice

sys.path.insert(0, str(TOP / "tests" / "support"))
from redis_server import Redis  # noqa: E402
from sluice import wait_until  # noqa: E402

LOOP, TOPIC, BYTES = "sluice_redis_loop", "bench", 200


@contextlib.contextmanager
def _redis():
    """On the tester's core, and patient with slow subscribers."""
    with Redis(options=["--client-output-buffer-limit", "pubsub 0 0 0"]) as redis:
        subprocess.run(["taskset", "-apc", str(TESTER_CORE), str(redis.pid)], check=True,
                       stdout=subprocess.DEVNULL)
        yield redis


def _sluice(redis, variant, more=""):
    return Sluice(inputs=f'r: {{plugin: redis, server: "redis://{redis.address}"{more}}}',
                  mapping=mapping_of(f"r:{TOPIC}", variant))


@contextlib.contextmanager
def _published(redis, messages):
    """Publishes, once somebody has subscribed."""
    def publish():
        wait_until(lambda: redis("PUBSUB", "NUMSUB", TOPIC)[1] == 1, 30, "a subscriber")
        run_loop(LOOP, TESTER_CORE, "publish", str(redis.redis_port), TOPIC, str(messages),
                 str(BYTES))
    publisher = threading.Thread(target=publish)
    publisher.start()
    try:
        yield
    finally:
        publisher.join()


def redis(plan):
    messages = 2_000_000 if plan.repeats > 1 else 500_000
    with _redis() as server:
        def by_loop():
            with _published(server, messages):
                return read_by_loop(LOOP, SERVER_CORE, messages, "subscribe",
                                    str(server.redis_port), TOPIC, str(messages))

        def by_sluice(variant):
            before = start_cost_s(_sluice(server, variant))
            with _published(server, messages):
                return read_by_sluice(_sluice(server, variant), messages, before)

        results, notes = interleaved(plan, by_loop, by_sluice)
    return lines(results), results, notes


def redis_stream(plan):
    messages = 1_000_000 if plan.repeats > 1 else 300_000
    with _redis() as server:
        empty = f", streams: {TOPIC}, db: 1"
        full = f", streams: {TOPIC}, start: earliest"
        run_loop(LOOP, TESTER_CORE, "add", str(server.redis_port), TOPIC, str(messages), str(BYTES))

        def by_loop():
            return read_by_loop(LOOP, SERVER_CORE, messages, "read", str(server.redis_port), TOPIC,
                                str(messages))

        def by_sluice(variant):
            field = "" if variant == AS_OBJECT else ", payload_field: v"
            before = start_cost_s(_sluice(server, variant, empty + field))
            return read_by_sluice(_sluice(server, variant, full + field), messages, before)

        variants = ("sluice", RULED, AS_OBJECT)
        results, notes = interleaved(plan, by_loop, by_sluice, variants)
    return lines(results, variants=variants), results, notes
