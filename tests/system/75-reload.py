#!/usr/bin/env python3
"""The file changes while the node runs: SIGHUP and POST /reload put it in force, or say why not."""
import json
import os
import pty
import signal
import subprocess
import tempfile
import threading

from system import PATIENCE, PUBLISH, Sluice, SystemTest, ask, main, wait_until
from redis_server import Redis
from sluice import PROGRAM
from states import wait_state

BASE = """
    inputs:
      tick: {plugin: ticker, rate: 1000, replayable: true, keep: %s, rewind: 0}
%s
    mappings:
      - {from: "tick:{all**}", channel: ticks, event: %s}
%s
    delivery: {retry: 10ms}
"""


def config(keep="1h", event="tick", inputs=(), mappings=()):
    """A file whose channel `ticks` has every tick, and whatever else is given, a line each."""
    return BASE % (keep, "\n".join(f"      {line}" for line in inputs), event,
                   "\n".join(f"      - {line}" for line in mappings))


OTHER_INPUT = "other: {plugin: ticker, rate: %d, topic: other}"
OTHER_MAPPING = '{from: "other:{all**}", channel: others}'


class Follower(threading.Thread):
    """Reads a stream until it is told to stop, then up to a last number."""

    def __init__(self, node, target):
        super().__init__()
        self.stream, self.last, self.failure = node.stream(target), None, None
        self.start()

    def run(self):
        try:
            self.stream.read_until(self._is_done, 60)
            # What came last may be a part of a block.
            self.stream.read_until(lambda _: self.stream.response.body.endswith(b"\n\n"))
        except Exception as error:  # told by the test's thread
            self.failure = error

    def _is_done(self, reader):
        # A glance at the end: the stream is long.
        newest = next((e for e in reversed(reader.events[-10:]) if not e.is_control), None)
        return self.last is not None and newest and self._tick(newest) >= self.last

    @staticmethod
    def _tick(event):
        return json.loads(event.data)["n"]

    def end(self, last):
        """All numbers up to that one, as they came."""
        self.last = last
        self.join(90 * PATIENCE)
        self.stream.close()
        if self.failure:
            raise self.failure
        return [self._tick(event) for event in self.stream.reader.user_events]


class UnderLoad(SystemTest):
    RELOADS = 50

    def change(self, i):
        """What the i-th reload makes of the file: an input that comes, changes and goes, one that
        is changed, other mappings."""
        with_other = i % 4 != 0
        return config(keep=f"{1 + i // 5 % 3}h", event=f"tick{i % 2}",
                      inputs=[OTHER_INPUT % (100 + i % 3)] if with_other else [],
                      mappings=[OTHER_MAPPING] if with_other else [])

    def test_aReaderHasEveryEventOnceThroughFiftyReloads(self):
        with Sluice(config()) as node:
            follower = Follower(node, "/events/ticks")
            try:
                for i in range(self.RELOADS):
                    node.configure(self.change(i))
                    if i % 2:
                        answer = node.reload()
                        self.assertEqual(answer.status, 200, answer.text)
                        self.assertTrue(answer.json()["changed"])
                    else:
                        before = node.log().count("SIGHUP: ")
                        node.send_signal(signal.SIGHUP)
                        wait_until(lambda: node.log().count("SIGHUP: ") > before, 20, "SIGHUP")
            finally:
                with node.stream("/events/ticks?from=-1") as now:
                    last = json.loads(now.read_events(1)[0].data)["n"]
                got = follower.end(last + 200)
            if (breaks := [pair for pair in zip(got, got[1:]) if pair[1] != pair[0] + 1]):
                self.fail(f"{len(got)} numbers; not one after the other: {breaks[:10]}")
            events = follower.stream.reader.events
            self.assertEqual([e.data for e in events if e.type == "sluice.gap"], [])
            types = {event.type for event in follower.stream.reader.user_events}
            self.assertLessEqual({"tick0", "tick1"}, types)
            self.assert_clean(follower.stream)


class Reload(SystemTest):
    def test_anInvalidFileChangesNothingAndSaysWhy(self):
        with Sluice(config()) as node, node.stream("/events/ticks") as stream:
            stream.read_events(10)
            node.configure(config(event="other").replace("channel:", "chanel:"))
            answer = node.reload()
            self.assertEqual(answer.status, 422)
            self.assertEqual(answer.json()["error"]["code"], "invalid-configuration")
            codes = {(p["line"], p["code"]) for p in answer.json()["problems"]}
            self.assertIn((6, "unknown-key"), codes)
            node.send_signal(signal.SIGHUP)
            wait_until(lambda: node.log().count("refused, nothing was changed") == 2, 20)
            node.wait_for_log(r"sluice.yaml:6:\d+: there is no key 'chanel'")
            node.configure("inputs: [")
            self.assertEqual(node.reload().status, 422)
            os.remove(node.file)
            gone = node.reload()
            self.assertEqual(gone.status, 422)
            self.assertIn("cannot read", gone.json()["problems"][0]["message"])
            stream.read_events(len(stream.reader.user_events) + 100)
            self.assertEqual({e.type for e in stream.reader.user_events}, {"tick"})

    def test_changedMappingsAndNewInputsTakeEffectAndAreTold(self):
        with Sluice(config()) as node:
            node.configure(config(inputs=[OTHER_INPUT % 100], mappings=[OTHER_MAPPING]))
            changes = node.reload().json()["changes"]
            self.assertEqual(changes["inputs"]["added"], ["other"])
            self.assertEqual(changes["mappings"]["added"], ["other:{all**} -> others"])
            node.wait_for_log("input added: other")
            with node.stream("/events/others") as stream:
                stream.read_events(5)
            node.configure(config(mappings=['{from: "tick:{all**}", channel: "more/{topic}"}']))
            changes = node.reload().json()["changes"]
            self.assertEqual(changes["inputs"]["removed"], ["other"])
            with node.stream("/events/more/tick") as stream:
                stream.read_events(5)
            names = [one["name"] for one in node.admin_get("/inputs").json()["inputs"]]
            self.assertEqual(names, ["tick"])

    def test_theSameFileAgainChangesNothing(self):
        with Sluice(config()) as node:
            since = node.admin_get("/inputs").json()["inputs"][0]["since"]
            self.assertFalse(node.reload().json()["changed"])
            node.configure(config() + "    # a comment\n")
            self.assertFalse(node.reload().json()["changed"])
            self.assertEqual(node.admin_get("/inputs").json()["inputs"][0]["since"], since)

    def test_whatNeedsARestartIsTold(self):
        with Sluice(config()) as node:
            node.configure(config() + "    limits: {history: 64MiB}\n    hosts: [a.example]\n")
            answer = node.reload().json()
            self.assertEqual(answer["changes"]["needRestart"], ["hosts", "limits.history"])
            self.assertFalse(answer["changed"])
            node.wait_for_log("needs a restart, not changed: hosts")

    def test_anEmptyFileAndAFolderChangeNothing(self):
        """Whoever writes a file in place empties it first."""
        with Sluice(config()) as node:
            node.configure(" \n")
            answer = node.reload()
            self.assertEqual(answer.status, 422)
            self.assertIn("is empty", answer.text)
            node.file.unlink()
            node.file.mkdir()
            answer = node.reload()
            self.assertEqual(answer.status, 422)
            self.assertIn("is a folder", answer.text)
            with node.stream("/events/ticks") as stream:
                stream.read_events(1)

    def test_whatAPlainInputMissesMeanwhileIsTold(self):
        """Its source keeps nothing: what was sent between the two instances is gone."""
        text = """
    inputs: {r: {plugin: redis, server: "redis://%s", keepalive: %ds}}
    mappings: [{from: "r:{all**}", channel: "{topic}"}]
    """
        with Redis() as redis, Sluice(text % (redis.address, 10)) as node:
            wait_state(node, "running/running")
            with node.stream("/events/news") as stream:
                stream.read_until(lambda reader: reader.events)
                redis("PUBLISH", "news", "0")
                stream.read_events(1)
                node.configure(text % (redis.address, 9))
                self.assertEqual(node.reload().status, 200)
                wait_state(node, "running/running")
                redis("PUBLISH", "news", "1")
                stream.read_events(2)
                gap, = (json.loads(gap.data) for gap in stream.reader.controls("gap"))
            self.assertEqual((gap["reason"], gap["lanes"][0]["lane"], gap["atMost"]),
                             ("lost", "plain", None))

    def test_aRenamedPlainInputTellsWhatItMissesMeanwhile(self):
        text = """
    inputs: {NAME: {plugin: redis, server: "redis://%s"}}
    mappings: [{from: "NAME:{all**}", channel: "{topic}"}]
    """
        with Redis() as redis, Sluice((text % redis.address).replace("NAME", "r")) as node:
            wait_state(node, "running/running")
            with node.stream("/events/news") as stream:
                stream.read_until(lambda reader: reader.events)
                redis("PUBLISH", "news", "0")
                stream.read_events(1)
                node.configure((text % redis.address).replace("NAME", "s"))
                self.assertEqual(node.reload().status, 200)
                wait_state(node, "running/running")
                redis("PUBLISH", "news", "1")
                stream.read_events(2)
                gap, = (json.loads(gap.data) for gap in stream.reader.controls("gap"))
            self.assertEqual((gap["reason"], gap["lanes"][0]["lane"]), ("lost", "plain"))

    @staticmethod
    def called(name, **changed):
        return config(**changed).replace("tick: {", name + ": {").replace("tick:{", name + ":{")

    def test_readersOfARenamedInputGoOn(self):
        """They miss nothing and get nothing twice, though it would begin at its source's end."""
        with Sluice(self.called("a")) as node:
            follower = Follower(node, "/events/ticks")
            try:
                for name in ("b", "c", "d"):
                    with node.stream("/events/ticks?from=live") as now:
                        now.read_events(100)
                    node.configure(self.called(name))
                    self.assertEqual(node.reload().status, 200)
            finally:
                with node.stream("/events/ticks?from=live") as now:
                    last = json.loads(now.read_events(1)[0].data)["n"]
                got = follower.end(last + 200)
            self.assertEqual(got, list(range(got[0], got[0] + len(got))))
            self.assertEqual(follower.stream.reader.controls("gap"), [])
            self.assert_clean(follower.stream)

    def test_whatARenamedInputHasReadDoesNotComeAgain(self):
        text = """
    inputs: {NAME: {plugin: redis, server: "redis://%s", streams: [orders]}}
    mappings: [{from: "NAME:orders", channel: orders, data: "{payload.n}"}]
    """
        with Redis() as redis:
            redis("XADD", "orders", "*", "n", "0")
            text %= redis.address
            with Sluice(text.replace("NAME", "a")) as node, \
                    node.stream("/events/orders?from=earliest") as stream:
                first_id = stream.read_events(1)[0].last_id
                for n in range(1, 5):
                    node.configure(text.replace("NAME", f"a{n}"))
                    self.assertEqual(node.reload().status, 200)
                    wait_state(node, "running/running")
                    redis("XADD", "orders", "*", "n", str(n))
                    got = [event.data for event in stream.read_events(n + 1)]
                    self.assertEqual(got, [str(i) for i in range(n + 1)])
                self.assertEqual(stream.reader.controls("gap"), [])
                with node.stream("/events/orders", first_id) as back:
                    self.assertEqual([event.data for event in back.read_events(4)][-3:],
                                     ["2", "3", "4"])
                    gap, = (json.loads(gap.data) for gap in back.reader.controls("gap"))
                    self.assertIn("approximate", json.dumps(gap))

    def test_anInputUnderAnotherNameIsWarnedAbout(self):
        with Sluice(self.called("tick")) as node:
            def reload(text):
                node.configure(text)
                answer = node.reload().json()
                return answer["changes"]["inputs"], answer["problems"]

            changes, (problem,) = reload(self.called("tock"))
            self.assertEqual(changes["renamed"], [{"from": "tick", "to": "tock"}])
            self.assertEqual((problem["line"], problem["severity"], problem["code"]),
                             (3, "warning", "renamed-input"))
            self.assertIn("input tick is now called tock: it goes on where tick stood",
                          problem["message"])
            node.wait_for_log("input tick is now called tock")
            _, (problem,) = reload(self.called("tick"))
            self.assertIn("also those that are connected, get again what came since",
                          problem["message"])
            changes, (problem,) = reload(self.called("other", keep="2h"))
            self.assertEqual((changes["removed"], changes["added"]), (["tick"], ["other"]))
            self.assertIn("input tick was removed and other added", problem["message"])
            node.wait_for_log("input tick was removed and other added")

    def test_aShorterHistoryTakesEffect(self):
        channels = '    channels: {"%s": {history: {events: %d}}}\n'
        with Sluice(config()) as node:
            with node.stream("/events/ticks?from=earliest") as stream:
                stream.read_events(500)
            node.configure(config() + channels % ("ticks", 100))
            changes = node.reload().json()["changes"]
            self.assertEqual(changes["channels"]["added"], ["ticks"])

            def kept():
                return node.admin_get("/channels").json()["channels"][0]["events"]
            wait_until(lambda: kept() <= 100, 20, "a history of 100 events")


class Refusals(SystemTest):
    def test_aRunWithoutAFileHasNothingToReload(self):
        with Sluice(uri="kafka://127.0.0.1:1/orders") as node:
            self.assertEqual(node.reload().status, 409)
            node.send_signal(signal.SIGHUP)
            wait_until(lambda: "SIGHUP: this node runs without a file" in node.log(), 20)
            self.assertEqual(node.get("/healthz").status, 200)

    def test_theAdminKeyIsAskedFor(self):
        with Sluice(PUBLISH + "    admin: {key: secret}\n") as node:
            self.assertEqual(node.reload().status, 401)
            answer = ask(node.admin, "POST", "/reload", headers={"Authorization": "Bearer secret"})
            self.assertEqual(answer.status, 200, answer.text)

    def test_aPageOfAnotherOriginMayNot(self):
        with Sluice(PUBLISH) as node:
            answer = ask(node.admin, "POST", "/reload", headers={"Origin": "https://x.example"})
            self.assertEqual(answer.status, 403)
            own = {"Origin": "http://%s:%d" % node.admin}
            self.assertEqual(ask(node.admin, "POST", "/reload", headers=own).status, 200)
            self.assertEqual(ask(node.admin, "GET", "/reload").status, 405)

    def test_aTerminalThatIsGoneEndsTheNode(self):
        """A hang-up is no wish to reload."""
        control, terminal = pty.openpty()
        with tempfile.TemporaryDirectory() as folder:
            with open(f"{folder}/sluice.yaml", "w") as file:
                file.write("listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\npublish: {key: k}\n")
            process = subprocess.Popen([PROGRAM, "run"], cwd=folder, stdin=terminal,
                                       stdout=terminal, stderr=terminal, start_new_session=True)
            try:
                os.close(terminal)
                shown = b""
                while b"admin on" not in shown:
                    shown += os.read(control, 4096)
                process.send_signal(signal.SIGHUP)
                while b"SIGHUP: " not in shown:
                    shown += os.read(control, 4096)
                self.assertIsNone(process.poll())
                os.close(control)
                process.send_signal(signal.SIGHUP)
                self.assertEqual(process.wait(20 * PATIENCE), 0)
            finally:
                process.kill()
                process.wait(10)


if __name__ == "__main__":
    main()
