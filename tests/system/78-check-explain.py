#!/usr/bin/env python3
"""Mistakes are found before anything starts: `sluice check` with tests and as JSON, `explain`, and
how mappings fit real messages."""
import json
import pathlib
import re
import subprocess
import tempfile
import textwrap

from system import PATIENCE, TOP, Sluice, SystemTest, main
from mosquitto import Mosquitto, Publisher
from redis_server import Redis
from sluice import PROGRAM

WAIT = f"{round(20 * PATIENCE)}s"
CONFIG = """\
inputs:
  shop: {plugin: kafka, brokers: "localhost:9092"}
  plant: {plugin: mqtt, broker: "mqtt://localhost"}
mappings:
  - from: shop:orders.{region}
    when: payload.amount > 0 && payload.status != 'DRAFT'
    channel: orders/{region}
    event: order
    key: "{payload.orderId}"
    data:
      id: "{payload.orderId}"
      total: "{payload.amount}"
  - from: plant:sensors/{id}
    channel: sensors/{id}
"""
TESTS = """\
tests:
  - given: {input: shop, topic: orders.eu, payload: {orderId: o1, amount: 9, status: PAID}}
    expect: [{channel: orders/eu, event: order, key: o1, data: {id: o1, total: 9}}]
  - given: {input: shop, topic: orders.eu, payload: {orderId: o1, amount: 0, status: PAID}}
    expect: []
  - given: {input: plant, topic: sensors/a, qos: 1, payload: 21.5}
    expect: [{channel: sensors/a, data: 21.5}]
"""


class Tool(SystemTest):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())

    def write(self, text, name="sluice.yaml"):
        pathlib.Path(self.folder, name).write_text(text)
        return name

    def sluice(self, *arguments, code=0, stdin="", seconds=30):
        result = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True,
                                cwd=self.folder, input=stdin, timeout=seconds * PATIENCE)
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        return result


class Tests(Tool):
    def test_theyAreRunAndCounted(self):
        result = self.sluice("check", self.write(CONFIG + TESTS))
        self.assertEqual(result.stdout, "sluice.yaml: no errors (2 inputs, 2 mappings, "
                                        "3 tests passed)\n")
        self.assertEqual(result.stderr, "")

    def test_aFailedOneIsAnErrorWhereItExpects(self):
        wrong = TESTS.replace("total: 9", "total: 10").replace("expect: []", "expect: unmatched")
        result = self.sluice("check", self.write(CONFIG + wrong), code=2)
        self.assertEqual(result.stdout, "")
        self.assertIn("""\
sluice.yaml:17:80: error: this test failed: data.total is 9, not 10 [test]
  17 |     expect: [{channel: orders/eu, event: order, key: **, data: {id: o1, total: 10}}]
     |                                                                                ^
""", result.stderr)
        self.assertIn("sluice.yaml:19:13: error: this test failed: a mapping should not take this "
                      "topic, but it was filtered", result.stderr)
        self.assertTrue(result.stderr.endswith("2 of 3 tests failed\n"), result.stderr)

    def test_theyMayStandInAFileOfTheirOwn(self):
        self.write(CONFIG)
        self.write(TESTS, "good.yaml")
        self.write(TESTS.replace("total: 9", "total: 10"), "bad.yaml")
        result = self.sluice("check", "--tests", "good.yaml")
        self.assertIn("3 tests passed", result.stdout)
        result = self.sluice("check", "sluice.yaml", "--tests", "good.yaml", "--tests", "bad.yaml",
                             code=2)
        self.assertIn("bad.yaml:3:80: error: this test failed: data.total is 9", result.stderr)
        self.assertIn("1 of 6 tests failed", result.stderr)
        self.write("tests: [{given: {input: shp, topic: t, payload: x}, expect: []}]\n", "bad.yaml")
        result = self.sluice("check", "--tests", "bad.yaml", code=2)
        self.assertIn("bad.yaml:1:25: error: there is no input 'shp', did you mean 'shop'?",
                      result.stderr)
        self.assertIn("cannot read `none`", self.sluice("check", "--tests", "none", code=2).stderr)

    def test_aNodeReadsThemAndDoesNotCare(self):
        config = """
            inputs: {tick: {plugin: ticker, rate: 100, topic: orders}}
            mappings: [{from: "tick:orders", channel: orders}]
            tests: [{given: {input: tick, topic: orders, payload: x}, expect: unmatched}]
        """
        with Sluice(config) as node, node.stream("/events/orders?from=earliest") as stream:
            self.assertEqual(len(stream.read_events(1)), 1)
            node.configure(config.replace("unmatched", "[]"))
            self.assertEqual(node.reload().status, 200)
            node.wait_for_log("POST /reload: nothing to change")

    def test_theExampleOfTheReadmePasses(self):
        readme = pathlib.Path(TOP, "README.md").read_text()
        config, = (text for text in re.findall(r"```yaml\n(inputs:.*?)```", readme, re.S)
                   if "\ntests:" in text)
        result = self.sluice("check", self.write(config))
        self.assertRegex(result.stdout, r"no errors \(1 input, 1 mapping, \d+ tests? passed\)")


class AsJson(Tool):
    def check(self, *arguments, code=0):
        result = self.sluice("check", "--json", *arguments, code=code)
        self.assertEqual(result.stderr, "")
        return json.loads(result.stdout)

    def test_whatIsFoundIsForPrograms(self):
        self.write(CONFIG + TESTS)
        self.assertEqual(self.check(), {"ok": True, "findings": [],
                                        "tests": {"run": 3, "failed": 0}})
        self.write(CONFIG + TESTS.replace("total: 9", "total: 10"))
        report = self.check(code=2)
        self.assertEqual((report["ok"], report["tests"]), (False, {"run": 3, "failed": 1}))
        self.assertEqual(report["findings"], [{
            "file": "sluice.yaml", "line": 17, "column": 80, "severity": "error", "code": "test",
            "message": "this test failed: data.total is 9, not 10", "hint": ""}])

    def test_aFileThatCannotBeReadIsAFindingToo(self):
        pathlib.Path(self.folder, "folder").mkdir()
        for name, said in (("missing.yaml", "cannot read `missing.yaml`"),
                           ("folder", "`folder` is a folder"),
                           ("/proc/self/mem", "cannot read `/proc/self/mem` to its end")):
            with self.subTest(name):
                report = self.check(name, code=2)
                self.assertEqual((report["ok"], report["tests"]), (False, {"run": 0, "failed": 0}))
                found, = report["findings"]
                self.assertEqual(found.pop("hint") != "", name != "/proc/self/mem")
                self.assertEqual(found, {"file": name, "line": 1, "column": 1, "severity": "error",
                                         "code": "unreadable", "message": said})
        self.write(CONFIG)
        found, = self.check("--tests", "none", "--tests", self.write(TESTS, "t.yaml"),
                            code=2)["findings"]
        self.assertEqual((found["file"], found["code"]), ("none", "unreadable"))
        # Of tests for inputs that nobody knows nothing is told.
        found, = self.check("missing.yaml", "--tests", "t.yaml", code=2)["findings"]
        self.assertEqual(found["file"], "missing.yaml")

    def test_anEmptyFileFeedsNothing(self):
        for text in ("", "\n", "# nothing\n", "{}\n"):
            with self.subTest(text):
                found, = self.check(self.write(text))["findings"]
                self.assertEqual((found["file"], found["severity"], found["code"]),
                                 ("sluice.yaml", "warning", "silence"))

    def test_mistakesComeAtOnceAndNoTestIsRun(self):
        self.write(CONFIG.replace("channel: sensors", "chanel: sensors") + TESTS)
        report = self.check(code=2)
        self.assertEqual(report["tests"], {"run": 0, "failed": 0})
        self.assertEqual({f["code"] for f in report["findings"]}, {"missing-key", "unknown-key"})

    def test_aJournalThatLeavesOutWhatWouldComeBackIsWarnedOf(self):
        """Orders come back empty where the journal keeps the sensors alone: Kafka is not read again."""
        def codes(channels):
            self.write(CONFIG + "channels:\n" + channels)
            findings = json.loads(self.sluice("check", "--json").stdout)["findings"]
            return [(found["code"], found["line"]) for found in findings]

        kept = "history: {journal: /tmp/j}"
        self.assertEqual(codes(f'  "sensors/{{id}}": {{{kept}}}\n'), [("journal-leaves-out", 2)])
        self.assertEqual(codes(f'  "orders/{{any**}}": {{{kept}}}\n'), [])
        self.assertEqual(codes(f'  "{{any**}}": {{{kept}}}\n'), [])
        self.assertEqual(codes(f'  "orders/eu": {{}}\n  "{{any**}}": {{{kept}}}\n'),
                         [("journal-leaves-out", 2)])

    def test_warningsAreNoErrors(self):
        self.write(CONFIG.replace("  - from: plant:sensors/{id}\n    channel: sensors/{id}\n", ""))
        report = self.check()
        self.assertTrue(report["ok"])
        self.assertEqual([(f["severity"], f["code"]) for f in report["findings"]],
                         [("warning", "idle-input")])


class Secrets(Tool):
    """Excerpts show the line that is wrong, but none of the secrets in it."""
    CONFIG = """
inputs:
  r: {plugin: redis, server: "redis://user:hunter2-of-r@host:6379/0"%s}
mappings: [{from: "r:{all**}", channel: "{topic}"}]
"""

    def found(self, config):
        """The problems and the text of the whole answer, which does not have the secret."""
        self.write(config)
        said = ""
        for command in (["check"], ["run"], ["check", "--json"]):
            result = self.sluice(*command, code=2)
            said += result.stdout + result.stderr
        self.assertNotIn("hunter2", said)
        return json.loads(result.stdout)["findings"], said

    def test_passwordsOfUrlsAreCovered(self):
        self.write(self.CONFIG % "")
        self.sluice("check")
        for wrong in (self.CONFIG.replace(":6379", ":99999") % "", self.CONFIG % ", db: x",
                      self.CONFIG % ", db: !x", self.CONFIG.replace("user:", "user:%%zz ") % "",
                      self.CONFIG % ", db: 1", (self.CONFIG % "").replace('"redis', 'x"redis'),
                      self.CONFIG % ", username: a"):
            with self.subTest(wrong):
                problems, said = self.found(wrong)
                line = next(one for one in said.splitlines() if one.startswith("  3 | "))
                self.assertRegex(line, r"redis://user:\*+@host:")
                for column in (problem["column"] - 1 for problem in problems):
                    self.assertEqual(line[6 + column], wrong.splitlines()[2][column])
                    self.assertIn("\n    | " + " " * column + "^", said)

    def test_valuesOfSecretKeysAreCovered(self):
        config = """
inputs:
  k:
    plugin: kafka
    username: me
    password:
      - hunter2
    rdkafka:
      ssl.key.pem: |
        hunter2
         hunter2: x
      sasl.oauthbearer.config: hunter2
      nothing: hunter2-is-not-here
mappings: [{from: "k:{all**}", channel: "{topic}"}]
""".replace("hunter2-is-not-here", "x")
        self.found(config)
        self.found(config.replace("- hunter2", "hunter2").replace("    password", "    pasword"))
        self.found(config.replace("config: hunter2", "config: !hunter2"))
        self.found(config.replace("password:\n      -", "password: {a: b}\n    #")
                   .replace("    username", "    db: {password:hunter2}\n    username"))


class Clashes(Tool):
    """What two inputs cannot both have is told before one of them takes it from the other."""

    def clashes(self, inputs):
        mappings = "".join(f"  - {{from: '{name}:{{all**}}', channel: c}}\n" for name in ("a", "b"))
        self.write(f"inputs:\n{inputs}mappings:\n{mappings}")
        report = json.loads(self.sluice("check", "--json", code=2).stdout)
        found, = (one for one in report["findings"] if one["severity"] == "error")
        self.assertEqual(found["code"], "clash")
        self.assertEqual(found["line"], 3)
        return inputs.splitlines()[1][found["column"] - 1:], found["message"]

    def test_anAddressIsBoundOnce(self):
        for text in ("tcp://*:5556", "ipc:///run/feed.sock"):
            inputs = (f"  a: {{plugin: zeromq, bind: '{text}'}}\n"
                      f"  b: {{plugin: zeromq, bind: ['tcp://*:1', '{text}']}}\n")
            self.assertEqual(self.clashes(inputs),
                             (f"'{text}']}}", f"input b binds {text}, as input a does in line 2"))

    def test_aClientIdAndAConsumerAreOnesOwn(self):
        self.assertEqual(self.clashes("  a: {plugin: mqtt, client_id: me}\n"
                                      "  b: {plugin: mqtt, client_id: me}\n"),
                         ("me}", "input b takes the client_id 'me' at its broker, as input a does "
                                 "in line 2"))
        one = "{plugin: redis, streams: s, group: {name: g, consumer: me}}"
        self.assertEqual(self.clashes(f"  a: {one}\n  b: {one}\n"),
                         ("me}}", "input b reads as the consumer 'me' of its group, as input a "
                                  "does in line 2"))

    def test_aMissingVariableIsNoClash(self):
        self.write("inputs:\n  a: {plugin: zeromq, bind: 'tcp://*:${NO_SUCH_PORT_A}'}\n"
                   "  b: {plugin: zeromq, bind: 'tcp://*:${NO_SUCH_PORT_B}'}\n"
                   "mappings: [{from: 'a:{all**}', channel: c}]\n")
        report = json.loads(self.sluice("check", "--json", code=2).stdout)
        self.assertNotIn("clash", {one["code"] for one in report["findings"]})


class Explain(Tool):
    ORDER = '{"orderId": "o1", "amount": 9, "status": "%s"}'

    def explain(self, *arguments, code=0, stdin=""):
        return self.sluice("explain", "sluice.yaml", *arguments, code=code, stdin=stdin)

    def setUp(self):
        super().setUp()
        self.write(CONFIG)

    def test_aFilteredMessageIsTraced(self):
        self.write(self.ORDER % "DRAFT", "order.json")
        result = self.explain("--input", "shop", "--topic", "orders.eu", "--payload", "@order.json")
        self.assertIn("mapping 1, from shop:orders.{region} (sluice.yaml:5:5)\n"
                      "  takes the topic: region = 'eu'\n"
                      "  when: payload.amount > 0 && payload.status != 'DRAFT'\n"
                      "    is false\n"
                      "    because payload.status != 'DRAFT' is false\n"
                      "      payload.status = 'DRAFT'\n"
                      "  => filtered\n", result.stdout)
        self.assertTrue(result.stdout.endswith("The message counts as filtered.\n"))

    def test_whatASubscriberGetsIsWhatIsShown(self):
        config = """
            inputs: {shop: {plugin: replay, file: "%s"}}
            mappings:
              - {from: "shop:t.{x}", channel: "c/{x}", event: "{headers.kind}", key: "{payload.id}",
                 data: {id: "{payload.id}", from: "{partition}/{offset}", q: "{payload.q}"}}
        """
        recording = pathlib.Path(self.folder, "recording.ndjson")
        seen = {"input": "shop", "receivedMs": 0}
        lines = ({"kind": "header", "version": 1}, {"kind": "input", "plain": False, **seen},
                 {"kind": "lanes", "family": "t.a", "words": 1, **seen,
                  "lanes": [{"low": [0], "end": [1], "start": [0]}]},
                 {"kind": "message", "topic": "t.a", "lane": 0, "position": [0], **seen,
                  "headers": [["kind", "k"]], "payload": '{"id": 7,\n"q": 1.50}'})
        recording.write_text("".join(json.dumps(line) + "\n" for line in lines))
        config = textwrap.dedent(config % recording)
        self.write(config)
        report = json.loads(self.explain(
            "--topic", "t.a", "--header", "kind=k", "--var", "partition=0", "--var", "offset=0",
            "--json", "--payload", "-", stdin='{"id": 7,\n"q": 1.50}').stdout)
        event = report["mappings"][0]["event"]
        self.assertEqual((event["channel"], event["key"]), ("c/a", "7"))
        with Sluice(config) as node, node.stream("/events/c/a?from=earliest") as stream:
            stream.read_events(1)
            self.assertIn(event["lines"].encode() + b"id: ", stream.response.body)

    def test_theNearestMappingIsNamed(self):
        result = self.explain("--input", "plant", "--topic", "sensor/a", "--payload", "1")
        self.assertIn("no mapping takes topic 'sensor/a'; the nearest one takes 'sensors/{id}' "
                      "(sluice.yaml:13:5)", result.stdout)

    def test_usageIsChecked(self):
        whole = ["--input", "shop", "--topic", "orders.eu", "--payload", "{}"]
        for arguments, said in (
                (["--topic", "t", "--payload", "x"], "--input is missing: write one of shop, plant"),
                (["--input", "shp", "--topic", "t", "--payload", "x"], "did you mean 'shop'?"),
                (["--input", "shop", "--payload", "x"], "--topic is missing"),
                (["--input", "shop", "--topic", "t"], "--tombstone"),
                (whole + ["--tombstone"], "--tombstone"),
                (whole + ["--time", "noon"], "--time noon"),
                (whole + ["--var", "qos=1"], "no variable `qos`"),
                (whole + ["--var", "offset=x"], "--var offset=x"),
                (whole + ["--var", "partition=-1"], "--var partition=-1"),
                (["--input", "shop", "--topic", "t", "--payload", "@none"], "cannot read the file")):
            with self.subTest(arguments):
                result = self.explain(*arguments, code=2)
                self.assertIn(said, result.stderr)
                self.assertEqual(result.stdout, "")
        self.write(CONFIG.replace("channel:", "chanel:"))
        self.assertIn("did you mean 'channel'?", self.explain(*whole, code=2).stderr)


class Sample(Tool):
    CONFIG = """
inputs:
  shop: {plugin: mqtt, broker: "mqtt://%s", client_id: mine, status: {topic: state}}
mappings:
  - from: shop:orders/{id}
    when: payload.amount > 2 && payload.status != 'DRAFT'
    channel: orders/{id}
    data: {amount: "{payload.amount}", name: "{payload.customer.nam}"}
  - {from: "shop:orders/{id}", when: payload.kind == 1, channel: kinds}
  - {from: "shop:other/{x}", channel: "c/{payload.id}"}
  - {from: "shop:nothing/{x}", channel: c}
  - {from: "shop:orders/{id}", channel: copies}
"""

    @staticmethod
    def publish(publisher):
        for n in range(10):
            amount = n if n < 8 else str(n)
            order = {"amount": amount, "status": "PAID", "kind": "1", "customer": {"name": "a"}}
            publisher.publish(f"orders/{n}", json.dumps(order), retain=True)
        publisher.publish("orders/x", "no\x1b[31mJSON", retain=True)
        publisher.publish("other/x", "{}", retain=True)

    def check(self, *arguments, code=0):
        return self.sluice("check", "sluice.yaml", *arguments, code=code)

    def test_mappingsAreHeldAgainstRealMessages(self):
        with Mosquitto() as broker, Publisher(broker) as publisher:
            self.publish(publisher)
            self.write(self.CONFIG % broker.address)
            result = self.check("--sample", "12", "--wait", WAIT, code=2)
        lines = result.stdout.splitlines()
        self.assertEqual(lines[0], "input shop: 12 messages")
        self.assertEqual(lines[1], "  mapping 1, from shop:orders/{id} (sluice.yaml:5:5): took 11: "
                                   "5 mapped, 3 filtered, 3 rejected")
        self.assertRegex(result.stdout, "    bad-value, 2 messages: when: payload.amount > 2 .*: "
                                        "`>` does not take string and int\n"
                                        "      the first: topic 'orders/[89]', {\"amount\": ")
        self.assertIn("topic 'orders/x', \"no\\u001b[31mJSON\" (11 bytes)", result.stdout)
        self.assertIn("    left out of data: 5 fields, the first: data: payload.customer.nam has "
                      "no value\n", result.stdout)
        self.assertIn("(sluice.yaml:11:5): took none\n", result.stdout)
        self.assertNotIn("no errors", result.stdout)
        for said in (
                "sluice.yaml:5:5: warning: payload.amount is text in 2 of 10 messages, but "
                "`payload.amount > 2` takes it for a number [sample-type]\n",
                "hint: double(x) or int(x) makes a number of text",
                "sluice.yaml:5:5: warning: payload.customer.nam is in none of 10 messages that this "
                "mapping took, did you mean payload.customer.name? [sample-missing]",
                "sluice.yaml:9:5: warning: payload.kind is text in 10 of 10 messages, but "
                "`payload.kind == 1` takes it for a number [sample-type]",
                "sluice.yaml:9:5: error: nothing came of 11 messages that this mapping took: "
                "its 'when' is never true [sample]",
                "sluice.yaml:10:5: error: nothing came of 1 message that this mapping took: "
                "channel: payload.id has no value [sample]"):
            self.assertIn(said, result.stderr)

    def test_itIsJsonToo(self):
        with Mosquitto() as broker, Publisher(broker) as publisher:
            self.publish(publisher)
            self.write(self.CONFIG % broker.address)
            result = self.check("--sample", "12", "--json", "--wait", WAIT, code=2)
        report = json.loads(result.stdout)
        self.assertFalse(report["ok"])
        self.assertEqual({f["code"] for f in report["findings"]},
                         {"sample", "sample-type", "sample-missing"})
        shop = report["sample"]["shop"]
        self.assertEqual((shop["state"], shop["messages"], shop["unmatched"]), ("running", 12, 0))
        first = shop["mappings"][0]
        self.assertEqual((first["taken"], first["mapped"], first["filtered"]), (11, 5, 3))
        self.assertEqual(first["rejected"]["bad-value"]["count"], 2)
        self.assertEqual(first["fields"]["payload.amount"], {"int": 8, "string": 2})
        self.assertEqual(first["fields"]["payload.customer.nam"], {"missing": 10})

    def test_aNodeWithTheSameSettingsDoesNotNotice(self):
        config = self.CONFIG
        with Mosquitto() as broker, Publisher(broker) as publisher:
            with Sluice(config % broker.address) as node, \
                    node.stream("/events/copies") as stream:
                self.write(config % broker.address)
                self.publish(publisher)
                stream.read_events(11)
                self.check("--sample", "5", "--wait", WAIT, code=2)
                publisher.publish("orders/late", "{}")
                self.assertEqual(stream.read_events(12)[-1].data, "{}")
                state = node.admin_get("/inputs").json()["inputs"][0]
                self.assertEqual((state["state"], state["restarts"]), ("running", 0))

    def test_theRestOfTheTimeEndsIt(self):
        with Redis() as redis:
            redis("XADD", "orders", "*", "amount", "9")
            redis("XADD", "orders", "*", "amount", "8")
            self.write(f"""
inputs: {{shop: {{plugin: redis, server: "redis://{redis.address}", streams: [orders]}}}}
mappings: [{{from: "shop:orders", when: payload.amount == '9', channel: orders}}]
""")
            result = self.check("--sample", "3", "--wait", f"{round(2 * PATIENCE)}s")
            groups = redis("XINFO", "GROUPS", "orders")
        self.assertIn("input shop: 2 messages within ", result.stdout)
        self.assertIn("took 2: 1 mapped, 1 filtered, 0 rejected\n", result.stdout)
        self.assertIn("sluice.yaml: no errors (1 input, 1 mapping)", result.stdout)
        self.assertEqual(groups, [])

    def test_aSourceThatIsAwayIsAFailure(self):
        self.write(self.CONFIG % "127.0.0.1:1")
        result = self.check("--sample", "3", "--wait", "500ms", code=1)
        self.assertRegex(result.stderr, r"input shop: (connecting|failed)")
        self.assertRegex(result.stdout, r"input shop: 0 messages within 500ms \(\w+\)\n")

    def test_whatIsWrongAnywayIsToldFirst(self):
        self.write((self.CONFIG % "127.0.0.1:1").replace("channel: copies", "chanel: copies"))
        result = self.check("--sample", "3", "--wait", "1h", code=2)
        self.assertNotIn("input shop", result.stdout + result.stderr)

    def test_usageIsChecked(self):
        self.write(self.CONFIG % "127.0.0.1:1")
        for arguments, said in ((["--sample", "0"], "--sample"), (["--sample", "x"], "--sample"),
                                (["--sample", "1", "--wait", "0"], "--wait"),
                                (["--wait", "1s"], "--wait is for --sample N"),
                                (["--sample", "1", "--rewind", "x"], "--rewind"),
                                (["--sample", "1", "--input", "shp"], "did you mean 'shop'?")):
            with self.subTest(arguments):
                self.assertIn(said, self.check(*arguments, code=2).stderr)


if __name__ == "__main__":
    main()
