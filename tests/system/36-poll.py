#!/usr/bin/env python3
"""GET /poll: the guarantees of a stream, one JSON answer at a time."""
import json
import random
import signal
import socket
import threading

from system import PATIENCE, PUBLISH, Sluice, SystemTest, ask, main, wait_until
import metrics

QUICK = PUBLISH.replace("retry: 10ms", "retry: 10ms, poll: 1s") + """
    channels: {"open": {filter: true}}
"""


SOURCE = """
    inputs:
      tick: {plugin: ticker, rate: 300, count: 900, replayable: true}
    mappings:
      - {from: "tick:{all**}", channel: ticks}
"""


class Poller:
    """Asks again and again with the id of the last answer; some connections are cut."""

    def __init__(self, node, target, seed=None):
        self._node, self._target, self._chance = node, target, random.Random(seed)
        self._cuts = seed is not None
        self.id, self.events, self.gaps, self.cuts = None, [], [], 0

    def ask(self):
        """False: it was cut."""
        try:
            answer = self._read() if self._cuts and self._chance.random() < 0.4 else \
                self._node.get(self._target, self._headers()).json()
        except (ConnectionError, socket.timeout, json.JSONDecodeError, OSError):
            answer = None
        if answer is None:
            self.cuts += 1
            return False
        self.id = answer["id"]
        self.events += answer["events"]
        self.gaps += answer["gaps"]
        return True

    def _headers(self):
        return {"Last-Event-ID": self.id} if self.id else {}

    def _read(self):
        """Reads a part of the answer and hangs up."""
        with socket.create_connection(self._node.address, 20 * PATIENCE) as connection:
            lines = [f"GET {self._target} HTTP/1.1", "Host: here"]
            lines += [f"{name}: {value}" for name, value in self._headers().items()]
            connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
            connection.settimeout(0.05)
            try:
                connection.recv(self._chance.randrange(1, 3000))
            except TimeoutError:
                pass

    @property
    def numbers(self):
        return [event["data"] for event in self.events]


class APoll(SystemTest):
    @classmethod
    def setUpClass(cls):
        cls.node = cls.enterClassContext(Sluice(QUICK))

    def test_waitsForAnEventAndSaysWhereToGoOn(self):
        poller = Poller(self.node, "/poll?channels=a,b")
        self.assertTrue(poller.ask())
        self.assertEqual((poller.events, poller.gaps), ([], []))
        got = threading.Thread(target=poller.ask)
        got.start()
        self.node.publish([{"channel": "a", "event": "order", "key": "k", "data": {"n": 1}},
                           {"channel": "b", "data": "no JSON"}])
        got.join(20 * PATIENCE)
        first, second = poller.events
        self.assertEqual((first["channel"], first["event"], first["key"], first["data"]),
                         ("a", "order", "k", {"n": 1}))
        self.assertEqual((second["channel"], second["event"], second["text"]),
                         ("b", "message", "no JSON"))
        self.assertEqual(second["id"], poller.id)

    def test_takesWhatAStreamTakes(self):
        self.node.publish_numbers("open", 0, 10)
        for query, wanted in (("from=earliest&limit=3", [0, 1, 2]), ("from=-2", [8, 9]),
                              ("from=earliest&filter=int(data)%3E6", [7, 8, 9]),
                              ("since=-1h&limit=1", [0])):
            answer = self.node.get(f"/poll/open?{query}").json()
            self.assertEqual([event["data"] for event in answer["events"]], wanted, query)
            self.assertEqual([event["channel"] for event in answer["events"]][0], "open")
        cut = self.node.get("/poll/open?from=earliest&limit=3").json()["events"][1]["id"]
        after = self.node.get(f"/poll/open?last_event_id={cut}").json()
        self.assertEqual([event["data"] for event in after["events"]], list(range(2, 10)))

    def test_tellsGapsAndRefusesAsAStreamDoes(self):
        answer = self.node.get("/poll/open", {"Last-Event-ID": "nonsense"}).json()
        self.assertEqual([gap["reason"] for gap in answer["gaps"]], ["bad-id"])
        self.assertEqual(self.node.get("/poll").status, 400)
        self.assertEqual(self.node.get("/poll/shut?filter=true").status, 403)
        self.assertEqual(ask(self.node.address, "POST", "/poll/open").status, 405)
        self.assertEqual(ask(self.node.address, "HEAD", "/poll/open").headers["content-type"],
                         "application/json")

    def test_costsNoThreadWhileItWaits(self):
        threads = self.node.threads()
        waiting = []
        try:
            for _ in range(200):
                connection = socket.create_connection(self.node.address, 20 * PATIENCE)
                connection.sendall(b"GET /poll/quiet HTTP/1.1\r\nHost: here\r\n\r\n")
                waiting.append(connection)
            wait_until(lambda: metrics.read(self.node).value("sluice_subscribers", state="live")
                       >= 150, what="200 polls that wait")
            self.assertLessEqual(self.node.threads(), threads + 8)
            self.assertEqual(self.node.get("/healthz").status, 200)
        finally:
            for connection in waiting:
                connection.close()

    def test_losesAndDoublesNothingOverCuts(self):
        poller = Poller(self.node, "/poll/cut", seed=7)
        while not poller.ask():
            pass
        sent = 0
        while sent < 2000 or len(poller.events) < sent:
            if sent < 2000:
                self.node.publish_numbers("cut", sent, sent + 50)
                sent += 50
            poller.ask()
        self.assertEqual(poller.numbers, list(range(2000)))
        self.assertEqual(poller.gaps, [])
        self.assertGreater(poller.cuts, 5)


class APollOverRestarts(SystemTest):
    def test_losesAndDoublesNothing(self):
        """The source's sequence is read again after a kill."""
        with Sluice(SOURCE) as node:
            poller = Poller(node, "/poll/ticks?from=earliest", seed=3)
            for how in (signal.SIGKILL, signal.SIGTERM, None):
                node.wait_ready()
                wanted = 900 if how is None else len(poller.events) + 150
                wait_until(lambda: (poller.ask(), len(poller.events) >= wanted)[1], 20)
                if how is not None:
                    node.restart(how)
            self.assertEqual([gap["reason"] for gap in poller.gaps], [])
            ticks = [event["data"]["n"] for event in poller.events]
            self.assertEqual(ticks, list(range(ticks[0], ticks[0] + len(ticks))))


if __name__ == "__main__":
    main()
