#!/usr/bin/env python3
"""`sluice record` writes what inputs receive; `plugin: replay` plays it back as if it were they."""
import json
import pathlib
import resource
import signal
import subprocess
import tempfile
import time

from system import PATIENCE, Sluice, SystemTest, main, wait_until
from mosquitto import Mosquitto, Publisher
from sluice import PROGRAM

SOURCE = """
inputs:
  tick: {plugin: ticker, rate: 2000, count: 600, replayable: true, partitions: 3, keys: 20,
         topics: [orders.eu, orders.us]}
  plain: {plugin: ticker, rate: 200, topic: loose}
mappings:
  - {from: "tick:orders.{region}", channel: "orders/{region}", event: order, key: "{key}"}
  - {from: "tick:orders.eu", channel: "copies/{partition}"}
  - {from: "plain:{all**}", channel: loose}
"""
REPLAY = """
inputs:
  tick: {plugin: replay, file: "%s", input: tick, speed: %s}
mappings:
  - {from: "tick:orders.{region}", channel: "orders/{region}", event: order, key: "{key}"}
  - {from: "tick:orders.eu", channel: "copies/{partition}"}
"""
STREAM = "/events?channels=orders/{region},copies/{p}&from=earliest&envelope=json"


class Recording(SystemTest):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())

    def path(self, name):
        return str(pathlib.Path(self.folder, name))

    def write(self, config, name="sluice.yaml"):
        pathlib.Path(self.path(name)).write_text(config)
        return self.path(name)

    def record(self, *arguments, seconds=30):
        return subprocess.run([PROGRAM, "record", *arguments], capture_output=True, text=True,
                              cwd=self.folder, timeout=seconds * PATIENCE,
                              stdin=subprocess.DEVNULL)

    def lines(self, name):
        text = pathlib.Path(self.path(name)).read_text()
        self.assertTrue(text.endswith("\n"))
        return [json.loads(line) for line in text.splitlines()]

    def events(self, config, count):
        """What a node makes of its source, by channel."""
        with Sluice(config, files={}) as node, node.stream(STREAM) as stream:
            wrapped = [json.loads(e.data) for e in stream.read_events(count, 30)]
        channels = {}
        for event in wrapped:
            channels.setdefault(event.pop("channel"), []).append(event)
            event.pop("time")  # when this node appended it
        return channels


class Playing(Recording):
    COUNT = 600 + 300  # every message of orders.eu counts twice

    def test_aRecordingPlayedBackGivesTheSameEvents(self):
        config = self.write(SOURCE)
        result = self.record(config, "--input", "tick", "--count", "600", "--out", "all.ndjson")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertRegex(result.stderr, r"recorded 600 messages \(tick: 600\), \d+ bytes")
        lines = self.lines("all.ndjson")
        self.assertEqual(lines[0]["kind"], "header")
        self.assertEqual({line.get("input") for line in lines[1:]}, {"tick"})
        messages = [line for line in lines if line["kind"] == "message"]
        self.assertEqual(len(messages), 600)
        self.assertEqual({m["lane"] for m in messages}, {0, 1, 2})
        original = self.events(SOURCE, self.COUNT)
        for speed in "max", 10:
            with self.subTest(speed=speed):
                replayed = self.events(REPLAY % (self.path("all.ndjson"), speed), self.COUNT)
                for channel in original:
                    self.assertEqual(replayed[channel], original[channel], channel)
                self.assertEqual(set(replayed), set(original))

    def test_anIdOfThePlaybackMeansTheSameAfterARestart(self):
        self.record(self.write(SOURCE), "--input", "tick", "--count", "600", "--out", "a.ndjson")
        target = "/events/copies/0?from=earliest"
        with Sluice(REPLAY % (self.path("a.ndjson"), "max")) as node:
            with node.stream(target) as stream:
                events = stream.read_events(100, 30)
            node.restart()
            with node.stream(target, events[49].last_id) as stream:
                rest = stream.read_events(50, 30)
                self.assertEqual(stream.reader.controls("gap"), [])
        self.assertEqual([e.data for e in rest], [e.data for e in events[50:]])

    def test_aMalformedRecordingIsAState(self):
        recording = self.write('{"kind":"header","version":1}\n'
                               '{"kind":"input","input":"tick","plain":false}\nnonsense\n', "a")
        with Sluice(REPLAY % (recording, 1)) as node:
            def state():
                return node.admin_get("/inputs").json()["inputs"][0]
            wait_until(lambda: state()["code"] == "malformed", 20)
            self.assertIn("line 3: ", state()["text"])


class Ending(Recording):
    def endless(self, *arguments):
        config = self.write(SOURCE.replace("count: 600, ", ""))
        return subprocess.Popen([PROGRAM, "record", config, *arguments], cwd=self.folder,
                                stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                                stdout=subprocess.PIPE)

    def test_ctrlCLeavesAWholeFile(self):
        with self.endless("--out", "a.ndjson") as process:
            try:
                file = pathlib.Path(self.path("a.ndjson"))
                wait_until(lambda: file.exists() and file.stat().st_size > 300_000, 20)
                process.send_signal(signal.SIGINT)
                _, errors = process.communicate(timeout=20 * PATIENCE)
            finally:
                process.kill()
        self.assertEqual(process.returncode, 0, errors)
        lines = self.lines("a.ndjson")
        messages = sum(line["kind"] == "message" for line in lines)
        self.assertIn(f"recorded {messages} messages (", errors)
        self.assertEqual({line["input"] for line in lines[1:]}, {"tick", "plain"})

    def test_aTimeEndsIt(self):
        began = time.monotonic()
        result = self.record(self.write(SOURCE), "--for", "500ms")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertLess(time.monotonic() - began, 10 * PATIENCE)
        kinds = {json.loads(line)["kind"] for line in result.stdout.splitlines()}
        self.assertLessEqual({"header", "input", "lanes", "message", "health"}, kinds)

    def test_aReaderThatHasEnoughEndsIt(self):
        """As with `| head`."""
        with self.endless() as process:
            try:
                self.assertIn("header", process.stdout.readline())
                process.stdout.close()
                self.assertEqual(process.wait(20 * PATIENCE), 1)
            finally:
                process.kill()

    def test_aDiskThatIsFullLeavesWholeLines(self):
        def bound_files():
            resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
        config = self.write(SOURCE.replace("count: 600, ", ""))
        result = subprocess.run([PROGRAM, "record", config, "--out", "a.ndjson"],
                                cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True,
                                text=True, timeout=20 * PATIENCE, preexec_fn=bound_files,
                                restore_signals=False)  # SIGXFSZ stays ignored
        self.assertEqual(result.returncode, 1)
        self.assertIn("writing to a.ndjson failed: File too large", result.stderr)
        self.assertGreater(len(self.lines("a.ndjson")), 100)

    def test_usageIsChecked(self):
        config = self.write(SOURCE)
        for arguments, said in ((["--input", "tik"], "did you mean 'tick'?"),
                                (["--for", "soon"], "--for"), (["--count", "0"], "--count"),
                                (["--out", "no/folder/a"], "cannot write")):
            with self.subTest(arguments):
                result = self.record(config, *arguments)
                self.assertEqual(result.returncode, 2)
                self.assertIn(said, result.stderr)

    def test_theConfigurationIsNotWrittenOver(self):
        with tempfile.TemporaryDirectory(prefix="sluice-test-") as folder:
            file = pathlib.Path(folder, "sluice.yaml")
            file.write_text(SOURCE)
            done = subprocess.run([PROGRAM, "record", str(file), "--out", str(file)], text=True,
                                  capture_output=True, timeout=20 * PATIENCE)
            self.assertEqual(done.returncode, 2)
            self.assertIn("is the configuration", done.stderr)
            self.assertEqual(file.read_text(), SOURCE)

    def test_aSourceThatIsAwayIsTold(self):
        result = self.record("kafka://127.0.0.1:1/orders", "--for", "2s")
        self.assertEqual(result.returncode, 0)
        self.assertRegex(result.stderr, r"input kafka: (connecting|failed)")
        self.assertIn("recorded 0 messages", result.stderr)


class Beside(Recording):
    MQTT = """
    inputs:
      plant: {plugin: mqtt, broker: "mqtt://%s", client_id: mine, status: {topic: state}}
    mappings:
      - {from: "plant:sensors/{rest**}", channel: "{topic}"}
    """

    def test_itMayRunBesideANodeWithTheSameSettings(self):
        with Mosquitto() as broker, Publisher(broker) as publisher:
            config = self.MQTT % broker.address
            with Sluice(config) as node, node.stream("/events/sensors/a") as stream:
                stream.read_until(lambda reader: reader.events)
                path = self.write("\n".join(line[4:] for line in config.splitlines()))
                process = subprocess.Popen([PROGRAM, "record", path, "--count", "3", "--out",
                                            "a.ndjson"], cwd=self.folder,
                                           stdin=subprocess.DEVNULL)
                try:
                    recording = pathlib.Path(self.path("a.ndjson"))
                    wait_until(lambda: recording.exists() and "running" in recording.read_text(),
                               20, "the recorder's subscription")
                    publisher.publish("sensors/a", b"\xff\x00", retain=False)
                    publisher.publish("sensors/a", "2")
                    publisher.publish("sensors/a", "3")
                    self.assertEqual(process.wait(20 * PATIENCE), 0)
                finally:
                    process.kill()
                self.assertEqual([e.data for e in stream.read_events(2)], ["2", "3"])
                state = node.admin_get("/inputs").json()["inputs"][0]
                self.assertEqual((state["state"], state["restarts"]), ("running", 0))
        messages = [line for line in self.lines("a.ndjson") if line["kind"] == "message"]
        self.assertEqual(messages[0]["payloadBase64"], "/wA=")
        self.assertEqual([m["payload"] for m in messages[1:]], ["2", "3"])
        self.assertIn(["qos", "1"], messages[1]["variables"])
        self.assertNotIn("lane", messages[1])


if __name__ == "__main__":
    main()
