"""The row of replays: one reader whose id is from before a million messages of Kafka, of which the node
keeps next to none."""
import os
import re
import subprocess
import sys
import urllib.request

from catch_up_row import catch_up
from report import Line, limit_line, median, medians
from servers import TESTER_CORE, TOP, Sluice
from input_rows import run_loop
from snapshot_row import memory_kib

sys.path.insert(0, str(TOP / "tests" / "support"))

LOOP, TOPIC, MESSAGES, QUICK, SIZE = "sluice_kafka_loop", "past", 1_000_000, 10, 200
GROWTH_MIB = 64  # what one replay may add to the memory of the server: the log, and librdkafka's


def sluice(kafka):
    return Sluice(
        inputs=f'k: {{plugin: kafka, brokers: "{kafka.bootstrap}", rewind: 0s}}',
        mapping=f'{{from: "k:{TOPIC}", channel: past}}\n'
                "channels:\n  past: {history: {events: 1000}}")


def page(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode()


def first_id(server):
    """Of a reader that came before the first message."""
    server.wait(lambda: '"lanes":1' in page(server.admin + "/inputs"), "the topic's partition")
    with urllib.request.urlopen(server.address + "/events/past", timeout=10) as stream:
        for line in stream:
            if line.startswith(b"id: "):
                return line.decode().strip().removeprefix("id: ")
    raise RuntimeError("the stream ended before its first id")


def mapped(server):
    found = re.findall(r'^sluice_messages_total\{[^}]*result="mapped"[^}]*\} (\S+)$',
                       page(server.admin + "/metrics"), re.M)
    return sum(float(value) for value in found)


def one_run(kafka, messages):
    with sluice(kafka) as server:
        last_id = first_id(server)
        run_loop(LOOP, TESTER_CORE, "produce", kafka.bootstrap, TOPIC, str(messages), str(SIZE))
        server.wait(lambda: mapped(server) >= messages, "all messages")
        before = memory_kib(server, "VmRSS")
        run = catch_up(server, f"/events/past?limit={messages}", messages, 1, last_id)
        run["growth_mib"] = max(memory_kib(server, "VmHWM") - before, 0) / 1024
        run["rate"] = messages / run["ended_s"]
    return run


def measured(plan, messages):
    from kafka import KafkaBroker  # only here: other rows need no Java
    runs = []
    for _ in range(plan.repeats):
        with KafkaBroker() as kafka:
            for thread in os.listdir(f"/proc/{kafka.pid}/task"):
                os.sched_setaffinity(int(thread), {TESTER_CORE})
            kafka.create_topic(TOPIC)
            runs.append(one_run(kafka, messages))
    return runs


def replay(plan):
    messages = MESSAGES // QUICK if plan.repeats == 1 and plan.seconds <= 3 else MESSAGES
    runs, notes = [], []
    try:
        runs = measured(plan, messages)
    except (ImportError, RuntimeError, OSError, ValueError, subprocess.SubprocessError) as error:
        notes.append(f"not measured: {error}")
    results = {"sluice": runs}
    audit = Line("audit (all runs)", {}, "all ended, none missing", "not measured", False)
    lines = [Line("time until the reader has all, s", medians(results, "ended_s")),
             Line("messages a second", medians(results, "rate")),
             Line("server CPU, s", medians(results, "server_cpu_s")),
             limit_line("memory that it adds", results, "growth_mib", GROWTH_MIB, "MiB"),
             audit]
    if runs:
        faults = sum(run["missing"] + run["doubled"] + run["gaps"] for run in runs)
        audit.measured = f"{faults} faults, {median(runs, 'ended'):.0f} ended"
        audit.reached = faults == 0 and all(run["ended"] == 1 for run in runs)
        notes.append(f"{messages:,} messages of {SIZE} bytes")
    return lines, {}, notes
