#!/usr/bin/env python3
"""The command line: what a person types, sees, and gets as an exit status."""
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile

from system import PATIENCE, PUBLISH, TICKER, TOP, Sluice, SystemTest, ask, main, wait_until
from sluice import PROGRAM

COMMANDS = ("run", "check", "eval", "explain-id", "health", "demo", "plugins", "record",
            "explain", "schema")


def sluice(*arguments, folder=None, environment=None, seconds=20):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, cwd=folder,
                          env={**os.environ, **(environment or {})}, timeout=seconds * PATIENCE,
                          stdin=subprocess.DEVNULL)


class Foreground:
    """A command that stays: its stderr as it comes, ended by a signal."""

    def __init__(self, *arguments, folder=None, program=PROGRAM):
        self._log = tempfile.NamedTemporaryFile("r+")
        self.process = subprocess.Popen([program, *arguments], cwd=folder, text=True,
                                        stdin=subprocess.DEVNULL, stdout=self._log,
                                        stderr=self._log)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait(10)
        self._log.close()

    def output(self):
        self._log.seek(0)
        return self._log.read()

    def address(self, word="listening"):
        def found():
            if self.process.poll() is not None:
                raise AssertionError(self.output())
            return re.search(word + r" on http://([0-9.]+):(\d+)", self.output())
        match = wait_until(found, 20, f"`{word} on`")
        return match[1], int(match[2])

    def end(self, how):
        self.process.send_signal(how)
        return self.process.wait(20 * PATIENCE)


class Usage(SystemTest):
    def test_helpTeachesEveryCommand(self):
        whole = sluice("--help")
        self.assertEqual(whole.returncode, 0)
        for name in COMMANDS:
            self.assertIn(name, whole.stdout)
            one = sluice(name, "--help")
            self.assertEqual((one.returncode, one.stderr), (0, ""))
            self.assertIn(f"sluice {name}", one.stdout)
            usage = one.stdout.splitlines()[0]
            self.assertEqual(usage, usage.rstrip())

    def test_outputThatCannotBeWrittenIsAFailure(self):
        for words in (["schema"], ["eval", "1"], ["--version"], ["plugins", "--json"]):
            with open("/dev/full", "w") as full, self.subTest(words=words):
                done = subprocess.run([PROGRAM, *words], stdout=full, stderr=subprocess.PIPE,
                                      text=True, timeout=60 * PATIENCE)
                self.assertEqual(done.returncode, 1)
                self.assertIn("cannot write to the standard output", done.stderr)

    def test_versionIsOneLine(self):
        result = sluice("--version")
        self.assertEqual(result.returncode, 0)
        self.assertRegex(result.stdout, r"^sluice \d+\.\d+\.\d+\n$")

    def test_wrongUsageIsExitTwoAndSaysWhatToWrite(self):
        for arguments in (["frob"], ["run", "--frob"], ["check"], ["explain-id"],
                          ["run", "--listen"], ["run", "--listen", "nowhere"],
                          ["run", "a.yaml", "b.yaml"], ["health", "ftp://x"],
                          ["run", "ftp://localhost/x"], []):
            with self.subTest(arguments):
                result = sluice(*arguments)
                self.assertEqual(result.returncode, 2, result.stderr)
                self.assertTrue(result.stderr)

    def test_aNearlyRightCommandIsSuggested(self):
        self.assertIn("check", sluice("chek", "x.yaml").stderr)


class Check(SystemTest):
    def check(self, text):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "my.yaml")
            path.write_text(text)
            return sluice("check", str(path))

    def test_acceptsWhatRuns(self):
        result = self.check(TICKER.replace("\n    ", "\n"))
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_acceptsTheReference(self):
        result = sluice("check", str(TOP / "config" / "sluice.yaml"))
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_acceptsTheExamplesOfTheReadme(self):
        examples = re.findall(r"```yaml\n(.*?)```", (TOP / "README.md").read_text(), re.S)
        plugins = [re.search(r"plugin: (\w+)", example)[1] for example in examples]
        self.assertLessEqual({"kafka", "mqtt", "zeromq", "redis"}, set(plugins))
        for example in examples:
            with self.subTest(example=example):
                result = self.check(example)
                self.assertEqual((result.returncode, result.stderr), (0, ""))

    def test_tellsEveryErrorWithItsPlace(self):
        result = self.check("inputs:\n  tick: {plugin: ticker, rate: fast}\n"
                            "mapings: []\n"
                            "delivery: {retry: soon, keepalive: 20s, keepalive: 30s}\n")
        self.assertEqual(result.returncode, 2)
        output = result.stdout + result.stderr
        for place in ("my.yaml:2:", "my.yaml:3:1", "my.yaml:4:"):
            self.assertIn(place, output)
        self.assertIn("mappings", output)  # did you mean
        self.assertIn("^", output)

    def test_whatIsNoFileIsTold(self):
        with tempfile.TemporaryDirectory(prefix="sluice-test-") as folder:
            for command in ("check", "run"):
                result = sluice(command, folder)
                self.assertEqual(result.returncode, 2)
                self.assertIn("is a folder", result.stderr)
        result = sluice("check", "/proc/self/mem")
        self.assertEqual(result.returncode, 2)
        self.assertIn("cannot read `/proc/self/mem`", result.stderr)

    def test_sharedSubscriptionsAreRefused(self):
        result = self.check("inputs: {m: {plugin: mqtt, broker: \"mqtt://h\"}}\n"
                            "mappings: [{from: \"m:$share/g/a\", channel: c}]\n")
        self.assertEqual(result.returncode, 2)
        self.assertRegex(result.stderr, r"my\.yaml:2:.*share these messages out")

    def test_aMissingFileIsToldWithItsName(self):
        result = sluice("check", "nothing.yaml")
        self.assertEqual(result.returncode, 2)
        self.assertIn("nothing.yaml", result.stderr)

    def test_aMissingPluginSaysWhereItLooked(self):
        result = self.check("inputs: {a: {plugin: frob}}\n"
                            "mappings: [{from: \"a:{x**}\", channel: c}]\n")
        self.assertEqual(result.returncode, 2)
        self.assertRegex(result.stderr, r"error: there is no plugin 'frob'; looked for it at: "
                                        r"\S+/frob\.so, \S+/frob\.so; name its folder with "
                                        r"--plugins or in SLUICE_PLUGIN_PATH \[plugin\]\n")

    def test_warnsOfChannelsThatAreFedAndPublished(self):
        for channels, warned in ("news/{x}", False), ("orders/{x}", True):
            text = f"""
inputs: {{shop: {{plugin: ticker, topic: orders, replayable: true}}}}
mappings: [{{from: "shop:orders", channel: orders/all}}]
publish: {{key: secret, channels: ["{channels}"]}}
"""
            ran = self.check(text)
            self.assertEqual(0, ran.returncode, ran.stderr)
            self.assertEqual(warned, "resume approximately" in ran.stderr, ran.stderr)


class Tools(SystemTest):
    def test_explainIdDecodesAnIdOfAStream(self):
        with Sluice(PUBLISH) as node:
            node.publish_numbers("a", 0, 3)
            with node.stream("/events/a?from=earliest") as stream:
                last_id = stream.read_events(3)[2].last_id
        result = sluice("explain-id", last_id)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn(last_id.split(".")[1], result.stdout)
        self.assertNotEqual(sluice("explain-id", last_id[:-1]).returncode, 0)

    def test_healthTellsByItsStatus(self):
        with Sluice(PUBLISH) as node:
            good = sluice("health", f"{node.url}/readyz")
            self.assertEqual(good.returncode, 0, good.stderr)
        bad = sluice("health", f"{node.url}/readyz")
        self.assertEqual(bad.returncode, 1)


class Plugins(SystemTest):
    def test_listsWhatIsThereAndWhyOneWasNotLoaded(self):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "broken.so").write_text("no library")
            pathlib.Path(folder, "ticker.so").write_text("no library either")
            result = sluice("plugins", "--plugins", folder)
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            self.assertRegex(result.stdout, r"broken: not loaded\n +cannot be loaded")
            self.assertRegex(result.stdout, r"kafka \d+\.\d+\.\d+ \(ABI 1, replayable")
            self.assertIn(f"an earlier folder has one of this name: {folder}", result.stdout)

    def test_tellsEveryOptionOfOne(self):
        result = sluice("plugins", "ticker")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("rate: number 0.001 to 1000000, default 10\n", result.stdout)
        self.assertIn("shape: orders | prices | sensors | flights | counter, default orders", result.stdout)

    def test_printsJsonForPrograms(self):
        result = sluice("plugins", "kafka", "--json")
        found = json.loads(result.stdout)
        plugin, = [one for folder in found["folders"] for one in folder["plugins"]]
        self.assertEqual((plugin["name"], plugin["loaded"], plugin["separator"]),
                         ("kafka", True, "."))
        self.assertIn("brokers", plugin["options"]["properties"])

    def test_aNearlyRightNameIsSuggested(self):
        result = sluice("plugins", "kafkaa")
        self.assertEqual(result.returncode, 1)
        self.assertIn("did you mean 'kafka'?", result.stderr)


class Run(SystemTest):
    def test_takesTheFileOfTheFolder(self):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "sluice.yaml").write_text(
                "listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\npublish: {key: k}\n")
            with Foreground("run", folder=folder) as program:
                self.assertEqual(ask(program.address(), "GET", "/healthz").status, 200)
                self.assertEqual(ask(program.address("admin"), "GET", "/metrics").status, 200)
                self.assertEqual(program.end(signal.SIGTERM), 0)

    def test_saysWhenThereIsNoFile(self):
        with tempfile.TemporaryDirectory() as folder:
            result = sluice("run", folder=folder)
            self.assertEqual(result.returncode, 2)
            self.assertIn("sluice.yaml", result.stderr)

    def test_anAddressInUseIsAClearError(self):
        with socket.create_server(("127.0.0.1", 0)) as taken, \
                tempfile.TemporaryDirectory() as folder:
            address = "127.0.0.1:%d" % taken.getsockname()[1]
            pathlib.Path(folder, "sluice.yaml").write_text(
                f"listen: {address}\nadmin: 127.0.0.1:0\npublish: {{key: k}}\n")
            result = sluice("run", folder=folder)
            self.assertIn(result.returncode, (1, 2))
            self.assertIn(address, result.stderr)

    def test_listeningBeyondLoopbackIsWarnedAboutAndAdminRefused(self):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "sluice.yaml").write_text("publish: {key: k}\n")
            with Foreground("run", "--listen", "0.0.0.0:0", "--admin", "127.0.0.1:0",
                            folder=folder) as program:
                program.address()
                self.assertRegex(program.output(), r"(?i)warn.*0\.0\.0\.0")
            result = sluice("run", "--listen", "127.0.0.1:0", "--admin", "0.0.0.0:0",
                            folder=folder)
            self.assertEqual(result.returncode, 2)
            self.assertIn("admin", result.stderr)
            self.assertIn("key", result.stderr)

    def test_aBrokerThatIsAwayIsAStateNotAnExit(self):
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        with Foreground("run", f"kafka://127.0.0.1:{port}/orders", "--listen", "127.0.0.1:0",
                        "--admin", "127.0.0.1:0") as program:
            admin = program.address("admin")
            wait_until(lambda: ask(admin, "GET", "/inputs").text.count("connecting"), 15,
                       "the input's state")
            self.assertEqual(ask(program.address(), "GET", "/healthz").status, 200)
            self.assertEqual(program.end(signal.SIGTERM), 0)

    def test_aClosedStderrDoesNotEndIt(self):
        """SIGPIPE never ends it, whoever hangs up."""
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "sluice.yaml").write_text("publish: {key: k}\n")
            process = subprocess.Popen([PROGRAM, "run", "--listen", "127.0.0.1:0", "--admin",
                                        "127.0.0.1:0"], cwd=folder, stderr=subprocess.PIPE,
                                       text=True, stdin=subprocess.DEVNULL)
            try:
                while not (match := re.search(r"listening on http://([0-9.]+):(\d+)",
                                              process.stderr.readline())):
                    self.assertIsNone(process.poll())
                process.stderr.close()
                address = match[1], int(match[2])
                for _ in range(20):
                    with socket.create_connection(address, 5) as hasty:
                        hasty.sendall(b"GET /events/a HTTP/1.1\r\nHost: a\r\n\r\n")
                    ask(address, "GET", "/healthz", headers={"Origin": "https://x.example"})
                process.terminate()
                self.assertEqual(process.wait(20 * PATIENCE), 0)
            finally:
                process.kill()
                process.wait(10)


class Installed(SystemTest):
    def test_runsFromAnywhere(self):
        build = pathlib.Path(PROGRAM).parent
        with tempfile.TemporaryDirectory() as prefix:
            subprocess.run(["cmake", "--install", str(build), "--prefix", prefix], check=True,
                           stdout=subprocess.DEVNULL, timeout=60)
            for name in ("bin/sluice", "lib/sluice/plugins/ticker.so",
                         "lib/sluice/plugins/kafka.so", "share/sluice", "include/sluice/plugin.h",
                         "include/sluice/plugin.hpp"):
                self.assertTrue(pathlib.Path(prefix, name).exists(), name)
            with Foreground("demo", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0",
                            folder="/", program=f"{prefix}/bin/sluice") as program:
                answer = ask(program.address(), "GET", "/")
                self.assertEqual(answer.status, 200)
                self.assertIn("demo.js", answer.text)
                self.assertEqual(program.end(signal.SIGINT), 0)


if __name__ == "__main__":
    main()
