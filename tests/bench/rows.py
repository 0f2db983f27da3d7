"""The rows of the benchmark: each runs its servers in turn, several times, and returns Lines."""
from report import (Line, clean_line, is_clean, limit_line, median, medians, offered, ratio_line)
from servers import Floor, Nchan, Sluice, Unavailable, load

KIB, MIB = 1024, 1024 * 1024
STREAM = 200  # bytes of payload in most rows
CAN_DO = 0.9  # the share of its deliveries that nchan must reach to be printed


class Plan:
    """How often and how long; `only` leaves out servers that are not in it."""

    def __init__(self, repeats, seconds, only):
        self.repeats, self.seconds, self.only = repeats, seconds, only

    def interleaved(self, contenders):
        """contenders: server (or "server, variant") -> function that makes one run. Returns server -> runs, and notes on
        servers that could not run. One server's failure is a note, never the end of the others."""
        results = {name: [] for name in contenders if name.split(",")[0] in self.only}
        notes = []
        for _ in range(self.repeats):
            for name in list(results):
                try:
                    results[name].append(contenders[name]())
                except (Unavailable, RuntimeError, OSError, ValueError) as error:
                    notes.append(f"{name}: not measured: {error}")
                    del results[name]
        if any(offered(run) < CAN_DO for run in results.get("nchan", [])):
            notes.append(f"nchan cannot do this: {min(map(offered, results.pop('nchan'))):.0%} of "
                         "what was due came in time")
        return results, notes


def run_once(server, subscribers, seconds, rate=None, **options):
    """One run; `rate` is what each subscriber should get, when the run can be held to it."""
    with server:
        run = load(server, subscribers, seconds, **options)
    if rate:
        run["wanted"] = rate * (subscribers - options.get("stuck", 0)) * seconds
    return run


def fanout(plan):
    results, notes = plan.interleaved({
        "floor": lambda: run_once(Floor(rate=100, size=STREAM), 1000, plan.seconds, 100),
        "sluice": lambda: run_once(Sluice(rate=100, size=STREAM), 1000, plan.seconds, 100),
        "nchan": lambda: run_once(Nchan(100, STREAM), 1000, plan.seconds, 100)})
    return [ratio_line("server CPU, us a delivered event", results, "server_cpu_us_per_event",
                       "floor", 1.3),
            clean_line(results),
            Line("p50 / p99 latency, us", _latency(results))], results, notes


def _latency(results):
    return {server: f"{median(runs, 'p50_us'):.0f} / {median(runs, 'p99_us'):.0f}"
            for server, runs in results.items() if runs}


LADDER = (5_000, 7_000, 10_000, 14_000, 20_000, 28_000, 40_000, 56_000)
PROBE_S = 4


def max_rate(plan):
    """Climbs until a short run fails, then confirms from the last good rate downwards."""
    makes = {"floor": lambda rate: Floor(mode="coalesced", rate=rate, size=STREAM),
             "sluice": lambda rate: Sluice(rate=rate, size=STREAM)}
    best, notes, all_runs = {}, [], {}
    for name, make in makes.items():
        if name not in plan.only:
            continue
        try:
            best[name], all_runs[name] = _highest(make, plan)
        except (Unavailable, RuntimeError) as error:
            notes.append(f"{name}: not measured: {error}")
    values = {name: f"{rate:,}" for name, rate in best.items()}
    reached = best.get("sluice")
    return [Line("events/s to 100, none missing", values, "at least 10,000 events/s",
                 "not measured" if reached is None else f"{reached:,} events/s",
                 (reached or 0) >= 10_000),
            Line("p50 / p99 latency there, us", _latency(all_runs))], all_runs, notes


def _highest(make, plan):
    """(rate, runs at it); (0, []) when even the lowest is too much."""
    good = []
    for rate in LADDER:
        if not is_clean(run_once(make(rate), 100, PROBE_S, rate)):
            break
        good.append(rate)
    # A probe can fail by bad luck: the next step is tried in full, too.
    for rate in reversed(LADDER[:len(good) + 1]):
        runs = []
        for _ in range(plan.repeats):
            runs.append(run_once(make(rate), 100, plan.seconds, rate))
            if not is_clean(runs[-1]):
                break
        else:
            return rate, runs
    return 0, []


def million(plan):
    def run(server):
        return run_once(server, 1000, plan.seconds, 1000)
    results, notes = plan.interleaved({
        "floor": lambda: run(Floor(mode="coalesced", rate=1000, size=STREAM)),
        "sluice": lambda: run(Sluice(rate=1000, size=STREAM)),
        "nchan": lambda: run(Nchan(1000, STREAM))})
    return [clean_line(results),
            ratio_line("p99 latency, us", results, "p99_us", "floor", 3, "{:.0f}"),
            Line("server CPU, us a delivered event", medians(results, "server_cpu_us_per_event")),
            Line("p50 / p99 latency, us", _latency(results))], results, notes


def channels(plan):
    def run(server):
        return run_once(server, 10_000, plan.seconds, 1, channels=1000)
    results, notes = plan.interleaved({
        "floor": lambda: run(Floor(rate=1000, size=STREAM, channels=1000)),
        "sluice": lambda: run(Sluice(rate=1000, size=STREAM, channels=1000)),
        "nchan": lambda: run(Nchan(1000, STREAM, 1000))})
    return [ratio_line("server CPU, us a delivered event", results, "server_cpu_us_per_event",
                       "floor", 1.3),
            clean_line(results),
            Line("p50 / p99 latency, us", _latency(results))], results, notes


def idle(plan):
    """Channels that nothing is published to; the time is only for the memory to settle."""
    def quiet(server, path, spread):
        with server:
            return load(server, 10_000, 3, idle=True, channels=spread, url=server.address + path)
    one, one_notes = plan.interleaved({
        "floor": lambda: quiet(Floor(rate=0.01), "/0", 1),
        "sluice": lambda: quiet(Sluice(rate=1), "/events/idle.0", 1),
        "nchan": lambda: quiet(Nchan(0, 0), "/sub/0", 1)})
    many, many_notes = plan.interleaved({
        "sluice": lambda: quiet(Sluice(rate=1), "/events/idle.{i}", 10_000),
        "nchan": lambda: quiet(Nchan(0, 0), "/sub/{i}", 10_000)})
    kernel = {server: f"{median(runs, 'slab_each_bytes'):.0f} + {median(runs, 'tcp_each_bytes'):.0f}"
              for server, runs in one.items() if runs}
    lines = [limit_line("RSS growth each, one set", one, "rss_each_bytes", 1 * KIB, "bytes"),
             limit_line("RSS growth each, 10,000 sets", many, "rss_each_bytes", 2 * KIB, "bytes"),
             Line("kernel each, both ends: slab + tcp", kernel)]
    closed = sum(run["closed"] for runs in (*one.values(), *many.values()) for run in runs)
    notes = one_notes + many_notes + ([f"{closed} idle streams were closed"] if closed else [])
    return lines, {**one, "sluice, 10,000 sets": many.get("sluice", [])}, notes


# What the settings allow beyond the idle process: a channel's history of 8 MiB with half as much
# again for segments, and for a stuck reader what it keeps of one cut block and its own record.
STUCK_MEMORY = 12 * MIB + 10 * 128 * KIB


def stuck(plan):
    def run(subscribers, **options):
        found = run_once(Sluice(rate=200, size=4 * KIB), subscribers, plan.seconds, 200, **options)
        found["rss_growth_bytes"] = found["rss_peak_bytes"] - found["rss_before_bytes"]
        found["tcp_growth_mib"] = found["tcp_growth_bytes"] / MIB
        return found
    results, notes = plan.interleaved({"sluice, none stuck": lambda: run(90),
                                       "sluice, 10 stuck": lambda: run(100, stuck=10)})
    quiet, beside = (results.get(f"sluice, {how} stuck", []) for how in ("none", "10"))
    p99 = Line("p99 of the others, us", medians(results, "p99_us", "{:.0f}"),
               "at most 2 x without + 1 ms", "not measured", False)
    if quiet and beside:
        p99.measured = f"{median(beside, 'p99_us'):.0f} us"
        p99.reached = median(beside, "p99_us") <= 2 * median(quiet, "p99_us") + 1000
    return [p99, limit_line("RSS growth with 10 stuck", {"sluice": beside}, "rss_growth_bytes",
                            STUCK_MEMORY, "bytes"),
            clean_line({"sluice": beside}, "others: none missing"),
            Line("kernel's TCP buffers, MiB", medians(results, "tcp_growth_mib"))], results, notes


def storm(plan):
    storming = {"reconnect_storm": True}
    results, notes = plan.interleaved({
        "floor": lambda: run_once(Floor(mode="coalesced", rate=10), 10_000, plan.seconds, **storming),
        "sluice": lambda: run_once(Sluice(rate=10), 10_000, plan.seconds, **storming),
        "nchan": lambda: run_once(Nchan(10, STREAM), 10_000, plan.seconds, **storming)})
    late = {server: max(10_000 - run["caught_up"] for run in runs)
            for server, runs in results.items() if runs}
    notes += [f"{server}: {count} subscribers never caught up" for server, count in late.items()
              if count]
    return [ratio_line("time until all caught up, s", results, "caught_up_s", "floor", 2),
            clean_line(results, "nothing missing or doubled"),
            Line("server CPU of that time, s", medians(results, "storm_cpu_s"))], results, notes
