#!/usr/bin/env python3
"""What the admin listener tells of mappings, the live tap, mappings that are tried, and the console
that shows all of it in a real Chromium."""
import contextlib
import json
import os
import pty
import signal
import socket
import subprocess

from system import PATIENCE, Sluice, SystemTest, ask, main, wait_until
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


class Subscribers(SystemTest):
    """GET /subscribers against streams of a real node."""

    KEYS = """
        publish: {key: test-key}
        delivery: {retry: 10ms}
        admin: {listen: 127.0.0.1:0, read_key: reader, operator_key: operator}
        auth:
          tokens: [{name: ann, token: ann-secret}, {name: bob, token: bob-secret}]
        channels:
          "{any**}": {filter: true, allow: "true"}
    """

    def subscribers(self, node, query="", key="operator"):
        answer = ask(node.admin, "GET", f"/subscribers{query}", headers={"Authorization": f"Bearer {key}"})
        self.assertEqual(answer.status, 200, answer.text)
        return answer.json()

    def opened(self, node, target, name):
        stream = node.stream(target, headers=[f"Authorization: Bearer {name}-secret"])
        self.addCleanup(stream.close)
        stream.read_until(lambda _: b"sluice.open" in stream.response.body)
        return stream

    def test_areShownWithoutTheirSecrets(self):
        with Sluice(self.KEYS) as node:
            ann = self.opened(node, "/events/a?types=t,u&filter=data.n%20%3E%203", "ann")
            self.opened(node, "/events?channels=a,b/%7Bx%7D&access_token=bob-secret", "bob")
            page = wait_until(lambda: (got := self.subscribers(node))["open"] == 2 and got, what="both")
            first, second = page["subscribers"]
            self.assertEqual((first["subject"], first["channels"], first["types"], first["filter"]),
                             ("ann", ["a"], ["t", "u"], "data.n > 3"))
            self.assertEqual((second["subject"], second["channels"]), ("bob", ["a", "b/{x}"]))
            for one in (first, second):
                self.assertEqual((one["address"], one["state"], one["lag"]),
                                 ("127.0.0.1", "live", {"events": 0, "ms": 0}))
            token = json.loads(ann.reader.controls("open")[0].data)["stream"]
            for secret in ("secret", token, token[:16]):
                self.assertNotIn(secret, json.dumps(page))
            self.assertEqual([one["subject"] for one in self.subscribers(node, "?subject=bob")["subscribers"]],
                             ["bob"])
            self.assertEqual(len(self.subscribers(node, "?channel=b/%7Bx%7D")["subscribers"]), 1)

    def test_areForOperatorsOnly(self):
        with Sluice(self.KEYS) as node:
            self.assertEqual(self.subscribers(node, key="reader")["subscribers"], [])
            for headers in ({}, {"Authorization": "Bearer ann-secret"}, {"Authorization": "Bearer test-key"}):
                self.assertEqual(ask(node.admin, "GET", "/subscribers", headers=headers).status, 401)
            self.assertEqual(node.get("/subscribers").status, 404)
            answer = ask(node.admin, "GET", "/subscribers?state=slow", headers={"Authorization": "Bearer reader"})
            self.assertEqual((answer.status, answer.json()["error"]["field"]), (400, "state"))

    def test_thoseWhoDoNotReadAreFirst(self):
        with Sluice("publish: {key: test-key}\n") as node:
            quick = self.enterContext(node.stream("/events/b"))
            with socket.create_connection(node.address) as slow:
                slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                slow.sendall(b"GET /events/a HTTP/1.1\r\nHost: x\r\n\r\n")
                wait_until(lambda: node.admin_get("/subscribers").json()["open"] == 2, what="both streams")

                def furthest():
                    node.publish([{"channel": "a", "data": "x" * 20_000} for _ in range(50)])
                    page = node.admin_get("/subscribers?order=lag").json()
                    first = page["subscribers"][0]
                    return first["state"] == "straggling" and first["lag"]["events"] > 100 and page
                page = wait_until(furthest, 30, "a reader that straggles")
                self.assertGreater(page["subscribers"][0]["lag"]["ms"], 0)
                self.assertEqual(page["matching"], 2)
                straggling = node.admin_get("/subscribers?state=straggling").json()
                self.assertEqual(len(straggling["subscribers"]), 1)
            node.publish([{"channel": "b", "data": 1}])
            quick.read_events(1)

    def test_comePageByPage(self):
        with Sluice("publish: {key: test-key}\n") as node:
            streams = [self.enterContext(node.stream(f"/events/c{n}")) for n in range(25)]
            wait_until(lambda: node.admin_get("/subscribers").json()["open"] == len(streams), what="all streams")
            seen, query = [], "?limit=10"
            while query:
                page = node.admin_get(f"/subscribers{query}").json()
                seen += [one["channels"][0] for one in page["subscribers"]]
                query = page.get("next") and f"?limit=10&after={page['next']}"
            self.assertEqual(sorted(seen), sorted(f"c{n}" for n in range(25)))


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
        with self.node.stream("/events/orders/eu") as reader, self.command("top") as top:
            reader.read_events(1)
            output, errors = top.communicate(timeout=30 * PATIENCE)
        self.assertEqual((top.returncode, errors), (0, ""))
        self.assertRegex(output, r"INPUT +PLUGIN +STATE")
        self.assertRegex(output, r"tick +ticker +running +[1-9]")
        self.assertRegex(output, r"1 +tick:orders.{region} +orders/{region} +[1-9]")
        self.assertRegex(output, r"orders/eu +[1-9]")
        self.assertRegex(output, r"\n127.0.0.1 +(live|catching_up|straggling) +[\d,]+ .*orders/eu")

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
            with contextlib.ExitStack() as readers:
                for target in ("/events/orders/eu?types=order", "/events?channels=orders/%7Bregion%7D,cooked"):
                    readers.enter_context(node.stream(target)).read_events(1)
                seen = json.loads(clients.run_node(
                    "console.mjs", node.admin_url + "/", key, "orders/eu",
                    os.environ.get("SLUICE_SCREENSHOTS", ""), seconds=90))
        self.assertEqual(seen["errors"], [])
        self.assertIn("running", seen["inputs"])
        self.assertEqual(seen["mappings"], 2)
        self.assertIn("orders/eu", seen["channels"])
        self.assertIn("127.0.0.1", seen["readers"])
        self.assertIn("orders/", seen["readers"])
        self.assertEqual(seen["none"], "No reader is like that.")
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
