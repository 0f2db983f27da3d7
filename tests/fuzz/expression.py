#!/usr/bin/env python3
"""Feeds random expressions and payloads to Sluice and to another implementation of CEL.

    ./dev fuzz [--seconds N] [--seed S] [--only S]

Prints each difference with what reproduces it, and ends with status 1 if there was one. What is
known to differ is passed over by rule, see KNOWN. What only Sluice has, and texts with slips, are
not compared: there it is enough that what always holds does, see expression.cpp.
"""
import argparse
import base64
import collections
import datetime
import json
import math
import os
import pathlib
import random
import re
import subprocess
import sys
import time

import cel

from grammar import sample

TOP = pathlib.Path(__file__).resolve().parents[2]
HELPER = os.environ.get("SLUICE_FUZZ_EXPRESSION",
                        str(TOP / "build" / "release" / "sluice_fuzz_expression"))
ERROR = "an error"
DIFFERENCES_MAX = 50  # told in one run


class Ours:
    """One process that answers line by line; begun anew where it died."""

    def __init__(self):
        self._process = None

    def evaluate(self, expression, payload):
        """(value, what was broken)."""
        if self._process is None:
            self._process = subprocess.Popen([HELPER], stdin=subprocess.PIPE, text=True,
                                             stdout=subprocess.PIPE)
        request = json.dumps({"expression": expression})[:-1] + f', "payload": {payload}}}\n'
        self._process.stdin.write(request)
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            status = self._process.wait(10)
            self._process = None
            return ERROR, f"the program ended with status {status}"
        answer = json.loads(line)
        value = untagged(answer["value"]) if "value" in answer else ERROR
        return value, answer.get("broken")

    def close(self):
        if self._process:
            self._process.stdin.close()
            self._process.wait(10)


def untagged(tagged):
    """A value as the other implementation's bindings give it: an int for a uint, too."""
    kind, value = tagged
    if kind == "list":
        return [untagged(item) for item in value]
    if kind == "map":
        return {untagged(key): untagged(item) for key, item in value}
    if kind == "double":
        return float(value)
    if kind == "bytes":
        return base64.b64decode(value)
    if kind == "google.protobuf.Timestamp":
        return datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
    if kind == "google.protobuf.Duration":
        return datetime.timedelta(seconds=float(value[:-1]))
    return value


def theirs(expression, payload):
    try:
        return cel.evaluate(expression, {"payload": json.loads(payload)})
    except Exception:  # their bindings raise many kinds, and panics derive from BaseException
        return ERROR


def same(a, b):
    if a is ERROR or b is ERROR:
        return a is b
    if isinstance(a, bool) or isinstance(b, bool) or a is None or b is None:
        return a is b
    if isinstance(a, float) and isinstance(b, float):
        return a == b or (math.isnan(a) and math.isnan(b))
    if type(a) is not type(b):
        return False
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, datetime.timedelta):
        return abs((a - b).total_seconds()) < 1e-6
    return a == b


def has(*words):
    return lambda case: all(word in case.ours for word in words)


def refused(*words):
    """What they refuse, and CEL does not, where all the words stand."""
    return lambda case: case.other is ERROR and case.mine is not ERROR and has(*words)(case)


def taken(*words):
    """What they take, and CEL does not."""
    return lambda case: case.mine is ERROR and case.other is not ERROR and has(*words)(case)


def unordered(value):
    """Equal for values that differ in the order of lists only."""
    if isinstance(value, list):
        return sorted(repr(unordered(item)) for item in value)
    if isinstance(value, dict):
        return sorted(repr((key, unordered(item))) for key, item in value.items())
    return value.timestamp() if isinstance(value, datetime.datetime) else value


Case = collections.namedtuple("Case", "ours payload mine other")
# Where the other implementation is known to differ from CEL's specification.
KNOWN = {
    "size() counts bytes":
        lambda case: "size(" in case.ours and not (case.ours.isascii() and "\\u" not in case.payload),
    "accessors keep the offset that a timestamp was written with": has("+02:00", ".get"),
    "string() of a time":
        lambda case: re.search(r"string\(.*(timestamp|duration)\(", case.ours),
    "no string(bool)": refused("string("),
    "no int(timestamp)": refused("int(", "timestamp("),
    "no duration + timestamp": refused(" + ", "timestamp(", "duration("),
    "`in` a map refuses what is no key": refused(" in "),
    "NaN can not be ordered": lambda case: refused(" / ")(case) and re.search("[<>]", case.ours),
    "getMilliseconds() of a duration counts all": has("getMilliseconds", "duration("),
    "list + map appends the keys": taken(" + "),
    "-x takes a bool, and the smallest int": taken("-("),
    "!!x is x, whatever it is": taken("!!"),
    "the keys of a map have no order": lambda case: unordered(case.mine) == unordered(case.other),
}


def run(seeds, seconds):
    program = Ours()
    counts = collections.Counter()
    deadline = time.monotonic() + seconds if seconds else None
    for seed in seeds:
        if deadline and time.monotonic() > deadline:
            break
        payload, ours, other = sample(seed)
        mine, broken = program.evaluate(ours, payload)
        case = Case(ours, payload, mine, theirs(other, payload) if other else mine)
        counts["expressions"] += 1
        counts["with a value"] += mine is not ERROR
        counts["only ours"] += not other
        if broken is None and same(mine, case.other):
            continue
        rule = None if broken else next((name for name, holds in KNOWN.items() if holds(case)), None)
        if rule:
            counts[f"known: {rule}"] += 1
            continue
        counts["differences"] += 1
        print(f"\nseed {seed}: again with ./dev fuzz --only {seed}\n  payload: {payload}\n"
              f"  ours:    {ours}\n           {mine!r}")
        print(f"  broken:  {broken}" if broken
              else f"  theirs:  {other}\n           {case.other!r}", flush=True)
        if counts["differences"] == DIFFERENCES_MAX:
            print("that is enough")
            break
    program.close()
    for name, count in sorted(counts.items()):
        print(f"{count:9} {name}")
    return 1 if counts["differences"] or not counts["with a value"] else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60, help="how long (default 60)")
    parser.add_argument("--seed", type=int, default=None, help="the first one (default: random)")
    parser.add_argument("--only", type=int, default=None, help="just the expression of this seed")
    options = parser.parse_args()
    if options.only is not None:
        return run([options.only], None)
    first = random.SystemRandom().randrange(1 << 40) if options.seed is None else options.seed
    print(f"from seed {first}")
    return run(iter(range(first, first + (1 << 40))), options.seconds)


if __name__ == "__main__":
    sys.exit(main())
