"""The Kafka row: one partition full of messages, read to its end by Sluice and by a bare librdkafka
loop with the same settings."""
import os
import subprocess
import sys

from input_rows import (interleaved, lines, mapping_of, read_by_loop, read_by_sluice, run_loop,
                        start_cost_s)
from servers import SERVER_CORE, TESTER_CORE, TOP, Sluice

sys.path.insert(0, str(TOP / "tests" / "support"))

LOOP, TOPIC, EMPTY, BYTES = "sluice_kafka_loop", "bench", "bench-empty", 200


def _sluice(kafka, topic, variant):
    return Sluice(inputs=f'k: {{plugin: kafka, brokers: "{kafka.bootstrap}", start: earliest}}',
                  mapping=mapping_of(f"k:{topic}", variant))


def _read_by_loop(kafka, messages):
    return read_by_loop(LOOP, SERVER_CORE, messages, "consume", kafka.bootstrap, TOPIC,
                        str(messages))


def _measure(plan, messages):
    from kafka import KafkaBroker  # only here: other rows need no Java
    with KafkaBroker() as kafka:
        for thread in os.listdir(f"/proc/{kafka.pid}/task"):
            os.sched_setaffinity(int(thread), {TESTER_CORE})
        kafka.create_topic(TOPIC)
        kafka.create_topic(EMPTY)
        run_loop(LOOP, TESTER_CORE, "produce", kafka.bootstrap, TOPIC, str(messages), str(BYTES))
        _read_by_loop(kafka, messages)  # the first read fills the page cache; not counted


        def by_sluice(variant):
            before = start_cost_s(_sluice(kafka, EMPTY, variant))
            return read_by_sluice(_sluice(kafka, TOPIC, variant), messages, before)

        return interleaved(plan, lambda: _read_by_loop(kafka, messages), by_sluice)


def kafka(plan):
    messages = 2_000_000 if plan.repeats > 1 else 500_000
    try:
        results, notes = _measure(plan, messages)
    except (ImportError, OSError, RuntimeError, subprocess.SubprocessError) as error:
        results, notes = {}, [f"not measured: {error}"]
    return lines(results, 200_000), results, notes
