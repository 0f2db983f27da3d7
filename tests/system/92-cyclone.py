#!/usr/bin/env python3
"""compat: cyclone-sse: the clients of cyclone-sse and tornado-sse, as they are."""
import json
import re
import socket
import subprocess
import tempfile
import urllib.parse

from system import PATIENCE, TOP, Sluice, SystemTest, ask, main, wait_until
from redis_server import Redis
from sluice import PROGRAM
from states import wait_state

CONFIG = """
    compat: cyclone-sse
    publish: {key: secret}
    delivery: {retry: 10ms, keepalive: 1s}
"""
SCRIPT = {"X-Requested-With": "XMLHttpRequest"}
PAGE = TOP / "docs" / "from-cyclone-sse.md"


def publish(node, query="", **form):
    return ask(node.address, "POST", "/publish" + query, urllib.parse.urlencode(form, doseq=True),
               {"Content-Type": "application/x-www-form-urlencoded"})


def read_as_plugin(text):
    """As jquery.eventsource.js reads an answer: each block, also one of comments, is an event, and
    more than one is not meant to come."""
    assert len([block for block in text.split("\n\n") if block]) == 1, text
    got = {"id": None, "retry": None, "data": []}
    for line in filter(None, text.split("\n")):
        for field in ("id", "retry", "data"):
            if line.startswith(field + ":"):
                value = line.split(":", 1)[1].strip()
                if field == "data":
                    got["data"].append(value)
                else:
                    got[field] = value
        assert not line.startswith("event:"), line
    got["data"] = json.loads("\n".join(got["data"])) if got["data"] else None
    return got


class Pages(SystemTest):
    @classmethod
    def setUpClass(cls):
        cls.node = cls.enterClassContext(Sluice(CONFIG))

    def test_getEventsOfSeveralChannelsAndResume(self):
        with self.node.stream("/?channels=a&channels=b") as stream:
            stream.read_until(lambda _: b"sluice.open" in stream.response.body)
            publish(self.node, key="secret", channel=["a", "c"], message="[1, 2]")
            publish(self.node, key="secret", channel="b", message="two\r\nid: no\nevent: no")
            first, second = stream.read_events(2)
            self.assertEqual((first.type, first.data), ("message", "[1, 2]"))
            self.assertEqual((second.type, second.data), ("message", "two\nid: no\nevent: no"))
            stream.read_until(lambda _: b": sse ping\n\n" in stream.response.body)
            self.assertNotIn(b"event:", stream.response.body.replace(b"data: event: no", b""))
            self.assertEqual(stream.reader.user_events, stream.reader.events)
        publish(self.node, key="secret", channel="b", message="while nobody listens")
        with self.node.stream("/?channels=a,b", second.last_id) as stream:
            self.assertEqual(stream.read_events(1)[0].data, "while nobody listens")

    def test_getPatternsDelivered(self):
        with self.node.stream("/?channels=news:*") as stream:
            stream.read_until(lambda _: b"sluice.open" in stream.response.body)
            publish(self.node, key="secret", channel="news:sports/today", message="1")
            self.assertEqual(stream.read_events(1)[0].data, "1")

    def test_pollByScript(self):
        publish(self.node, key="secret", channel="poll", message='{"n": 0}')
        with self.node.stream("/?channels=poll&_=1", headers=[": ".join(*SCRIPT.items())]) as stream:
            stream.read_until(lambda _: stream.response.body == b"\n")
            for n in range(1, 6):
                publish(self.node, key="secret", channel="poll", message=json.dumps({"n": n}))
            stream.read_to_end()
            got = read_as_plugin(stream.response.body.decode())
        for n in range(2, 6):
            self.assertEqual((got["data"], got["retry"]), ({"n": n - 1}, None))
            answer = self.node.get("/?channels=poll", {**SCRIPT, "Last-Event-Id": got["id"]})
            got = read_as_plugin(answer.text)
        self.assertEqual(got["data"], {"n": 5})

    def test_pollAgainAfterAPingAndMissNothingBetween(self):
        with Sluice("compat: cyclone-sse\npublish: {key: secret}\ndelivery: {poll: 1s}\n") as node:
            text = node.get("/?channels=poll", SCRIPT).text
            got = read_as_plugin(text)
            self.assertEqual((got["retry"], got["data"]), (None, None))
            self.assertRegex(text, r": sse ping\nid: \S+\n\n\Z")
            publish(node, key="secret", channel="poll", message="7")
            answer = node.get("/?channels=poll", {**SCRIPT, "Last-Event-Id": got["id"]})
            self.assertEqual(read_as_plugin(answer.text)["data"], 7)

    def test_pollWithoutAPingWhereTheirScriptKnowsNone(self):
        with Sluice("compat: tornado-sse\ndelivery: {poll: 1s}\n") as node:
            self.assertEqual(node.get("/?channels=poll", SCRIPT).text.strip("\n"), "")

    def test_areRefusedWithoutChannels(self):
        self.assertEqual(self.node.get("/").status, 400)
        self.assertEqual(self.node.get("/?channels=").status, 400)


class Applications(SystemTest):
    @classmethod
    def setUpClass(cls):
        cls.node = cls.enterClassContext(Sluice(CONFIG))

    def test_publishAsTheyDid(self):
        answer = publish(self.node, key="secret", channel="a", message="m")
        self.assertEqual((answer.status, answer.text), (200, '{"status": "ok"}'))
        self.assertEqual(answer.headers["content-type"], "application/json")
        self.assertEqual(publish(self.node, "?key=secret&channel=q&message=m").status, 200)
        self.assertEqual(publish(self.node, key="wrong", channel="a", message="m").status, 401)
        self.assertEqual(publish(self.node, channel="a", message="m").status, 401)
        self.assertEqual(publish(self.node, key="wrong").status, 401)
        self.assertEqual(publish(self.node, key="secret", channel="a").status, 400)
        self.assertEqual(publish(self.node, key="secret", message="m").status, 400)
        self.assertEqual(publish(self.node, key="secret", channel="a\n", message="m").status, 400)

    def test_mayPublishAsOurs(self):
        answer = ask(self.node.address, "POST", "/publish", '{"channel": "a", "data": 1}',
                     {"Authorization": "Bearer secret"})
        self.assertEqual(answer.json()["accepted"], 1)

    def test_findTheirPageBesideTheStreams(self):
        with Sluice("compat: tornado-sse\nstatic: pages\n",
                    files={"pages/index.html": "<p>home"}) as node:
            self.assertEqual(node.get("/").text, "<p>home")
            with node.stream("/?channels=a,b") as stream:
                stream.read_until(lambda _: b"sluice.open" in stream.response.body)


def stats_of(node, key="secret"):
    return ask(node.address, "GET", f"/stats?key={key}")


class Statistics(SystemTest):
    def test_countReadersByChannelAsTheyDid(self):
        with Sluice(CONFIG + "    admin: {listen: 127.0.0.1:0, read_key: reader}\n") as node:
            self.assertEqual(stats_of(node).text, "[]")
            with node.stream("/?channels=cats&channels=news:*") as one, node.stream("/?channels=cats"):
                one.read_until(lambda _: b"sluice.open" in one.response.body)
                wait_until(lambda: stats_of(node).text == '[["cats", 2], ["news:*", 1]]',
                           what="both streams among the statistics")
                answer = stats_of(node, "reader")
                self.assertEqual(answer.headers["content-type"], "application/json")
                self.assertEqual(answer.json(), [["cats", 2], ["news:*", 1]])
            wait_until(lambda: stats_of(node).text == "[]", what="the end of the streams")
            for key in ("", "wrong"):
                self.assertEqual(stats_of(node, key).status, 401)
            self.assertEqual(ask(node.address, "GET", "/stats").status, 401)

    def test_wantAKeyToBeSet(self):
        with Sluice("compat: cyclone-sse\n") as node:
            answer = stats_of(node)
            self.assertEqual((answer.status, answer.json()["error"]["code"]), (403, "stats-disabled"))
        with Sluice("publish: {key: secret}\n") as node:
            self.assertEqual(stats_of(node).status, 404, "without compat there are none")

    def test_areNotForWhoGuesses(self):
        with Sluice(CONFIG + "    limits: {failures: 3, failures_slow: 3}\n") as node:
            self.assertEqual([stats_of(node, f"guess{n}").status for n in range(4)], [401] * 4)
            self.assertEqual(stats_of(node).status, 429)

    def test_goToGraphiteByUdpAsTheyDid(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as carbon:
            carbon.bind(("127.0.0.1", 0))
            carbon.settimeout(30 * PATIENCE)
            graphite = (f"    graphite: {{server: '127.0.0.1:{carbon.getsockname()[1]}', protocol: udp, "
                        "interval: 1s, channels: cyclone-sse}\n")
            with Sluice(CONFIG + graphite) as node, node.stream("/?channels=cats&channels=dogs") as one:
                one.read_until(lambda _: b"sluice.open" in one.response.body)
                lines = ""
                while not re.search(r"^cyclone-sse.dogs 1 \d{10}$", lines, re.M):
                    lines += carbon.recv(65_536).decode()
                self.assertRegex(lines, r"(?m)^cyclone-sse.cats 1 \d{10}$")
                self.assertRegex(lines, r"(?m)^sluice.subscribers.live \d+ \d{10}$")

    def test_goToGraphiteAgainWhenItComesBack(self):
        with socket.create_server(("127.0.0.1", 0)) as first:
            port = first.getsockname()[1]
        graphite = f"    graphite: {{server: 'localhost:{port}', interval: 1s, prefix: web.sluice}}\n"
        with Sluice(CONFIG + graphite) as node:
            node.wait_for_log(rf"statistics cannot be sent to localhost:{port}: Connection refused")
            wait_until(lambda: re.search(r'sluice_graphite_sends_total{result="failed"} [2-9]',
                                         node.admin_get("/metrics").text), 30, "another failure")
            self.assertEqual(node.log().count("cannot be sent"), 1)
            self.assertEqual(node.get("/readyz").status, 200)
            with socket.create_server(("127.0.0.1", port)) as carbon:
                carbon.settimeout(60 * PATIENCE)
                connection, _ = carbon.accept()
                with connection, connection.makefile() as lines:
                    first = next(lines)
                    self.assertRegex(first, r"^web\.sluice\.[a-z_.-]+ [0-9.e+-]+ \d{10}\n$")
            node.wait_for_log(r"statistics are sent to localhost:\d+ again, after \d+ failures")
            self.assertEqual(node.stop(), 0)


class PublishersInRedis(SystemTest):
    def test_publishAsTheyDid(self):
        example = (TOP / "config" / "examples" / "cyclone-sse.yaml").read_text()
        with Redis() as redis, Sluice(
                example, environment={"REDIS_URL": f"redis://{redis.address}"}) as node:
            wait_state(node, "running/running")
            with node.stream("/?channels=base") as stream:
                stream.read_until(lambda _: b"sluice.open" in stream.response.body)
                redis("PUBLISH", "base", "[1, 2, 3]")
                self.assertEqual(stream.read_events(1)[0].data, "[1, 2, 3]")
                self.assertEqual(stream.response.headers["access-control-allow-origin"], "*")


class TheTableOfOptions(SystemTest):
    CYCLONE = """port listen app use-ssl ssl-port ssl-listen ssl-cert ssl-key ssl-app ssl-appopts
        broker http-secret redis-host redis-port amqp-host amqp-port amqp-vhost amqp-spec
        amqp-username amqp-password amqp-exchange-name amqp-exchange-type amqp-channel export
        export-host export-port export-interval export-path logfile pidfile uid gid reactor nodaemon
        address debug""".split()
    KEYS = re.compile(r"`((?:listen|publish|inputs|mappings|admin|log|cors|compat|graphite|tls): [^`]+)`")

    def rows(self):
        options = PAGE.read_text().partition("## Options")[2]
        for line in options.splitlines():
            if line.startswith("| `"):
                yield [cell.strip() for cell in line.strip("|").split(" | ")]

    def test_hasEveryOption(self):
        named = {name for row in self.rows() for name in re.findall(r"`--([a-z-]+)`", row[0])}
        self.assertEqual(named, set(self.CYCLONE))

    def test_namesOptionsThatRunHas(self):
        known = subprocess.run([PROGRAM, "run", "--help"], capture_output=True, text=True,
                               timeout=30 * PATIENCE, check=True).stdout
        named = {option for row in self.rows() for text in re.findall(r"`([^`]*)`", row[-1])
                 for option in re.findall(r"--[a-z-]+", text)}
        self.assertEqual(named, {"--daemon", "--log-file", "--pidfile", "--user"})
        for option in named:
            self.assertRegex(known, rf"(?m)^{option}\b")

    def test_saysWhatCheckTakes(self):
        checked = 0
        for row in self.rows():
            keys = self.KEYS.findall(row[-1])
            if not keys:
                continue
            text = "\n".join(keys) + "\n"
            if "mappings" in text and "inputs" not in text:
                text += "inputs: {redis: {plugin: redis}}\n"
            with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
                file.write(text)
                file.flush()
                done = subprocess.run([PROGRAM, "check", file.name], capture_output=True, text=True,
                                      timeout=30 * PATIENCE, check=False)
            self.assertEqual(done.returncode, 0, f"{text}{done.stdout}{done.stderr}")
            checked += 1
        self.assertGreaterEqual(checked, 7)


if __name__ == "__main__":
    main()
