"""What the rows of inputs share: messages that a broker has ready are read to their end by Sluice
(one channel, nobody subscribed), passed through and again with a rule of five fields, and by a bare
loop over the broker's client library; CPU of all per message, on one core."""
import functools
import http.client
import json
import os
import re
import statistics
import subprocess
import time
import urllib.parse

from report import Line, median, medians
from servers import BEYOND_S, program, start

POLL_S = 0.1  # asking for metrics costs CPU that the row counts: seldom
SETTLE_S = 1.0
RULED, AS_OBJECT = "sluice, rule", "sluice, object"
# variant: what it is, and what a message may cost beyond the loop
VARIANTS = {"sluice": ("passed through", 0.4), RULED: ("five-field rule", 0.9),
            AS_OBJECT: ("as one object", 0.4)}
_RULE = ("when: \"payload.amount > 0 && payload.status != 'DRAFT'\", "
         'data: {id: "{payload.id}", total: "{payload.amount}", status: "{payload.status}", '
         'customer: "{payload.customer.name}", country: "{payload.customer.country}"}')
READ_S_MAX = 120.0
_MAPPED = re.compile(r'^sluice_messages_total\{[^}]*result="mapped"[^}]*\} ([0-9.e+]+)$', re.M)


def _mapped(connection):
    connection.request("GET", "/metrics")
    return sum(float(value) for value in _MAPPED.findall(connection.getresponse().read().decode()))


def cpu_s(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def mapping_of(source, variant):
    """The mapping of a variant: everything that `source` takes, to the channel of its topic."""
    rule = f", {_RULE}" if variant == RULED else ""
    return f'{{from: "{source}", channel: "{{topic}}"{rule}}}'


def interleaved(plan, by_loop, by_sluice, variants=("sluice", RULED)):
    """Results and notes of the loop and the variants; `by_sluice` makes a run of one."""
    runs = {variant: functools.partial(by_sluice, variant) for variant in variants}
    return plan.interleaved({"floor": by_loop, **runs})


def start_cost_s(server):
    """CPU of a Sluice that starts, connects and finds nothing."""
    with server:
        time.sleep(SETTLE_S)
        return cpu_s(server.pids[0])


def read_by_sluice(server, messages, start_cost):
    """One run of a server whose input brings so many messages."""
    began = time.monotonic()
    with server:
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
        cpu = cpu_s(server.pids[0]) - start_cost
        return {"cpu_us": cpu * 1e6 / messages, "rate": rate}


def run_loop(name, core, *arguments):
    """What the program printed; it ends by itself."""
    process = start([program(name), *arguments], core, stdout=subprocess.PIPE, text=True)
    try:
        text = process.communicate(timeout=BEYOND_S)[0]
    except subprocess.TimeoutExpired:
        process.kill()
        raise RuntimeError("the bare loop did not end") from None
    if process.returncode != 0:
        raise RuntimeError("the bare loop failed")
    return text


def read_by_loop(name, core, messages, *arguments):
    """One run of a loop that prints one JSON line."""
    found = json.loads(run_loop(name, core, *arguments))
    return {"cpu_us": found["cpu_s"] * 1e6 / messages, "rate": messages / found["seconds"]}


def _beyond_line(results, variant):
    what, limit = VARIANTS[variant]
    told = {server: f"{median(runs, 'cpu_us'):.3f}" for server, runs in results.items()
            if runs and server in ("floor", variant)}
    line = Line(f"CPU a message, us: {what}", told, f"at most {limit:g} us beyond the loop",
                "not measured", False)
    if len(told) == 2:
        # Runs of one round stand side by side: what slows down the machine slows down both.
        beyond = sorted(run["cpu_us"] - floor["cpu_us"]
                        for run, floor in zip(results[variant], results["floor"]))
        line.measured = (f"{statistics.median(beyond):.3f} us beyond "
                         f"({beyond[0]:.2f} to {beyond[-1]:.2f})")
        line.reached = statistics.median(beyond) <= limit
    return line


def lines(results, rate_least=None, variants=("sluice", RULED)):
    """The figures of the loop and of the variants; without a least rate it is only told."""
    rate = Line("messages/s on one core", medians(results, "rate", "{:,.0f}"))
    if rate_least is not None:
        rate.target, rate.measured, rate.reached = f"at least {rate_least:,}/s", "not measured", False
        if results.get("sluice"):
            value = median(results["sluice"], "rate")
            rate.measured, rate.reached = f"{value:,.0f}/s", value >= rate_least
    return [*(_beyond_line(results, variant) for variant in variants), rate]
