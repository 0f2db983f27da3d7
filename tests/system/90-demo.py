#!/usr/bin/env python3
"""The demo: its page in a real Chromium, without brokers and with them, and what it is built of."""
import filecmp
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

from system import PATIENCE, TOP, SystemTest, ask, main, wait_until
import clients
from sluice import PROGRAM

DEMO = TOP / "share" / "demo"
FREE_PORTS = ["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"]


class Program:
    """A command that serves the demo, ended by SIGINT."""

    def __init__(self, *command):
        self._log = tempfile.NamedTemporaryFile("r+")
        self._process = subprocess.Popen([*command, *FREE_PORTS], stdin=subprocess.DEVNULL,
                                         stdout=self._log, stderr=self._log,
                                         env={**os.environ, "SLUICE_PROGRAM": PROGRAM})

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            print(self.output())
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(30 * PATIENCE)
        self._log.close()

    def output(self):
        self._log.seek(0)
        return self._log.read()

    def url(self, seconds=20):
        def found():
            if self._process.poll() is not None:
                raise AssertionError(self.output())
            return re.search(r"pages on (http://[0-9.]+:\d+/)", self.output())
        return wait_until(found, seconds, "`pages on`")[1]

    def end(self):
        """The exit status, and the seconds until it came."""
        begun = time.monotonic()
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(30 * PATIENCE), time.monotonic() - begun


def address_of(url):
    host, port = re.search(r"http://([0-9.]+):(\d+)", url).groups()
    return host, int(port)


class WithoutBrokers(SystemTest):
    def test_thePageShowsFourSourcesAndLosesNothing(self):
        with Program(PROGRAM, "demo") as demo:
            report = json.loads(clients.run_node("demo_page.mjs", demo.url(), seconds=240))
            status, seconds = demo.end()
        self.assertEqual((report["lost"], report["doubled"], report["told"]), (0, 0, 0), report)
        self.assertEqual(status, 0)
        self.assertLess(seconds, 2 * PATIENCE)

    def test_thePageCanBeUsedByKeyboardByEarAndWithoutMotion(self):
        with Program(PROGRAM, "demo") as demo:
            wrong = json.loads(clients.run_node("accessible.mjs", demo.url(), "#orders tr", seconds=180))
        self.assertEqual(wrong, [])

    def test_thePageIsWholeAndAsksNobodyElse(self):
        with Program(PROGRAM, "demo") as demo:
            address = address_of(demo.url())
            page = ask(address, "GET", "/").text
            for name in re.findall(r'(?:href|src)="([^"]+)"', page):
                self.assertEqual(ask(address, "GET", f"/{name}").status, 200, name)
            self.assertEqual(ask(address, "GET", "/LICENSES.txt").status, 200)
            self.assertIn("sluice_messages_total", ask(address, "GET", "/metrics").text)


class Built(SystemTest):
    def test_whatIsCommittedIsWhatTheSourcesMake(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["node", str(DEMO / "source" / "build.mjs"), folder], check=True,
                           timeout=60 * PATIENCE)
            made = sorted(path.name for path in pathlib.Path(folder).iterdir())
            self.assertEqual(made, ["LICENSES.txt", "demo.css", "demo.js", "inter.woff2"])
            for name in made:
                self.assertTrue(filecmp.cmp(DEMO / "page" / name, pathlib.Path(folder, name), False),
                                f"{name} is old: run `npm run build` in share/demo/source")


class WithBrokers(SystemTest):
    def test_thePageSurvivesTheEndOfEveryBroker(self):
        with Program(sys.executable, str(DEMO / "brokers.py")) as demo:
            url = demo.url(180)
            report = json.loads(clients.run_node("demo_page.mjs", url, "stop=redis,mosquitto,zeromq,kafka",
                                      seconds=480))
            children = self.children(demo)
            status, _ = demo.end()
        self.assertEqual((report["lost"], report["doubled"]), (0, 0), report["log"])
        self.assertGreater(report["told"], 0, "the link that was cut is a gap")
        self.assertEqual(status, 0)
        self.assertGreaterEqual(len(children), 5)
        wait_until(lambda: not any(map(is_alive, children)), 10, "the end of all programs")

    @staticmethod
    def children(demo):
        pid = demo._process.pid
        return pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()

    def test_onlyWhoHasTheTokenStopsBrokers(self):
        sys.path.insert(0, str(DEMO))
        import brokers
        switched = []
        some = brokers.Brokers()
        some.add("one", lambda: switched.append("stop"), lambda: switched.append("start"))
        with brokers.control_of(some) as site:
            address = address_of(site["control"])
            bearer = {"Authorization": f"Bearer {site['token']}"}
            for headers in ({}, {"Authorization": "Bearer guess"}):
                answer = ask(address, "POST", "/brokers/one/stop", headers=headers)
                self.assertEqual(answer.status, 401)
            self.assertEqual(switched, [])
            stopped = ask(address, "POST", "/brokers/one/stop", headers=bearer)
            self.assertEqual(stopped.json(), {"brokers": [{"name": "one", "running": False}]})
            ask(address, "POST", "/brokers/one/stop", headers=bearer)
            ask(address, "POST", "/brokers/one/start", headers=bearer)
            self.assertEqual(switched, ["stop", "start"])
            self.assertEqual(ask(address, "POST", "/brokers/two/stop", headers=bearer).status, 404)
            foreign = ask(address, "OPTIONS", "/brokers",
                          headers={"Origin": "https://shop.example"})
            self.assertNotIn("Access-Control-Allow-Origin", foreign.headers)


def is_alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


if __name__ == "__main__":
    main()
