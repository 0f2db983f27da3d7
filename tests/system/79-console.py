#!/usr/bin/env python3
"""What the admin listener tells of mappings, the live tap, mappings that are tried, and the console
that shows all of it in a real Chromium."""
import json
import os

from system import Sluice, SystemTest, main, wait_until
import clients

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

    def test_asksForTheKeyOfTheNode(self):
        with Sluice(CONFIG + KEY) as node:
            self.assertEqual(node.admin_get("/").status, 200)
            self.assertEqual(node.admin_get("/inputs").status, 401)
        self.walk("console-key")


if __name__ == "__main__":
    main()
