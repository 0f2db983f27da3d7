"""The rows of catching up: readers that are all far behind come back at once, while others read live."""
import concurrent.futures
import json
import os
import subprocess
import urllib.request

from report import Line, medians, median
from servers import TESTER_CORE, Server, Sluice, load, program

BEHIND, SUBSCRIBERS, LIVE, LIVE_RATE, LIVE_S = 100_000, 1_000, 100, 100, 3
SIZE, MOST_S, FILL_S, AIM, LATER_MS = 200, 300, 60, 1.5, 10
QUICK = 20  # a first look takes this share of events behind


class CatchUpFloor(Server):
    """Sends so many bytes, in so many events, to whoever asks."""
    name = "floor"

    def __init__(self, events, bytes_each):
        super().__init__()
        self._events, self._bytes = events, bytes_each

    def command(self, folder):
        return [program("sluice_catch_up_floor"), "--events", str(self._events),
                "--bytes", str(self._bytes)]


def sluice(behind, lanes):
    """The history is all there at once and keeps, beside it a channel goes on."""
    return Sluice(
        inputs=f"past: {{plugin: ticker, count: {behind + 1}, rate: 200000, topic: past, size: {SIZE}, "
               f"scheduled: true, replayable: true, partitions: {lanes}}}\n"
               f"  tick: {{plugin: ticker, rate: {LIVE_RATE}, size: {SIZE}, scheduled: true, "
               "replayable: true, rewind: 1s}",
        mapping='{from: "past:past", channel: past}\n  - {from: "tick:tick", channel: tick}\n'
                f"channels:\n  past: {{history: {{events: {behind + 10}, bytes: 256MiB}}}}\n"
                "limits: {history: 512MiB}")


def catch_up(server, target, events, subscribers, last_id=""):
    """One run of all readers against a server."""
    command = [program("sluice_catch_up"), "--server", server.address.removeprefix("http://"),
               "--target", target, "--events", str(events), "--subscribers", str(subscribers),
               "--seconds", str(MOST_S), "--last-id", last_id]
    for pid in server.pids:
        command += ["--pid", str(pid)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=MOST_S + 60,
                          preexec_fn=lambda: os.sched_setaffinity(0, {TESTER_CORE}))
    if done.returncode != 0:
        raise RuntimeError(f"{server.name}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def first_id(server, events):
    """The id of the first event, when all have come: a cut with every lane."""
    def appended():
        with urllib.request.urlopen(server.admin + "/channels", timeout=10) as answer:
            return any(one["name"] == "past" and one["events"] > events
                       for one in json.load(answer)["channels"])
    server.wait(appended, "whole history")
    url = server.address + "/events/past?from=earliest&limit=1"
    with urllib.request.urlopen(url, timeout=10) as stream:
        return [line for line in stream.read().decode().splitlines()
                if line.startswith("id: ")][-1].removeprefix("id: ")


def live(server):
    """p99 of the live readers, in us, over a short run."""
    return load(server, LIVE, LIVE_S, url=server.address + "/events/tick", warm=0.3)["p99_us"]


def one_run(behind, subscribers, lanes):
    """(of Sluice, of the floor for the same bytes)"""
    with sluice(behind, lanes) as server:
        last_id = first_id(server, behind)
        quiet = live(server)
        with concurrent.futures.ThreadPoolExecutor() as pool:
            readers = pool.submit(catch_up, server, f"/events/past?limit={behind}", behind,
                                  subscribers, last_id)
            beside = [live(server)]
            while not readers.done():
                p99 = live(server)
                if not readers.done():  # else a part of it was quiet
                    beside.append(p99)
            run = readers.result()
        run.update(quiet_us=quiet, beside_us=max(beside), id_bytes=len(last_id),
               event_bytes=run["bytes"] / subscribers / behind)
    with CatchUpFloor(behind, run["bytes"] // subscribers) as server:
        floor = catch_up(server, "/", behind, subscribers)
    return run, floor


def row(lanes):
    def measure(plan):
        behind = BEHIND // QUICK if plan.repeats == 1 and plan.seconds <= 3 else BEHIND
        results, notes = {"sluice": [], "floor": []}, []
        if behind != BEHIND:
            notes.append(f"a first look: {behind:,} events behind")
        for _ in range(plan.repeats):
            try:
                found = one_run(behind, SUBSCRIBERS, lanes)
            except (RuntimeError, OSError, ValueError) as error:
                notes.append(f"not measured: {error}")
                break
            for name, run in zip(results, found):
                results[name].append(run)
        return lines_of(results, lanes), {}, notes
    return measure


def lines_of(results, lanes):
    runs, floors = results["sluice"], results["floor"]
    time = Line("time until all have all, s", medians(results, "ended_s"))
    audit = Line("audit (all runs)", {}, "all ended, none missing", "not measured", False)
    beside = Line("p99 of live readers, us", {}, f"at most quiet + {LATER_MS} ms", "not measured",
                  False)
    lines = [time, Line("server CPU, s", medians(results, "server_cpu_s")), audit, beside]
    if not runs:
        return lines
    ratio = median(runs, "ended_s") / median(floors, "ended_s")
    time.measured = f"{ratio:.2f} x"
    if lanes == 1:
        time.target, time.reached = f"at most {AIM} x floor", ratio <= AIM
    else:
        time.values["ratio"] = time.measured
    faults = {name: sum(run[name] for run in runs) for name in ("missing", "doubled", "gaps")}
    audit.measured = ", ".join(f"{count} {name}" for name, count in faults.items())
    audit.reached = not any(faults.values()) and all(
        run["ended"] == run["subscribers"] for run in runs)
    beside.values = {"quiet": f"{median(runs, 'quiet_us'):.0f}",
                     "beside": f"{median(runs, 'beside_us'):.0f}"}
    later = (median(runs, "beside_us") - median(runs, "quiet_us")) / 1000
    beside.measured, beside.reached = f"quiet {later:+.1f} ms", later <= LATER_MS
    lines.append(Line("bytes of an event, of its id",
                      {"sluice": "{event_bytes:.0f}, {id_bytes}".format(**runs[0])}))
    return lines
