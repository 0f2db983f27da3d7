"""The mapping row: orders of 686 bytes through the mapper, beside one bare pass of simdjson that
fills the same slots; all in one program, in turns, by the clock of its thread."""
import json
import statistics

from input_rows import run_loop
from report import Line
from servers import SERVER_CORE

PROGRAM, RULES = "sluice_bench_mapping", (10, 100, 1_000)
# What a message that one of 1,000 rules takes may cost, in times of one of 10: dispatch goes by the
# topic; what is left is that more rules need more of the caches.
DISPATCH = 4


def _ns(found, names):
    return {told: f"{found[name]:,.0f}" for told, name in names.items() if name in found}


def _limit(figure, found, name, limit_ns):
    return Line(figure, _ns(found, {"sluice": name}), f"at most {limit_ns:,} ns",
                f"{found[name]:,.0f} ns", found[name] <= limit_ns)


def _ratio(figure, found, name, base, limit, told):
    ratio = found[name] / found[base]
    return Line(figure, _ns(found, {told: base, "sluice": name}), f"at most {limit:g} x {told}",
                f"{ratio:.2f} x", ratio <= limit)


def _of_rules(figure, found, kind):
    return Line(figure, _ns(found, {f"{count:,} rules": f"{kind}-{count}" for count in RULES}))


def _dispatch(figure, found, kind):
    line = _of_rules(figure, found, kind)
    ratio = found[f"{kind}-1000"] / found[f"{kind}-10"]
    line.target = f"1,000 rules at most {DISPATCH} x 10"
    line.measured, line.reached = f"{ratio:.2f} x", ratio <= DISPATCH
    return line


def _lines(found):
    return [_limit("filter, channel, 5 fields, ns", found, "project", 1_000),
            _ratio("filter that rejects, ns", found, "reject", "walk", 1.5, "walk"),
            _ratio("looks at nothing inside, 64 KiB, ns", found, "outside-64k", "outside", 1.1,
                   "686 B"),
            Line("passed through, ns", _ns(found, {"sluice": "pass"})),
            _of_rules("N rules take it, all reject, ns", found, "all"),
            _dispatch("one of N rules takes it, ns", found, "one"),
            _dispatch("the same, topic never seen, ns", found, "new")]


def mapping(plan):
    rounds = 21 if plan.repeats > 1 else 7
    runs = json.loads(run_loop(PROGRAM, SERVER_CORE, str(rounds)))
    found = {name: statistics.median(values) for name, values in runs.items()}
    return _lines(found), {"sluice": [found]}, []
