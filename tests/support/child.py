"""A program that a test runs in a temporary folder of its own, stopped by its pid.

    with Child(["redis-server", "redis.conf"], files={"redis.conf": text}, port=port) as redis:
        ...
        redis.restart(signal.SIGKILL)

Nothing here waits without a limit; SLUICE_PATIENCE stretches the waits (sanitizers).
"""
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time

PATIENCE = float(os.environ.get("SLUICE_PATIENCE", "1"))
START_S, STOP_S = 20, 15
_LOWEST, _HIGHEST = 15_000, 32_000  # Linux takes ports for outgoing connections from 32,768


def free_port():
    """A port on which nothing listens, and which no outgoing connection will take."""
    while True:
        port = random.SystemRandom().randint(_LOWEST, _HIGHEST)
        with socket.socket() as one:
            try:
                one.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def accepts(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


class Child:
    """The same command in the same folder over stop() and start(). Not thread-safe."""

    def __init__(self, command, files=None, port=None, environment=None):
        """files: {name: text} to lie in the folder, which is the working directory. port: start()
        returns when it accepts connections. Starts nothing."""
        self._command, self._files, self._port = command, files or {}, port
        self._environment = environment or {}
        self._process = self.folder = None

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sluice-test-"))
        try:
            for name, text in self._files.items():
                (self.folder / name).write_text(text)
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self):
        with open(self.folder / "log", "ab") as log:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder,
                env={**os.environ, **self._environment})
        deadline = time.monotonic() + START_S * PATIENCE
        while self._port and not accepts(self._port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise AssertionError(f"{self._command[0]} did not start:\n" + self.log()[-4000:])
            time.sleep(0.005)

    def log(self):
        return (self.folder / "log").read_text(errors="replace")

    @property
    def pid(self):
        return self._process.pid if self._process else None

    def stop(self):
        """Returns the exit status."""
        return self._end(signal.SIGTERM)

    def kill(self):
        return self._end(signal.SIGKILL)

    def restart(self, how=signal.SIGTERM):
        self._end(how)
        self.start()

    def _end(self, how):
        if self._process is None:
            return None
        self._process.send_signal(how)
        self._process.send_signal(signal.SIGCONT)  # a frozen one must be able to end
        try:
            status = self._process.wait(STOP_S * PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait(STOP_S)
        self._process = None
        return status

    def freeze(self):
        """Its connections stay, it answers nothing."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self._process.send_signal(signal.SIGCONT)
