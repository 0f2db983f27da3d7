#!/usr/bin/env python3
"""What one client may do, who it is behind a proxy, and what those get who ask for more."""
import socket
import time

from system import PATIENCE, PUBLISH, Response, Sluice, SystemTest, ask, main, wait_until
import metrics

AUTHORIZED = {"Authorization": "Bearer test-key"}


def receive(connection):
    response = Response()
    while not response.is_complete and (data := connection.recv(65536)):
        response.feed(data)
    return response


def through_proxy(address, header, target="/healthz", fields=""):
    """A request behind a PROXY header; None where the server just closes."""
    with socket.create_connection(address, 20 * PATIENCE) as connection:
        connection.sendall(header)
        try:
            connection.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n{fields}"
                               "Connection: close\r\n\r\n".encode())
            response = receive(connection)
        except ConnectionError:
            return None
    return response if response.status else None


class Bounds(SystemTest):
    def test_streamsOfAnAddressAreBoundedAndBrowsersComeBack(self):
        with Sluice(PUBLISH + "    limits: {streams_per_address: 2}\n") as node:
            streams = [node.stream("/events/a") for _ in range(2)]
            for stream in streams:
                stream.read_until(lambda reader: reader.controls("open"))
            answer = node.get("/events/a", {"Accept": "text/event-stream"})
            self.assertEqual((answer.status, answer.text), (200, "retry: 30000\n"))
            answer = node.get("/events/a")
            self.assertEqual(answer.status, 503)
            self.assertEqual(answer.headers["Retry-After"], "30")
            clients = node.admin_get("/clients").json()
            self.assertEqual(clients["list"], [{"address": "127.0.0.1", "streams": 2,
                                                "refusedMs": 0}])
            streams[0].close()
            # The place is free once the node has seen the end of the first.
            def opened():
                with node.stream("/events/a") as another:
                    another.read_until(lambda reader: reader.controls("open") or reader.retry_ms)
                    return bool(another.reader.controls("open"))
            wait_until(opened, 20, "a free place")
            self.assertGreaterEqual(
                metrics.read(node).value("sluice_client_refusals_total", reason="streams"), 2)
            streams[1].close()

    def test_connectionsComeNoFasterThanAllowed(self):
        with Sluice(PUBLISH + "    limits: {connects_per_address: 1}\n") as node:
            wait_until(lambda: node.get("/healthz").status == 503, 20, "one too many in a second")
            answer = wait_until(lambda: (got := node.get("/healthz", {
                "Accept": "text/event-stream", "Origin": "https://shop.example"})).body.startswith(
                    b"retry: ") and got, 20, "an answer for browsers")
            self.assertEqual(answer.status, 200)
            self.assertEqual(answer.headers["Access-Control-Allow-Origin"],
                             "https://shop.example")
            wait_until(lambda: node.get("/healthz").status == 200, 20, "the next second")

    def test_publishingIsBoundedByEvents(self):
        with Sluice(PUBLISH + "    limits: {publishes_per_address: 100}\n") as node:
            batch = b"[" + b",".join([b'{"channel":"a","data":1}'] * 100) + b"]"
            statuses = []
            while 429 not in statuses:  # a slow machine may have paid some off in between
                statuses.append(ask(node.address, "POST", "/publish", batch, AUTHORIZED).status)
                self.assertLess(len(statuses), 1_000)
            self.assertEqual(statuses[0], 200)
            wait_until(lambda: ask(node.address, "POST", "/publish", b'{"channel":"a","data":1}',
                                   AUTHORIZED).status == 200, 20, "the debt to be paid")

    def test_whoGuessesKeysIsSlowedDownAndThenRefused(self):
        with Sluice(PUBLISH + """
    limits: {failures_slow: 2, failures: 5, failures_time: 10s}
""") as node:
            def guess():
                return ask(node.address, "POST", "/publish", b'{"channel":"a","data":1}',
                           {"Authorization": "Bearer wrong"}).status
            began, statuses = time.monotonic(), []
            while 429 not in statuses:
                statuses.append(guess())
                self.assertLess(len(statuses), 30)
            self.assertEqual(statuses[:5], [401] * 5)
            self.assertGreater(time.monotonic() - began, 2.5)  # from the third on they came late
            # Not even the right one is looked at; whoever shows none is served.
            self.assertEqual(ask(node.address, "POST", "/publish", b"{}", AUTHORIZED).status, 429)
            self.assertEqual(node.get("/healthz").status, 200)
            self.assertGreater(node.admin_get("/clients").json()["list"][0]["refusedMs"], 0)
            wait_until(lambda: ask(node.address, "POST", "/publish", b'{"channel":"a","data":1}',
                                   AUTHORIZED).status == 200, 40, "the end of the refusal")


class Proxies(SystemTest):
    def test_theHeaderOfATrustedOneSaysWhoTheClientIs(self):
        with Sluice(PUBLISH + """
    trusted_proxies: {addresses: [127.0.0.0/8]}
    limits: {streams_per_address: 1}
""") as node:
            streams = [node.stream("/events/a", headers=[f"X-Forwarded-For: 203.0.113.9, {client}"])
                       for client in ("192.0.2.1", "192.0.2.2")]
            for stream in streams:
                stream.read_until(lambda reader: reader.controls("open"))
            self.assertEqual(node.get("/events/a", {"X-Forwarded-For": "192.0.2.1"}).status, 503)
            self.assertEqual({client["address"]
                              for client in node.admin_get("/clients").json()["list"]},
                             {"192.0.2.1", "192.0.2.2"})
            for stream in streams:
                stream.close()

    def test_nobodyElseIsBelieved(self):
        with Sluice(PUBLISH + """
    trusted_proxies: {addresses: [10.0.0.0/8]}
    limits: {streams_per_address: 1}
""") as node:
            with node.stream("/events/a", headers=["X-Forwarded-For: 192.0.2.1"]) as stream:
                stream.read_until(lambda reader: reader.controls("open"))
                self.assertEqual(node.get("/events/a", {"X-Forwarded-For": "192.0.2.2"}).status,
                                 503)
                self.assertEqual(node.admin_get("/clients").json()["list"][0]["address"],
                                 "127.0.0.1")

    def test_itsProtocolSaysSoToo(self):
        with Sluice(PUBLISH + """
    trusted_proxies: {protocol: [127.0.0.1]}
    limits: {streams_per_address: 1}
""") as node:
            one = b"PROXY TCP4 192.0.2.1 192.0.2.9 1 2\r\n"
            two = (b"\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0c" + socket.inet_aton("192.0.2.2") +
                   socket.inet_aton("192.0.2.9") + b"\0\1\0\2")
            self.assertEqual(through_proxy(node.address, one).status, 200)
            self.assertEqual(through_proxy(node.address, two).status, 200)
            self.assertEqual(through_proxy(node.address, b"PROXY UNKNOWN\r\n").status, 200)
            # Without one nobody gets in, and none of a client's own is taken for it.
            self.assertIsNone(through_proxy(node.address, b""))
            fields = "X-Forwarded-For: 203.0.113.1\r\n"
            with socket.create_connection(node.address, 20 * PATIENCE) as held:
                held.sendall(one + b"GET /events/a HTTP/1.1\r\nHost: localhost\r\n\r\n")
                self.assertIn(b"200 OK", held.recv(1000))
                self.assertEqual(through_proxy(node.address, one, "/events/a", fields).status, 503)
                self.assertEqual(through_proxy(node.address, two, "/events/a?from=nonsense",
                                               fields).status, 400)
            node.wait_for_log("must begin with a PROXY header")


class Names(SystemTest):
    def test_ofTheInternetAreRefusedWhileItListensOnThisMachineAlone(self):
        """A page may have its own name point to 127.0.0.1: it must not become of our origin."""
        with Sluice(PUBLISH + "    hosts: [shop.example]\n") as node:
            for host, status in (("evil.example", 421), ("evil.example:8080", 421),
                                 ("shop.example", 200), ("localhost", 200), ("127.0.0.1", 200)):
                with self.subTest(host=host):
                    self.assertEqual(node.get("/healthz", {"Host": host}).status, status)
            answer = ask(node.admin, "GET", "/inputs", headers={"Host": "evil.example"})
            self.assertEqual(answer.status, 421)

    def test_pagesOfOtherOriginsReadNothing(self):
        with Sluice(PUBLISH) as node:
            answer = node.get("/history/a", {"Origin": "https://evil.example"})
            self.assertNotIn("Access-Control-Allow-Origin", answer.headers)
            with node.stream("/events/a", headers=["Origin: https://evil.example"]) as stream:
                stream.read_until(lambda reader: reader.controls("open"))
                self.assertNotIn("access-control-allow-origin", stream.response.headers)


if __name__ == "__main__":
    main()
