#!/usr/bin/env python3
"""The demo from real brokers: starts a Kafka, a Mosquitto, a Redis and the feeders on free ports and
in folders of their own, then Sluice with brokers.yaml, and stops all of them at Ctrl-C.

    ./dev demo --brokers [OPTIONS OF sluice run]

The page's buttons that stop and start a broker ask a small server on loopback; only who can read the
page's site.json has its token.
"""
import contextlib
import functools
import hmac
import http.server
import json
import os
import pathlib
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[1]
sys.path.insert(0, str(TOP / "tests" / "support"))
from child import free_port  # noqa: E402
from kafka import KafkaBroker  # noqa: E402
from mosquitto import Mosquitto  # noqa: E402
from redis_server import Redis  # noqa: E402
from tcp_proxy import TcpProxy  # noqa: E402

PROGRAM = os.environ.get("SLUICE_PROGRAM", str(TOP / "build" / "release" / "sluice"))
END_S = 3


class Brokers:
    """What can be stopped and started by name. Thread-safe."""

    def __init__(self):
        self._switches, self._lock = {}, threading.Lock()

    def add(self, name, stop, start):
        self._switches[name] = [True, stop, start]

    def state(self):
        with self._lock:
            return self._state()

    def switch(self, name, wanted):
        """Returns the state of all when it is done; KeyError for a name that is none."""
        with self._lock:
            switch = self._switches[name]
            if switch[0] != wanted:
                switch[2 if wanted else 1]()
                switch[0] = wanted
            return self._state()

    def _state(self):
        return {"brokers": [{"name": name, "running": switch[0]}
                            for name, switch in self._switches.items()]}


class Control(http.server.BaseHTTPRequestHandler):
    """GET /brokers, POST /brokers/NAME/stop and /start, for pages on this machine that have the
    token."""

    protocol_version = "HTTP/1.1"
    timeout = 30

    def __init__(self, brokers, token, *arguments):
        self._brokers, self._token = brokers, token
        super().__init__(*arguments)

    def do_OPTIONS(self):
        self._answer(204, None)

    def do_GET(self):
        if self._is_allowed():
            found = self.path == "/brokers"
            self._answer(200 if found else 404, self._brokers.state() if found else {})

    def do_POST(self):
        if not self._is_allowed():
            return
        parts = self.path.strip("/").split("/")
        if len(parts) != 3 or parts[0] != "brokers" or parts[2] not in ("stop", "start"):
            return self._answer(404, {"error": "POST /brokers/NAME/stop or /start"})
        try:
            self._answer(200, self._brokers.switch(parts[1], parts[2] == "start"))
        except KeyError:
            self._answer(404, {"error": f"there is no broker '{parts[1]}'"})
        except (AssertionError, OSError, RuntimeError) as error:
            self._answer(500, {"error": str(error)[-500:]})

    def _is_allowed(self):
        given = self.headers.get("Authorization", "").encode()
        if hmac.compare_digest(given, f"Bearer {self._token}".encode()):
            return True
        self._answer(401, {"error": "the token of site.json is needed"})
        return False

    def _answer(self, status, value):
        body = b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        origin = self.headers.get("Origin", "")
        if urllib.parse.urlsplit(origin).hostname in ("127.0.0.1", "localhost"):
            self.send_header("Access-Control-Allow-Origin", origin)
            self.send_header("Access-Control-Allow-Headers", "Authorization")
            self.send_header("Access-Control-Allow-Private-Network", "true")
            self.send_header("Vary", "Origin")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def say(text):
    print(f"demo: {text}", file=sys.stderr, flush=True)


@contextlib.contextmanager
def started(name, child):
    """The child of a `with`, whose start is told on the status line."""
    begun = time.monotonic()
    say(f"starting {name}")
    with child:
        say(f"{name} runs after {time.monotonic() - begun:.1f} s")
        yield child


@contextlib.contextmanager
def process(command, **options):
    """Stopped at the end, at the latest after END_S."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True, **options)
    try:
        yield child
    finally:
        if child.poll() is None:
            child.send_signal(signal.SIGINT)
        try:
            child.wait(END_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


class QuickKafka(KafkaBroker):
    """Its data go with it, so it need not put them in order at the end."""

    def __exit__(self, *_):
        self.kill()
        super().__exit__()


@contextlib.contextmanager
def control_of(brokers):
    """Serves Control; yields what the page must know."""
    token = secrets.token_urlsafe(24)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                             functools.partial(Control, brokers, token))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield {"mode": "Real brokers on this machine.", "token": token,
               "control": f"http://127.0.0.1:{server.server_port}"}
    finally:
        server.shutdown()
        server.server_close()


def page_with(site, folder):
    """A copy of the page that knows who stops brokers; only we can read it on this disk."""
    page = pathlib.Path(folder, "page")
    shutil.copytree(HERE / "page", page)
    (page / "site.json").write_text(json.dumps(site))
    return page


def run(arguments, stack):
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="sluice-demo-"))
    brokers = Brokers()
    kafka = stack.enter_context(started("Kafka", QuickKafka()))
    mosquitto = stack.enter_context(started("Mosquitto", Mosquitto(persistent=True)))
    redis = stack.enter_context(started("Redis", Redis(persistent=True)))
    publisher = f"127.0.0.1:{free_port()}"
    host, port = publisher.split(":")
    link = stack.enter_context(TcpProxy((host, int(port))))

    def cut_link():
        link.refuse()
        link.cut_all()

    for name, broker in (("kafka", kafka), ("mosquitto", mosquitto), ("redis", redis)):
        brokers.add(name, broker.stop, broker.start)
    brokers.add("zeromq", cut_link, link.listen)
    log = stack.enter_context(open(pathlib.Path(folder, "feeders.log"), "w+"))
    feeders = stack.enter_context(process(
        [sys.executable, str(HERE / "feeders" / "feeders.py"), "--kafka", kafka.bootstrap,
         "--mqtt", mosquitto.address, "--redis", redis.address, "--zeromq", f"tcp://{publisher}"],
        stdout=log, stderr=log))
    site = stack.enter_context(control_of(brokers))
    environment = {**os.environ, "DEMO_KAFKA": kafka.bootstrap, "DEMO_MQTT": mosquitto.address,
                   "DEMO_REDIS": redis.address,
                   "DEMO_ZEROMQ": "tcp://127.0.0.1:%d" % link.address[1],
                   "DEMO_PAGE": str(page_with(site, folder))}
    say("starting Sluice; open the address behind `pages on` in a browser. Ctrl-C ends all")
    node = stack.enter_context(process(
        [PROGRAM, "run", str(HERE / "brokers.yaml"), *arguments], env=environment, cwd=folder))
    while node.poll() is None:
        if feeders.poll() is not None:
            log.seek(0)
            say("the feeders have ended:\n" + log.read()[-2000:])
            return 1
        time.sleep(0.2)
    return node.returncode


def main():
    # Ctrl-C may come at any moment of the start, too: all that was started ends. Shells start
    # programs in the background with SIGINT ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        with contextlib.ExitStack() as stack:
            return run(sys.argv[1:], stack)
    except KeyboardInterrupt:
        return 0
    finally:
        say("ended")


if __name__ == "__main__":
    sys.exit(main())
