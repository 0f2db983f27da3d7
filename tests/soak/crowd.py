"""sluice_crowd, driven from Python: readers that are cut at random and audit what they get."""
import json
import os
import pathlib
import subprocess
import threading

TOP = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("SLUICE_CROWD", str(TOP / "build" / "release" / "sluice_crowd"))
PATIENCE = float(os.environ.get("SLUICE_PATIENCE", "1"))
READY_S = 60


class Crowd:
    """`with Crowd(address, clients=1000, ...) as crowd`: all are connected then, each with its first
    id; options are the program's. Not thread-safe."""

    def __init__(self, address, patience=60, **options):
        self._patience = patience * PATIENCE
        command = [PROGRAM, "--server", "%s:%d" % address, "--patience", str(self._patience)]
        for name, value in options.items():
            command += ["--" + name, str(value)]
        self._command, self._process = command, None

    def __enter__(self):
        self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            self._answer(self._patience + READY_S)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait(10)
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            pipe.close()

    def begin(self):
        """Cuts from now on."""
        self._say("begin")

    def status(self):
        """What it has found so far."""
        self._say("status")
        return self._answer(30 * PATIENCE)

    def end(self, totals):
        """Waits until all have everything, or patience ends: what was found."""
        self._say("end " + " ".join(map(str, totals)))
        return self._answer(self._patience + 30)

    def _say(self, line):
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def _answer(self, seconds):
        """The next line; a program that hangs is killed, so that this returns."""
        timer = threading.Timer(seconds, self._process.kill)
        timer.start()
        try:
            line = self._process.stdout.readline()
        finally:
            timer.cancel()
        if not line:
            self._process.kill()
            raise AssertionError("sluice_crowd: " + (self._process.stderr.read() or "no answer"))
        return json.loads(line)


def faults(found):
    """What is wrong with what a crowd found; a list of texts."""
    told = [f"{found[name]} {name}" for name in ("lost", "untold", "doubled", "foreign", "gaps")
            if found[name]]
    if told:
        told += [found[name] for name in ("first_fault", "first_gap") if found[name]]
    return told
