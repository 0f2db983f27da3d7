#!/usr/bin/env python3
"""ZeroMQ through the whole program: publishers and pushers of pyzmq, which has a libzmq of its own."""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import zmq

from system import PATIENCE, Sluice, SystemTest, main, wait_until
from child import Child, free_port
from sluice import PROGRAM
from states import gaps, state, wait_state
import metrics

PATIENCE_MS = int(20_000 * PATIENCE)

# Sends the numbers from 0 on, a hundred a second, until it is killed.
NUMBERS = """
import itertools, sys, time, zmq
socket = zmq.Context().socket(zmq.PUB)
socket.bind(sys.argv[1])
for number in itertools.count():
    socket.send_multipart([b"numbers", str(number).encode()])
    time.sleep(0.01)
"""


def config(options, mappings='[{from: "feed:{all**}", channel: "{topic}"}]'):
    return f"""
    inputs:
      feed: {{plugin: zeromq, {options}}}
    mappings: {mappings}
    delivery: {{retry: 10ms}}
    """


def listening(node):
    """Where an input that binds listens."""
    wait_state(node, "running/running")
    text = node.admin_get("/inputs").json()["inputs"][0]["text"]
    return re.fullmatch("listening on (.*)", text)[1]


def data(stream, count, seconds=10):
    return [event.data for event in stream.read_events(count, seconds)]


class ZeromqTest(SystemTest):
    def setUp(self):
        self.context = self.enterContext(zmq.Context())

    def socket(self, kind):
        socket = self.context.socket(kind)
        socket.linger, socket.rcvtimeo, socket.sndtimeo = 0, PATIENCE_MS, PATIENCE_MS
        self.addCleanup(socket.close)
        return socket

    def publisher(self):
        """(socket, endpoint): XPUB, which hears of subscriptions."""
        socket = self.socket(zmq.XPUB)
        socket.bind("tcp://127.0.0.1:*")
        return socket, socket.last_endpoint.decode()

    def pusher(self, endpoint):
        socket = self.socket(zmq.PUSH)
        socket.connect(endpoint)
        return socket


class Messages(ZeromqTest):
    def test_becomeEventsOfTheChannelsThatTheirTopicsName(self):
        publisher, endpoint = self.publisher()
        mappings = """
      - {from: "feed:orders.{region}", channel: "orders/{region}", event: order, key: "{frame1}"}
      - {from: "feed:exact", channel: "exact", key: "{frames}"}
        """
        with Sluice(config(f'connect: "{endpoint}"', mappings)) as node:
            self.assertEqual({publisher.recv(), publisher.recv()}, {b"\1orders.", b"\1exact"})
            with node.stream("/events?channels=orders/eu,exact&envelope=json") as stream:
                stream.read_until(lambda reader: reader.events)
                publisher.send_multipart([b"orders.eu", b"key-1", b'{"n": 1}'])
                publisher.send_multipart([b"exactly.not", b"{}"])  # has the prefix, and no mapping
                publisher.send_multipart([b"exact", b"plain text"])
                first, second = stream.read_events(2)
                self.assertEqual(first.type, "order")
                self.assertEqual(json.loads(first.data)["key"], "key-1")
                self.assertEqual(json.loads(first.data)["data"], {"n": 1})
                self.assertEqual(json.loads(second.data)["text"], "plain text")
                self.assertEqual(json.loads(second.data)["key"], "2")
                self.assertEqual(gaps(stream), [])
            metrics.wait_total(node, 2, "sluice_messages_total", result="mapped")
            metrics.wait_total(node, 1, "sluice_messages_total", result="unmatched")
            metrics.wait_total(node, 3, "sluice_messages_total")
            node.wait_for_log("no mapping takes topic 'exactly.not'")

    def test_areInHistoryForWhoComesBack(self):
        publisher, endpoint = self.publisher()
        with Sluice(config(f'connect: "{endpoint}"')) as node:
            publisher.recv()
            with node.stream("/events/t") as stream:
                stream.read_until(lambda reader: reader.events)
                publisher.send_multipart([b"t", b"1"])
                last_id = stream.read_events(1)[0].last_id
            publisher.send_multipart([b"t", b"2"])
            publisher.send_multipart([b"t", b"3"])
            with node.stream("/events/t", last_id) as stream:
                self.assertEqual(data(stream, 2), ["2", "3"])
                self.assertEqual(gaps(stream), [])

    def test_ofPushersComeOnceEach(self):
        with Sluice(config('bind: "tcp://127.0.0.1:*", socket: pull')) as node:
            endpoint = listening(node)
            with node.stream("/events/feed") as stream:
                stream.read_until(lambda reader: reader.events)
                for name in ("a", "b", "c"):
                    pusher = self.pusher(endpoint)
                    for number in range(500):
                        pusher.send_string(f"{name}{number}")
                came = data(stream, 1500, 20)
                wanted = {f"{name}{number}" for name in "abc" for number in range(500)}
                self.assertEqual(set(came), wanted)
                self.assertEqual(len(came), len(wanted))

    def test_thatAreNoTextAreRefusedAndCounted(self):
        with Sluice(config('bind: "tcp://127.0.0.1:*", socket: pull')) as node:
            pusher = self.pusher(listening(node))
            pusher.send_multipart([b"t", b"\xff\xfe"])
            pusher.send_multipart([b"\xff\x01", b"of a binary topic"])
            with node.stream("/events/0xff01?from=earliest") as stream:
                self.assertEqual(data(stream, 1), ["of a binary topic"])
            metrics.wait_total(node, 1, "sluice_messages_total", result="rejected",
                               reason="not-utf8")

    def test_ofTenThousandTopicsGoToAsManyChannels(self):
        with Sluice(config('bind: "tcp://127.0.0.1:*", socket: pull')) as node:
            pusher = self.pusher(listening(node))
            for number in range(10_000):
                pusher.send_multipart([b"t.%d" % number, b"%d" % number])
            wait_until(lambda: metrics.read(node).total("sluice_messages_total", result="mapped")
                       == 10_000, 30, "all messages")
            for number in (0, 4_711, 9_999):
                with node.stream(f"/events/t.{number}?from=earliest") as stream:
                    self.assertEqual(data(stream, 1), [str(number)])

    def test_inFloodDoNotHoldUpTheEnd(self):
        with tempfile.TemporaryDirectory() as folder:
            endpoint = f"ipc://{folder}/flood"
            flood = Child([str(pathlib.Path(PROGRAM).parent / "zeromq_publisher"), endpoint,
                           "--push"])
            with flood, Sluice(config(f'connect: "{endpoint}", socket: pull')) as node:
                wait_until(lambda: metrics.read(node).total("sluice_messages_total",
                                                            result="mapped") > 50_000, 30)
                self.assertEqual(node.stop(), 0)


class Losses(ZeromqTest):
    def test_ofAKilledPublisherAreToldInTheStreamAndToWhoComesBack(self):
        endpoint = f"tcp://127.0.0.1:{free_port()}"
        publisher = Child([sys.executable, "numbers.py", endpoint], {"numbers.py": NUMBERS})
        with publisher, Sluice(config(f'connect: "{endpoint}"')) as node:
            wait_state(node, "running/running")
            with node.stream("/events/numbers") as stream:
                before = stream.read_events(5, 20)
                publisher.kill()
                wait_until(lambda: state(node).startswith("connecting/"), 20, "connecting")
                self.assertEqual(gaps(stream), [])
                publisher.start()
                stream.read_until(lambda reader: reader.controls("gap"), 20)
                self.assertEqual(gaps(stream), ["lost"])
                count = len(stream.reader.user_events)
                stream.read_events(count + 5, 20)
            wait_state(node, "running/running")
            with node.stream("/events/numbers", before[-1].last_id) as stream:
                stream.read_until(lambda reader: len(reader.user_events) > count, 20)
                self.assertIn("lost", gaps(stream))

    def test_areSeenByTheNumbersOfThePublisher(self):
        publisher, endpoint = self.publisher()
        options = f'connect: "{endpoint}", sequence: {{frame: 2, format: u32le}}'
        with Sluice(config(options)) as node:
            publisher.recv()
            with node.stream("/events/hashblock") as stream:
                stream.read_until(lambda reader: reader.events)
                for number in (7, 8, 12, 13):
                    publisher.send_multipart([b"hashblock", b"block %d" % number,
                                              number.to_bytes(4, "little")])
                self.assertEqual(data(stream, 4), [f"block {n}" for n in (7, 8, 12, 13)])
                self.assertEqual(gaps(stream), ["lost"])
                kinds = [event.type for event in stream.reader.events if event.type != "sluice.at"]
                self.assertEqual(kinds, ["sluice.open", "message", "message", "sluice.gap",
                                         "message", "message"])
            wait_until(lambda: "3 messages are lost" in node.log())


class States(ZeromqTest):
    def test_ofAPublisherThatComesLate(self):
        endpoint = f"tcp://127.0.0.1:{free_port()}"
        with Sluice(config(f'connect: "{endpoint}"')) as node:
            wait_state(node, "connecting/unreachable")
            self.assertEqual(node.get("/healthz").status, 200)
            publisher = self.socket(zmq.XPUB)
            publisher.bind(endpoint)
            publisher.recv()
            wait_state(node, "running/running")

    def test_ofAnAddressInUse(self):
        holder = self.socket(zmq.PULL)
        holder.bind("tcp://127.0.0.1:*")
        endpoint = holder.last_endpoint.decode()
        with Sluice(config(f'bind: "{endpoint}", socket: pull')) as node:
            wait_state(node, "failed/address-in-use")
            holder.close()
            wait_state(node, "running/running", 30)
            self.pusher(endpoint).send_multipart([b"t", b"v"])
            with node.stream("/events/t?from=earliest") as stream:
                self.assertEqual(data(stream, 1), ["v"])

    def test_ofKeys(self):
        server_public, server_secret = zmq.curve_keypair()
        client_public, client_secret = zmq.curve_keypair()
        other_public, other_secret = zmq.curve_keypair()
        options = ('bind: "tcp://127.0.0.1:*", socket: pull, '
                   'curve: {secret_key: "${SECRET}", clients: ["${CLIENT}"]}')
        keys = {"SECRET": server_secret.decode(), "CLIENT": client_public.decode()}
        with Sluice(config(options), environment=keys) as node:
            endpoint = listening(node)
            for public, secret, text in ((other_public, other_secret, b"stranger"),
                                         (client_public, client_secret, b"friend")):
                pusher = self.socket(zmq.PUSH)
                pusher.curve_serverkey = server_public
                pusher.curve_publickey, pusher.curve_secretkey = public, secret
                pusher.connect(endpoint)
                pusher.send_multipart([b"t", text])
            with node.stream("/events/t?from=earliest") as stream:
                self.assertEqual(data(stream, 1), ["friend"])
            wait_until(lambda: "refused a peer" in node.log())
            self.assertNotIn(server_secret.decode(), node.log() + node.admin_get("/inputs").text)


class Check(SystemTest):
    def check(self, text):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "sluice.yaml"
            path.write_text(text)
            return subprocess.run([PROGRAM, "check", str(path)], capture_output=True, text=True,
                                  timeout=20 * PATIENCE)

    def test_saysWhichSettingAndWhereWithoutTheNetwork(self):
        result = self.check("""\
inputs:
  feed:
    plugin: zeromq
    connect:
      - tcp://publisher:5556
      - tcp://publisher:70000
    socket: dealer
    curve: {server_key: "too short"}
mappings:
  - {from: "feed:{all**}", channel: all}
""")
        self.assertEqual(result.returncode, 2, result.stderr)
        told = result.stdout + result.stderr
        for place in ("yaml:6:9:", "yaml:7:13:", "yaml:8:25:"):
            self.assertIn(place, told)
        self.assertIn("write a number from 1 to 65535", told)

    def test_isContentWithAPublisherThatDoesNotExist(self):
        result = self.check("""\
inputs:
  feed: {plugin: zeromq, connect: "tcp://no-such-host.invalid:5556"}
mappings:
  - {from: "feed:{all**}", channel: all}
""")
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)


if __name__ == "__main__":
    main()
