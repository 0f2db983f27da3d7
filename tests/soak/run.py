#!/usr/bin/env python3
"""./dev soak [nodes|churn] [--minutes N] [--seeds N] [--first-seed N]

  nodes   two nodes behind a load balancer that are killed at random: 20 seeds of a minute each
  churn   one node with everything on, for 30 minutes: nothing lost, nothing grows
Without a name: both. Exit status: 0 all is well, 1 not, 2 wrong usage.
"""
import argparse
import subprocess
import sys
import pathlib

HERE = pathlib.Path(__file__).resolve().parent


def part(script, *arguments):
    return subprocess.run([sys.executable, str(HERE / script), *map(str, arguments)]).returncode


def main():
    parser = argparse.ArgumentParser(
        usage=__doc__.rstrip(), add_help=False, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("part", nargs="?", choices=("nodes", "churn"))
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first-seed", type=int, default=1)
    wanted = parser.parse_args()
    failed = []
    if wanted.part != "churn" and part("nodes.py", "--seeds", wanted.seeds,
                                       "--first-seed", wanted.first_seed):
        failed.append("nodes")
    if wanted.part != "nodes" and part("churn.py", "--minutes", wanted.minutes,
                                       "--seed", wanted.first_seed):
        failed.append("churn")
    print("soak: " + ("FAILED: " + ", ".join(failed) if failed else "all is well"))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
