#!/usr/bin/env python3
"""Runs the benchmark and prints every figure with its target: run.py [--row NAME]... [--quick]

The server has one core, the tester another; servers take turns, several times; figures are medians.
`floor` is what sending the same bytes costs at least (for inputs: a bare loop over the client
library), `nchan` is nginx with nchan, for comparison. Exit status: 0 all reached, 1 not, 2 wrong usage.
"""
import argparse
import json
import os
import pathlib
import sys
import time

import auth_row
import catch_up_row
import journal_row
import kafka_row
import mapping_row
import mqtt_row
import redis_row
import replay_row
import rows
import servers
import snapshot_row
import tls_row
import zeromq_row
from report import CONTENDERS, disturbances, print_row, print_table

ROWS = {
    "fanout": (rows.fanout, "1,000 subscribers, 100 events/s, 200 B"),
    "max-rate": (rows.max_rate, "highest paced rate to 100 subscribers with none missing"),
    "million": (rows.million, "1,000 subscribers x 1,000 events/s"),
    "channels": (rows.channels, "1,000 channels x 10 subscribers, 1,000 events/s in all"),
    "idle": (rows.idle, "10,000 idle subscribers"),
    "stuck": (rows.stuck, "10 of 100 subscribers stuck, 4 KiB events at 200/s"),
    "storm": (rows.storm, "10,000 subscribers cut by RST at once, all back with their id"),
    "catch-up": (catch_up_row.row(1), "1,000 readers 100,000 events behind, one lane"),
    "catch-up-12": (catch_up_row.row(12), "the same, 12 lanes"),
    "catch-up-24": (catch_up_row.row(24), "the same, 24 lanes"),
    "auth": (auth_row.auth, "1,000 connects a second, each with a JWT by ES256"),
    "snapshot": (snapshot_row.snapshot, "100 readers begin with the latest events of 100,000 keys"),
    "replay": (replay_row.replay, "1,000,000 Kafka messages to one old id, history of 1,000"),
    "mapping": (mapping_row.mapping, "orders of 686 B through the mapper, in one thread"),
    "tls": (tls_row.tls, "1,000 subscribers, 100 events/s, 200 B, plain and by TLS"),
    "journal": (journal_row.journal, "120,000 events/s of 200 B into 100 channels on disk"),
    "kafka": (kafka_row.kafka, "Kafka to one channel, 200 B messages"),
    "mqtt": (mqtt_row.mqtt, "MQTT, QoS 1, to one channel, 200 B messages"),
    "redis": (redis_row.redis, "Redis pub/sub to one channel, 200 B messages"),
    "redis-stream": (redis_row.redis_stream, "a Redis Stream to one channel, entries of 200 B"),
    "zeromq": (zeromq_row.zeromq, "ZeroMQ to one channel, 200 B messages"),
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--row", action="append", choices=ROWS, help="only this one (repeatable)")
    parser.add_argument("--only", action="append", choices=CONTENDERS, help="only this server")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=10, help="measured time of a run")
    parser.add_argument("--quick", action="store_true", help="one run of 3 s each: a first look")
    parser.add_argument("--out", metavar="FILE", type=pathlib.Path, help="all runs as JSON")
    parser.add_argument("--list", action="store_true", help="names the rows")
    return parser.parse_args()


def measure(name, plan):
    """(lines, runs) of a row, printed."""
    row, work = ROWS[name]
    started = time.monotonic()
    print(f"... {name} ({work})", file=sys.stderr, flush=True)
    lines, results, notes = row(plan)
    print_row(name, work, lines, notes + disturbances(results))
    print(f"    ({time.monotonic() - started:.0f} s)", flush=True)
    return lines, results


def main():
    wanted = arguments()
    if wanted.list:
        for name, (_, work) in ROWS.items():
            print(f"{name:<10} {work}")
        return 0
    if servers.SERVER_CORE == servers.TESTER_CORE:
        print("note: one core only: server and tester share it, figures mean little")
    servers.prepare()
    repeats, seconds = (1, 3) if wanted.quick else (wanted.repeats, wanted.seconds)
    plan = rows.Plan(repeats, seconds, wanted.only or CONTENDERS)
    load = os.getloadavg()[0]
    print(f"{repeats} run(s) of {seconds} s each; load of the machine at the start: {load:.2f}")
    found = {name: measure(name, plan) for name in wanted.row or ROWS}
    print_table([(name, lines) for name, (lines, _) in found.items()])
    if wanted.out:
        wanted.out.write_text(json.dumps({name: runs for name, (_, runs) in found.items()}, indent=1))
    return 0 if all(line.reached is not False for lines, _ in found.values() for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
