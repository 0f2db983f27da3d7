#!/usr/bin/env python3
"""Smoke test: smoke.py LOAD FLOOR. Five subscribers read 50 events of the floor over loopback;
none may be missing. A floor that skips or doubles events must be found out."""
import json
import subprocess
import sys
import time

SUBSCRIBERS, RATE, SECONDS = 5, 100, 0.5
START_S, RUN_S = 10.0, 30.0


def floor_url(floor):
    """The floor prints its address first; it never prints anything else."""
    line = floor.stderr.readline()
    return line.split("listening on ", 1)[1].strip()


def run(load, floor, *fault):
    """(exit status, result) of one run against a floor of its own."""
    server = subprocess.Popen([floor, "--rate", str(RATE), *fault], stderr=subprocess.PIPE,
                              text=True)
    try:
        tester = subprocess.run(
            [load, "--url", floor_url(server) + "/0", "--subscribers", str(SUBSCRIBERS),
             "--seconds", str(SECONDS), "--warm", "0.1", "--pid", str(server.pid), "--json"],
            stdout=subprocess.PIPE, timeout=RUN_S, text=True)
        return tester.returncode, json.loads(tester.stdout)
    finally:
        server.kill()
        server.wait(START_S)


def expect(what, truth, result):
    if not truth:
        sys.exit(f"smoke: {what}: {json.dumps(result)}")


def main():
    load, floor = sys.argv[1:3]
    started = time.monotonic()
    status, result = run(load, floor)
    wrong = [name for name in ("missing", "doubled", "reordered", "behind", "foreign", "closed",
                                    "gaps")
             if result[name] != 0]
    expect("a good floor was called bad", status == 0 and not wrong, result)
    expect("not all events came", result["delivered"] == SUBSCRIBERS * RATE * SECONDS, result)

    status, result = run(load, floor, "--fault", "skip")
    expect("a skipped event was not found", status == 1 and result["missing"] > 0, result)
    expect("a skipped event was called doubled", result["doubled"] == 0, result)

    status, result = run(load, floor, "--fault", "double")
    expect("a doubled event was not found", status == 1 and result["doubled"] > 0, result)
    expect("a doubled event was called missing", result["missing"] == 0, result)
    print(f"smoke: the audit counts and can fail ({time.monotonic() - started:.1f} s)")


if __name__ == "__main__":
    main()
