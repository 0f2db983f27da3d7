"""The Kafka row: one partition full of messages, read to its end by Sluice (one channel, nobody
subscribed) and by a bare librdkafka loop with the same settings; CPU of both per message."""
import http.client
import json
import os
import re
import subprocess
import sys
import time
import urllib.parse

from report import Line, median
from servers import (BEYOND_S, SERVER_CORE, TESTER_CORE, TOP, Sluice, program, start)

sys.path.insert(0, str(TOP / "tests" / "support"))

TOPIC, EMPTY, BYTES = "bench", "bench-empty", 200
POLL_S = 0.1  # asking for metrics costs CPU that the row counts: seldom
SETTLE_S = 1.0
READ_S_MAX = 120.0
_MAPPED = re.compile(r'^sluice_messages_total\{[^}]*result="mapped"[^}]*\} ([0-9.e+]+)$', re.M)


def _sluice(kafka, topic):
    return Sluice(inputs=f'k: {{plugin: kafka, brokers: "{kafka.bootstrap}", start: earliest}}',
                  mapping=f'{{from: "k:{topic}", channel: "{{topic}}"}}')


def _mapped(connection):
    connection.request("GET", "/metrics")
    return sum(float(value) for value in _MAPPED.findall(connection.getresponse().read().decode()))


def _cpu_s(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _start_cost_s(kafka):
    """CPU of a Sluice that starts, connects and finds nothing."""
    with _sluice(kafka, EMPTY) as server:
        time.sleep(SETTLE_S)
        return _cpu_s(server.pids[0])


def _read_by_sluice(kafka, messages):
    before = _start_cost_s(kafka)
    began = time.monotonic()
    with _sluice(kafka, TOPIC) as server:
        admin = urllib.parse.urlsplit(server.admin)
        connection = http.client.HTTPConnection(admin.hostname, admin.port, timeout=10)
        while (count := _mapped(connection)) < messages:
            if count == 0:
                began = time.monotonic()  # at the earliest: the rate is rather told too low
            if time.monotonic() > began + READ_S_MAX:
                raise RuntimeError(f"only {count:.0f} of {messages} messages were mapped within "
                                   f"{READ_S_MAX:.0f} s:\n{server.log()[-600:]}")
            time.sleep(POLL_S)
        rate = messages / (time.monotonic() - began)
        cpu = _cpu_s(server.pids[0]) - before
        return {"cpu_us": cpu * 1e6 / messages, "rate": rate}


def _loop(core, *arguments):
    process = start([program("sluice_kafka_loop"), *arguments], core, stdout=subprocess.PIPE,
                    text=True)
    try:
        text = process.communicate(timeout=BEYOND_S)[0]
    except subprocess.TimeoutExpired:
        process.kill()
        raise RuntimeError("the bare loop did not end") from None
    if process.returncode != 0:
        raise RuntimeError("the bare loop failed")
    return text


def _read_by_loop(kafka, messages):
    found = json.loads(_loop(SERVER_CORE, "consume", kafka.bootstrap, TOPIC, str(messages)))
    return {"cpu_us": found["cpu_s"] * 1e6 / messages, "rate": messages / found["seconds"]}


def _measure(plan, messages):
    from kafka import KafkaBroker  # only here: other rows need no Java
    with KafkaBroker() as kafka:
        for thread in os.listdir(f"/proc/{kafka.pid}/task"):
            os.sched_setaffinity(int(thread), {TESTER_CORE})
        kafka.create_topic(TOPIC)
        kafka.create_topic(EMPTY)
        _loop(TESTER_CORE, "produce", kafka.bootstrap, TOPIC, str(messages), str(BYTES))
        _read_by_loop(kafka, messages)  # the first read fills the page cache; not counted
        return plan.interleaved({"floor": lambda: _read_by_loop(kafka, messages),
                                 "sluice": lambda: _read_by_sluice(kafka, messages)})


def kafka(plan):
    messages = 2_000_000 if plan.repeats > 1 else 500_000
    try:
        results, notes = _measure(plan, messages)
    except (ImportError, OSError, RuntimeError, subprocess.SubprocessError) as error:
        results, notes = {}, [f"not measured: {error}"]
    values = {server: f"{median(runs, 'cpu_us'):.3f}" for server, runs in results.items() if runs}
    cpu = Line("CPU, us a message", values, "at most 0.4 us beyond the loop", "not measured", False)
    rate = Line("messages/s on one core",
                {server: f"{median(runs, 'rate'):,.0f}" for server, runs in results.items() if runs},
                "at least 200,000/s", "not measured", False)
    if results.get("sluice") and results.get("floor"):
        beyond = median(results["sluice"], "cpu_us") - median(results["floor"], "cpu_us")
        cpu.measured, cpu.reached = f"{beyond:.3f} us beyond", beyond <= 0.4
    if results.get("sluice"):
        value = median(results["sluice"], "rate")
        rate.measured, rate.reached = f"{value:,.0f}/s", value >= 200_000
    return [cpu, rate], results, notes
