"""A Sluice process for tests: started with a configuration, on free ports, stopped by its pid.

    with Sluice(TICKER) as node:
        stream = node.stream("/events/ticks?from=earliest")
        ...
The program is build/release/sluice, or SLUICE_PROGRAM. Nothing here waits without a limit;
SLUICE_PATIENCE stretches all of them (sanitizers).
"""
import contextlib
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import textwrap
import threading
import time
import urllib.parse

from secret_watch import search, secrets_of, watching
from sse import Stream

TOP = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("SLUICE_PROGRAM", str(TOP / "build" / "release" / "sluice"))
PATIENCE = float(os.environ.get("SLUICE_PATIENCE", "1"))
START_S, STOP_S = 20, 15

TICKER = """
    inputs:
      tick: {plugin: ticker, rate: 50, replayable: true}
    mappings:
      - {from: "tick:{all**}", channel: "{topic}"}
"""


def wait_until(condition, seconds=10, what="what the test waits for"):
    """Returns the first true value of condition(); fails after `seconds`."""
    deadline = time.monotonic() + seconds * PATIENCE
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come within {seconds * PATIENCE:g} s")
        time.sleep(0.01)
    return value


class Answer:
    """A whole HTTP response."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self):
        return self.body.decode()

    def json(self):
        return json.loads(self.body)


def ask(address, method, target, body=None, headers=None, tls=None):
    """tls: an ssl.SSLContext; None is plain HTTP."""
    if tls:
        connection = http.client.HTTPSConnection(*address, timeout=20 * PATIENCE, context=tls)
    else:
        connection = http.client.HTTPConnection(*address, timeout=20 * PATIENCE)
    try:
        connection.request(method, target, body, headers or {})
        response = connection.getresponse()
        answer = Answer(response.status, response.headers, response.read())
        search(answer.body, f"{method} {target}")
        search(str(answer.headers), f"the head of {method} {target}")
        return answer
    finally:
        connection.close()


def _split(url):
    parts = urllib.parse.urlsplit(url)
    return parts.hostname, parts.port


class Sluice:
    """One `sluice run`. Not thread-safe but for log()."""

    def __init__(self, config=TICKER, arguments=(), environment=None, port=0, files=None,
                 uri=None, tls=None, own_addresses=False):
        """config: YAML. port: a fixed one, to come back at the same address; 0 is any.
        files: {name: text} to lie beside the configuration. uri: what runs in place of the
        configuration. tls: the ssl.SSLContext of clients, where it speaks TLS. own_addresses:
        it listens where the configuration says. Starts nothing."""
        self._config = textwrap.dedent(config)
        self._arguments, self._environment = list(arguments), environment or {}
        self._port, self._files, self._uri = port, files or {}, uri
        self._tls, self._own_addresses = tls, own_addresses
        self._process = self._folder = None
        self._watch = contextlib.ExitStack()

    def __enter__(self):
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="sluice-test-"))
        try:
            self._watch_secrets()
            (self._folder / "sluice.yaml").write_text(self._config)
            for name, text in self._files.items():
                (self._folder / name).parent.mkdir(parents=True, exist_ok=True)
                (self._folder / name).write_text(text)
            self.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            print(f"---- log of sluice ----\n{self.log()}-----------------------", flush=True)
        self._end(signal.SIGKILL)
        shutil.rmtree(self._folder, ignore_errors=True)
        with self._watch:
            if kind is None:
                search(self.log(), "the log")

    def _watch_secrets(self):
        self._watch.enter_context(
            watching(secrets_of(self._config, self._environment, self._files)))

    # ---- its life ----

    def start(self):
        """Starts and waits until it listens."""
        search(self.log(), "the log")  # of the life before
        self._lines = []
        addresses = ["--listen", f"127.0.0.1:{self._port}", "--admin", "127.0.0.1:0"]
        command = [PROGRAM, "run", self._uri or str(self._folder / "sluice.yaml"),
                   *([] if self._own_addresses else addresses), *self._arguments]
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            cwd=self._folder, env={**os.environ, **self._environment}, text=True, errors="replace")
        self._reader = threading.Thread(target=self._read_log, args=(self._process.stderr,))
        self._reader.start()
        self.url = self._announced(r"\blistening on (https?://[0-9.]+:\d+)")
        self.admin_url = self._announced(r"\badmin on (https?://[0-9.]+:\d+)")
        self.address, self.admin = _split(self.url), _split(self.admin_url)

    def _read_log(self, pipe):
        with pipe:
            for line in pipe:
                self._lines.append(line)

    def _announced(self, pattern):
        def found():
            if match := re.search(pattern, self.log()):
                return match[1]
            if self._process.poll() is not None:
                self._reader.join(10)  # what it said last may still be in the pipe
                raise AssertionError(f"sluice ended with {self._process.returncode}:\n{self.log()}")
            return None
        return wait_until(found, START_S, f"`{pattern}` on stderr")

    def urls(self):
        """All public ones, in the order of `listen`."""
        return re.findall(r"\blistening on (https?://[0-9.]+:\d+)", self.log())

    def log(self):
        return "".join(getattr(self, "_lines", []))

    def wait_for_log(self, pattern):
        """The log is read by a thread, so what was written before an answer may come after it."""
        wait_until(lambda: re.search(pattern, self.log()), START_S, f"`{pattern}` in the log")

    @property
    def pid(self):
        return self._process.pid

    def send_signal(self, number):
        self._process.send_signal(number)

    def wait(self, seconds=STOP_S):
        """The exit status; None if it is still running after so long."""
        try:
            status = self._process.wait(seconds * PATIENCE)
        except subprocess.TimeoutExpired:
            return None
        self._reader.join(5)
        return status

    @property
    def file(self):
        return self._folder / "sluice.yaml"

    def configure(self, config):
        """Writes the file anew; the process reads it when it is told to."""
        self._config = textwrap.dedent(config)
        self._watch_secrets()
        self.file.write_text(self._config)

    def reload(self):
        """By POST /reload; the answer."""
        return ask(self.admin, "POST", "/reload", tls=self._tls_of(self.admin_url))

    def stop(self):
        """As a service manager does it; returns the exit status."""
        return self._end(signal.SIGTERM)

    def kill(self):
        self._end(signal.SIGKILL)

    def restart(self, how=signal.SIGTERM):
        self._end(how)
        self.start()

    def _end(self, how):
        if self._process is None:
            return None
        if self._process.poll() is None:
            self._process.send_signal(how)
        status = self.wait()
        if status is None:
            self._process.kill()
            self._process.wait(STOP_S)
            self._reader.join(5)
        self._process = None
        return status

    # ---- talking to it ----

    def _tls_of(self, url):
        return self._tls if url.startswith("https:") else None

    def get(self, target, headers=None):
        return ask(self.address, "GET", target, headers=headers, tls=self._tls_of(self.url))

    def admin_get(self, target):
        return ask(self.admin, "GET", target, tls=self._tls_of(self.admin_url))

    def admin_post(self, target, body):
        return ask(self.admin, "POST", target, body)

    def stream(self, target, last_event_id=None, **options):
        return Stream(self.address, target, last_event_id, tls=self._tls_of(self.url), **options)

    def publish(self, events, key="test-key"):
        """events: what POST /publish takes; `publish: {key: test-key}` must be configured."""
        answer = ask(self.address, "POST", "/publish", json.dumps(events).encode(),
                     {"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
                     tls=self._tls_of(self.url))
        if answer.status != 200:
            raise AssertionError(f"publish: {answer.status} {answer.text}")
        return answer.json()

    def publish_numbers(self, channel, first, last):
        """Events whose data are the numbers first .. last - 1."""
        return self.publish([{"channel": channel, "data": n} for n in range(first, last)])

    def wait_ready(self, seconds=60):
        wait_until(lambda: self.get("/readyz").status == 200, seconds, "/readyz")

    # ---- what it uses ----

    def threads(self):
        return len(os.listdir(f"/proc/{self.pid}/task"))

    def rss_kib(self):
        with open(f"/proc/{self.pid}/status") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1])
