#!/usr/bin/env python3
"""What the admin listener tells of mappings, the live tap, mappings that are tried, and the console
that shows all of it in a real Chromium."""
import json
import os
import pty
import signal
import subprocess

from system import PATIENCE, Sluice, SystemTest, main, wait_until
import clients
from sluice import PROGRAM

CONFIG = """
    inputs:
      tick: {plugin: ticker, rate: 50, topics: [orders.eu], replayable: true}
    mappings:
      - from: "tick:orders.{region}"
        when: payload.n >= 0
        channel: orders/{region}
        event: order
        data: {number: "{payload.n}"}
      - {from: "http:raw", channel: cooked, redact: [payload.card]}
    publish: {key: test-key}
"""
KEY = "    admin: {listen: 127.0.0.1:0, key: console-key}\n"


class Endpoints(SystemTest):
    def setUp(self):
        self.node = self.enterContext(Sluice(CONFIG))

    def explain(self, message, mappings=None):
        body = {"message": message} if mappings is None else {"message": message, "mappings": mappings}
        return self.node.admin_post("/explain", json.dumps(body))

    def test_mappingsAreListedWithWhatTheyDid(self):
        def first():
            return self.node.admin_get("/mappings").json()["mappings"][0]
        wait_until(lambda: first()["events"] > 0, what="an event of the first mapping")
        self.assertEqual((first()["input"], first()["from"], first()["channel"]),
                         ("tick", "orders.{region}", "orders/{region}"))
        self.assertIn('  when: "payload.n >= 0"\n', first()["yaml"])

    def test_theTapShowsMessagesAndWhatBecameOfThem(self):
        def tap(after):
            return self.node.admin_get(f"/tap?channel=orders/eu&after={after}").json()
        self.assertEqual(tap(0)["messages"], [])
        answer = wait_until(lambda: (got := tap(0))["messages"] and got, what="a message")
        one = answer["messages"][0]
        self.assertEqual(one["message"]["topic"], "orders.eu")
        event = one["explained"]["mappings"][0]["event"]
        number = json.loads(one["message"]["payload"])["n"]
        self.assertEqual((event["channel"], json.loads(event["data"])), ("orders/eu", {"number": number}))
        later = wait_until(lambda: (got := tap(answer["next"]))["messages"] and got, what="another")
        self.assertGreater(later["messages"][0]["number"], answer["messages"][-1]["number"])

    def test_theTapHidesWhatMappingsRedact(self):
        self.node.admin_get("/tap?input=http")
        for channel in ("raw", "plain"):
            self.node.publish([{"channel": channel, "data": {"card": f"4111-{channel}", "a": 1}}])
        messages = self.node.admin_get("/tap?input=http&after=0").json()["messages"]
        self.assertEqual([json.loads(one["message"]["payload"])["card"] for one in messages],
                         [None, "4111-plain"])
        self.assertNotIn("4111-raw", json.dumps(messages))

    def test_aMappingIsTriedWithoutBeingInForce(self):
        message = {"input": "tick", "topic": "orders.us", "payload": {"n": 7}}
        made = self.explain(message).json()["mappings"][0]["event"]
        self.assertEqual(made["channel"], "orders/us")
        tried = self.explain(message, '- {from: "tick:{all**}", channel: tried, data: "{payload.n}"}')
        self.assertEqual(tried.json()["mappings"][0]["event"]["data"], "7")
        wrong = self.explain(message, "- {from: tick, chanel: x}")
        self.assertEqual(wrong.status, 422)
        self.assertEqual(wrong.json()["problems"][0]["line"], 2)
        self.assertEqual(len(self.node.admin_get("/mappings").json()["mappings"]), 2)


class Terminal(SystemTest):
    """`sluice top` and `sluice tap` against a node."""

    def setUp(self):
        self.node = self.enterContext(Sluice(CONFIG + KEY))

    def command(self, *words, key="console-key", **options):
        return subprocess.Popen([PROGRAM, *words, "--admin", self.node.admin_url],
                                env={**os.environ, "SLUICE_ADMIN_KEY": key}, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)

    def lines(self, *words, count):
        """The first lines of a command that goes on until it is told to end."""
        with self.command(*words) as tap:
            lines = [tap.stdout.readline() for _ in range(count)]
            tap.send_signal(signal.SIGINT)
            self.assertEqual(tap.wait(20 * PATIENCE), 0, tap.stderr.read())
        return lines

    def test_topIsOneSnapshotWhereNobodySitsAtATerminal(self):
        with self.command("top") as top:
            output, errors = top.communicate(timeout=30 * PATIENCE)
        self.assertEqual((top.returncode, errors), (0, ""))
        self.assertRegex(output, r"INPUT +PLUGIN +STATE")
        self.assertRegex(output, r"tick +ticker +running +[1-9]")
        self.assertRegex(output, r"1 +tick:orders.{region} +orders/{region} +[1-9]")
        self.assertRegex(output, r"orders/eu +[1-9]")

    def test_topGoesOnAtATerminal(self):
        ours, theirs = pty.openpty()
        with subprocess.Popen([PROGRAM, "top", "--admin", self.node.admin_url, "--key", "console-key"],
                              stdin=theirs, stdout=theirs, stderr=subprocess.PIPE) as top:
            shown = b""
            while shown.count(b"INPUT") < 2:
                shown += os.read(ours, 65_536)
            top.send_signal(signal.SIGINT)
            self.assertEqual(top.wait(20 * PATIENCE), 0)
        for end in (ours, theirs):
            os.close(end)
        self.assertTrue(shown.startswith(b"\x1b[?1049h"))

    def test_tapFollowsAChannelBeforeAndAfterItsMappings(self):
        raw = [json.loads(line) for line in self.lines("tap", "orders/eu", "--raw", count=3)]
        self.assertEqual({one["topic"] for one in raw}, {"orders.eu"})
        numbers = [json.loads(one["payload"])["n"] for one in raw]
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + 3)))
        mapped = [json.loads(line) for line in self.lines("tap", "orders/eu", "--mapped", count=2)]
        self.assertEqual({(one["channel"], one["event"]) for one in mapped}, {("orders/eu", "order")})
        both = self.lines("tap", "orders/eu", count=3)
        self.assertRegex(both[0], r"^tick:orders.eu, partition 0, offset \d+, key ")
        self.assertRegex(both[2], r"^  -> orders/eu order: \{\"number\":\d+\}$")

    def test_saysWhatIsWrong(self):
        for words, key, status, text in ((["top"], "wrong", 1, "wants another key"),
                                         (["tap"], "console-key", 2, "which channel"),
                                         (["tap", "x", "--raw", "--mapped"], "", 2, "one of them")):
            with self.command(*words, key=key) as command:
                _, errors = command.communicate(timeout=30 * PATIENCE)
            self.assertEqual(command.returncode, status, errors)
            self.assertIn(text, errors)


class Console(SystemTest):
    """SLUICE_SCREENSHOTS names a folder that gets pictures of every view."""

    def walk(self, key):
        with Sluice(CONFIG + (KEY if key else "")) as node:
            seen = json.loads(clients.run_node(
                "console.mjs", node.admin_url + "/", key, "orders/eu",
                os.environ.get("SLUICE_SCREENSHOTS", ""), seconds=90))
        self.assertEqual(seen["errors"], [])
        self.assertIn("running", seen["inputs"])
        self.assertEqual(seen["mappings"], 2)
        self.assertIn("orders/eu", seen["channels"])
        self.assertIn("tick:orders.eu", seen["tapped"])
        self.assertIn("mapped", seen["tapped"])
        self.assertIn("event: order", seen["tried"])
        self.assertIn("line 2", seen["wrong"])

    def test_showsEverythingInABrowser(self):
        self.walk("")

    def test_canBeUsedByKeyboardByEarAndWithoutMotion(self):
        with Sluice(CONFIG + KEY) as node:
            wrong = json.loads(clients.run_node(
                "accessible.mjs", node.admin_url + "/", "#view-inputs tbody tr:not(:has(.none))",
                "console-key", seconds=240))
        self.assertEqual(wrong, [])

    def test_asksForTheKeyOfTheNode(self):
        with Sluice(CONFIG + KEY) as node:
            self.assertEqual(node.admin_get("/").status, 200)
            self.assertEqual(node.admin_get("/inputs").status, 401)
        self.walk("console-key")


if __name__ == "__main__":
    main()
