"""The row of snapshots: readers that all begin with the latest event of many keys."""
import json
import re
import urllib.request

from catch_up_row import catch_up
from report import Line, limit_line, median, medians
from servers import Sluice

KEYS, SUBSCRIBERS, SIZE, QUICK = 100_000, 100, 200, 10
GROWTH_MIB = 32  # what reading may add to the memory of the server


def sluice(keys):
    """Every event has a key of its own, and the history holds next to none of them."""
    return Sluice(
        inputs=f"table: {{plugin: ticker, count: {keys}, rate: 200000, topic: table, size: {SIZE}, "
               "scheduled: true}",
        mapping='{from: "table:table", channel: table, key: "{payload.seq}"}\n'
                "channels:\n  table: {snapshot: latest-per-key, history: {events: 100}, "
                f"snapshot_max: {{keys: {keys}, bytes: 256MiB}}}}")


def memory_kib(server, field):
    total = 0
    for pid in server.pids:
        with open(f"/proc/{pid}/status") as status:
            total += int(re.search(rf"{field}:\s+(\d+)", status.read())[1])
    return total


def wait_for_keys(server, keys):
    def are_kept():
        with urllib.request.urlopen(server.admin + "/channels", timeout=10) as answer:
            return any(one.get("snapshot", {}).get("keys") == keys
                       for one in json.load(answer)["channels"])
    server.wait(are_kept, "whole table")


def one_run(keys):
    with sluice(keys) as server:
        wait_for_keys(server, keys)
        before = memory_kib(server, "VmRSS")
        run = catch_up(server, f"/events/table?from=snapshot&limit={keys}", keys, SUBSCRIBERS)
        run["kept_mib"] = before / 1024
        run["growth_mib"] = (memory_kib(server, "VmHWM") - before) / 1024
    return run


def snapshot(plan):
    keys = KEYS // QUICK if plan.repeats == 1 and plan.seconds <= 3 else KEYS
    runs, notes = [], []
    for _ in range(plan.repeats):
        try:
            runs.append(one_run(keys))
        except (RuntimeError, OSError, ValueError) as error:
            notes.append(f"not measured: {error}")
            break
    results = {"sluice": runs}
    audit = Line("audit (all runs)", {}, "all ended, none missing", "not measured", False)
    lines = [Line("time until all have all, s", medians(results, "ended_s")),
             Line("server CPU, s", medians(results, "server_cpu_s")),
             Line("server memory with the table, MiB", medians(results, "kept_mib")),
             limit_line("memory that reading it adds", results, "growth_mib", GROWTH_MIB, "MiB"),
             audit]
    if runs:
        faults = sum(run["missing"] + run["doubled"] + run["gaps"] for run in runs)
        audit.measured = f"{faults} faults, {median(runs, 'ended'):.0f} ended"
        audit.reached = faults == 0 and all(run["ended"] == SUBSCRIBERS for run in runs)
        notes.append(f"{keys:,} keys, {runs[0]['bytes'] / SUBSCRIBERS / keys:.0f} bytes each")
    return lines, {}, notes
