#!/usr/bin/env python3
"""Runs the steps of the Dockerfile without Docker: each stage in a fresh Debian root made by
debootstrap, RUN by chroot, COPY by cp; then the program as the image would run it, and its health
check. Needs root, debootstrap and the network; about a quarter of an hour, most of it compiling.

    steps.py [--prebuilt PREFIX] [--keep]

--prebuilt takes what COPY --from=build would bring from a folder that `cmake --install` filled, and so
leaves the first stage out. --keep leaves the roots for a look.
"""
import argparse
import contextlib
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests" / "support"))
import debian_root  # noqa: E402

HEALTHY_S = 60
INSIDE = "SLUICE_STEPS_INSIDE"
# What a step sees of ours is what `docker build` hands on as well.
PROXIES = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
ENVIRONMENT = [f"PATH={debian_root.PATH}",
               *(f"{name}={os.environ[name]}" for name in PROXIES if name in os.environ)]


def instructions(text):
    """(name, argument) of each, comments left out and continued lines joined."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for line in re.sub(r"\\\n", " ", "\n".join(lines)).splitlines():
        if line.strip():
            name, argument = line.split(None, 1)
            yield name.upper(), argument.strip()


def say(text):
    print(f"steps: {text}", flush=True)


class Stage:
    """A root folder in which the steps of one stage are run."""

    def __init__(self, folder, base):
        if not base.startswith("debian:12"):
            raise SystemExit(f"steps: no way to make {base} here")
        self.root, self.folder, self.user = folder, "/", None
        self.entry, self.command, self.health = [], [], []
        debian_root.make(folder, "bookworm")
        for kind in ("proc", "dev"):
            subprocess.run(["mount", "--bind", f"/{kind}", str(folder / kind)], check=True)

    def chroot(self, command):
        """What runs a line of shell in it, as the stage's user."""
        user = [f"--userspec={self.user}"] if self.user else []
        return ["chroot", *user, str(self.root), "/usr/bin/env", "-i", *ENVIRONMENT,
                "/bin/sh", "-c", f"cd {shlex.quote(self.folder)} && exec {command}"]

    def run(self, command):
        subprocess.run(self.chroot(f"sh -ec {shlex.quote(command)}"), check=True,
                       stdout=subprocess.DEVNULL)

    def copy(self, source_root, argument):
        *sources, target = argument.split()
        place = self.root / target.lstrip("/") if target.startswith("/") \
            else self.root / self.folder.lstrip("/") / target
        for source in sources:
            there = pathlib.Path(source_root, source.lstrip("/"))
            if there.is_dir():
                shutil.copytree(there, place, dirs_exist_ok=True, symlinks=True)
            else:
                into = place / there.name if target.endswith("/") or place.is_dir() else place
                into.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(there, into)

    def step(self, name, argument, stages):
        if name == "RUN":
            self.run(argument)
        elif name == "COPY":
            match = re.match(r"--from=(\S+)\s+(.*)", argument)
            self.copy(*(stages[match[1]], match[2]) if match else (TOP, argument))
        elif name == "WORKDIR":
            self.folder = argument
            (self.root / argument.lstrip("/")).mkdir(parents=True, exist_ok=True)
        elif name == "USER":
            self.user = argument
        elif name in ("ENTRYPOINT", "CMD"):
            setattr(self, "entry" if name == "ENTRYPOINT" else "command", json.loads(argument))
        elif name == "HEALTHCHECK":
            self.health = json.loads(argument.split("CMD", 1)[1])
        elif name != "EXPOSE":
            raise SystemExit(f"steps: {name} is not known here")


def stages_of(text, work, prebuilt):
    """Runs all; returns the last stage."""
    stages, stage, name = {}, None, None
    skipped = False
    for instruction, argument in instructions(text):
        if instruction == "FROM":
            base, _, name = argument.partition(" AS ")
            skipped = bool(name and prebuilt)
            if skipped:
                say(f"stage {name} is left out")
                root = work / name
                root.joinpath("opt").mkdir(parents=True)
                shutil.copytree(prebuilt, root / "opt" / "sluice", symlinks=True)
                stages[name] = root
                continue
            stage = Stage(work / (name or "final"), base)
            stages[name or "final"] = stage.root
        elif not skipped:
            begun = time.monotonic()
            stage.step(instruction, argument, stages)
            say(f"{time.monotonic() - begun:6.1f} s  {instruction} {argument[:70]}")
    return stage


def size_mib(folder):
    return int(subprocess.check_output(["du", "-xsm", str(folder)]).split()[0])


def prove(stage):
    """The image's program runs as its user, and its health check passes; in a network of its own, as
    a container has."""
    command = stage.chroot(shlex.join([*stage.entry, *stage.command]))
    alone = ["unshare", "--net", "sh", "-ec", 'ip link set lo up; exec "$@"', "sh"]
    with tempfile.TemporaryFile("w+") as log, \
            subprocess.Popen([*alone, *command], stderr=log) as process:
        try:
            wait_healthy(stage, process, log)
            status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
            say("healthy, as uid " + re.search(r"Uid:\s+(\d+)", status)[1])
        finally:
            process.terminate()
    say(f"ended with {process.returncode}; the root has {size_mib(stage.root)} MiB")


def wait_healthy(stage, process, log):
    check = ["nsenter", f"--target={process.pid}", "--net",
             *stage.chroot(shlex.join(stage.health))]
    deadline = time.monotonic() + HEALTHY_S
    while subprocess.run(check, stderr=subprocess.DEVNULL).returncode != 0:
        if process.poll() is not None or time.monotonic() > deadline:
            log.seek(0)
            raise SystemExit(f"steps: the program is not healthy\n{log.read()[-2000:]}")
        time.sleep(0.2)


def remove(work):
    """Never what is only mounted there."""
    for mounted in sorted(work.glob("*/*")):
        if mounted.is_mount():
            subprocess.run(["umount", str(mounted)], check=True)
    shutil.rmtree(work)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--prebuilt", type=pathlib.Path)
    parser.add_argument("--keep", action="store_true")
    arguments = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("steps: chroot wants root")
    if os.environ.get(INSIDE) != "1":  # what is mounted must go with us
        os.environ[INSIDE] = "1"
        os.execvp("unshare", ["unshare", "--mount", sys.executable, *sys.argv])
    with contextlib.ExitStack() as stack:
        work = pathlib.Path(tempfile.mkdtemp(prefix="sluice-image-"))
        if not arguments.keep:
            stack.callback(remove, work)
        prove(stages_of((TOP / "Dockerfile").read_text(), work, arguments.prebuilt))


if __name__ == "__main__":
    main()
