#!/usr/bin/env python3
"""What mappings say, through the whole program: published messages, and a real Mosquitto that carries
any bytes. Hostile payloads become valid events, or are rejected for the right reason."""
import json

from system import Sluice, SystemTest, ask, main, wait_until
import metrics
from mosquitto import Mosquitto, Publisher

KEYS = """
    publish: {key: test-key}
    limits: {dead_letters: 1KiB}
    mappings:
      - {from: "http:when/{x}", channel: when, when: "payload.a > 1 && x != 'no'"}
      - {from: "http:data/{x}", channel: "data/{x}", key: "{payload.id}", event: "{payload.kind}",
         data: {id: "{payload.id}", who: "{payload.who.name} in {x}", gone: "{payload.gone}"}}
      - {from: "http:hide/{x}", channel: hide, redact: [payload.card, "payload.l[*].s"]}
      - {from: "http:drop/{x}", channel: drop, when: payload.a > 1}
      - {from: "http:pass/{x}", channel: pass, when: payload.a > 1, on_error: pass}
      - {from: "http:letters/{x}", channel: c, when: payload.a > 1, redact: [payload.card],
         on_error: {dead-letter: {channel: "dead/{x}"}}}
      - {from: "http:file/{x}", channel: c, when: payload.a > 1,
         on_error: {dead-letter: {file: dead.ndjson}}}
"""


class Keys(SystemTest):
    @classmethod
    def setUpClass(cls):
        cls.node = cls.enterClassContext(Sluice(KEYS))

    def publish(self, channel, data):
        body = json.dumps({"channel": channel, "data": data})
        return ask(self.node.address, "POST", "/publish", body.encode(),
                   {"Authorization": "Bearer test-key"})

    def events(self, channel, count):
        with self.node.stream(f"/events/{channel}?from=earliest&envelope=json") as stream:
            found = [json.loads(event.data) for event in stream.read_events(count)]
            self.assert_clean(stream)
        return found

    def total(self, name, **labels):
        return metrics.read(self.node).total(name, input="http", **labels)

    def http(self):
        inputs = self.node.admin_get("/inputs").json()["inputs"]
        return next(one for one in inputs if one["name"] == "http")

    def test_whenFilters(self):
        before = self.total("sluice_messages_total", result="filtered")
        for channel, a in ("when/x", 2), ("when/x", 1), ("when/no", 2), ("when/x", 3):
            self.assertEqual(self.publish(channel, {"a": a}).status, 200)
        self.assertEqual([event["data"] for event in self.events("when", 2)], [{"a": 2}, {"a": 3}])
        self.assertEqual(self.total("sluice_messages_total", result="filtered") - before, 2)

    def test_dataEventAndKeyAreMadeOfThePayload(self):
        before = self.total("sluice_fields_left_out_total", reason="no-value")
        self.publish("data/eu", {"id": 7, "kind": "new", "who": {"name": "Ada"}})
        event = self.events("data/eu", 1)[0]
        self.assertEqual((event["event"], event["key"]), ("new", "7"))
        self.assertEqual(event["data"], {"id": 7, "who": "Ada in eu"})
        self.assertEqual(self.total("sluice_fields_left_out_total", reason="no-value") - before, 1)

    def test_redactHides(self):
        self.publish("hide/x", {"card": {"n": 42}, "l": [{"s": 1, "t": 2}], "a": 1})
        self.assertEqual(self.events("hide", 1)[0]["data"],
                         {"card": None, "l": [{"s": None, "t": 2}], "a": 1})

    def test_whatIsDroppedIsCountedWithItsReasonAndASample(self):
        before = {reason: self.total("sluice_messages_total", result="rejected", reason=reason)
                  for reason in ("no-value", "bad-value", "not-json")}
        refused = [({"b": "seen"}, "no-value", "when: payload.a has no value"),
                   ({"a": "seen"}, "bad-value", "`>` does not take string and int"),
                   ("seen, but no JSON", "not-json", "the payload is no JSON")]
        for data, reason, text in refused:
            with self.subTest(reason):
                answer = self.publish("drop/x", data)
                self.assertEqual(answer.status, 422)
                self.assertIn(text, answer.json()["error"]["message"])
        for reason in before:
            now = self.total("sluice_messages_total", result="rejected", reason=reason)
            self.assertEqual(now - before[reason], 1, reason)

    def test_passSendsThePayloadAsItIs(self):
        for data in {"a": 2}, {"b": 1}, "no JSON":
            self.assertEqual(self.publish("pass/x", data).status, 200)
        self.assertEqual([event.get("data", event.get("text")) for event in self.events("pass", 3)],
                         [{"a": 2}, {"b": 1}, "no JSON"])

    def test_deadLettersGoToAChannel(self):
        self.assertEqual(self.publish("letters/eu", {"b": 1, "card": "4242"}).status, 200)
        event = self.events("dead/eu", 1)[0]
        letter = event["data"]
        self.assertEqual(letter.pop("time")[10], "T")
        self.assertEqual(letter, {"reason": "no-value", "text": "when: payload.a has no value",
                                  "mapping": 6, "input": "http", "topic": "letters/eu",
                                  "payload": '{"b":1,"card":null}'})
        sample = next(s for s in self.http()["samples"] if s["topic"] == "letters/eu")
        self.assertEqual((sample["reason"], sample["mapping"]), ("no-value", 6))
        self.assertEqual(sample["payload"], '{"b":1,"card":null}')

    def test_deadLettersGoToAFileUpToItsBound(self):
        before = self.total("sluice_dead_letters_total", result="kept")
        for n in range(10):
            self.assertEqual(self.publish("file/x", {"n": n}).status, 200)
        lines = (self.node.file.parent / "dead.ndjson").read_text()
        self.assertTrue(lines.endswith("\n"))
        letters = [json.loads(line) for line in lines.splitlines()]
        self.assertEqual([json.loads(one["payload"])["n"] for one in letters],
                         list(range(len(letters))))
        self.assertGreater(len(letters), 2)
        self.assertLessEqual(len(lines), 1024)
        self.assertEqual(self.total("sluice_dead_letters_total", result="kept") - before,
                         len(letters))
        self.assertEqual(self.total("sluice_dead_letters_total", result="lost"), 10 - len(letters))


BYTES = """
    inputs:
      json: {plugin: mqtt, broker: "%(broker)s"}
      text: {plugin: mqtt, broker: "%(broker)s", format: text}
      raw: {plugin: mqtt, broker: "%(broker)s", format: raw}
    mappings:
      - {from: "json:json/{x}", channel: json, data: {a: "{payload.a}", t: "<{payload.a}>"},
         on_error: {dead-letter: {channel: dead}}}
      - {from: "json:copy", channel: copy, data: {o: "{payload.o}"}, on_error:
         {dead-letter: {channel: dead}}}
      - {from: "json:event", channel: event, event: "{payload.a}", key: "{payload.a}", on_error:
         {dead-letter: {channel: dead}}}
      - {from: "json:channel", channel: "in/{payload.a}", on_error: {dead-letter: {channel: dead}}}
      - {from: "json:blind", channel: blind, on_error: {dead-letter: {channel: dead}}}
      - {from: "text:text", channel: text, data: "{payload.trim()}", on_error:
         {dead-letter: {channel: dead}}}
      - {from: "raw:raw", channel: raw}
"""

# Payload, and the data that comes of it as it is sent, or why none does.
JSON_CASES = [
    (rb'{"a":"\ud83d\ude00"}', '{"a":"\\ud83d\\ude00","t":"<\U0001f600>"}'),
    (rb'{"a":"\ud800"}', '{"a":"\\ud800","t":"<\ufffd>"}'),  # valid JSON, no Unicode
    (rb'{"a":"\u0000\r\n"}', '{"a":"\\u0000\\r\\n","t":"<\\u0000\\u000d\\n>"}'),
    (b'{"a":1e400}', '{"a":1e400,"t":"<1e400>"}'),
    (b'{"a":-0}', '{"a":-0,"t":"<-0>"}'),
    (b'{"a":18446744073709551616}', '{"a":18446744073709551616,"t":"<18446744073709551616>"}'),
    (b'{"a":1.50E+2}', '{"a":1.50E+2,"t":"<1.50E+2>"}'),
    (b'{"a":1,"a":2}', '{"a":2,"t":"<2>"}'),
    (rb'{"\u0061":3}', '{"a":3,"t":"<3>"}'),
    (b'{"__proto__":{"a":1},"constructor":2,"a":{"__proto__":1}}', '{"a":{"__proto__":1}}'),
    (b'\xef\xbb\xbf{"a":1}', '{"a":1,"t":"<1>"}'),
    (b' \r\n{"a" : 1}\n', '{"a":1,"t":"<1>"}'),
    (b"[]", "{}"), (b"1", "{}"), (b"null", "{}"), (b'"a"', "{}"),
    (b'{"a":' + b"[" * 500 + b"]" * 500 + b"}", '{"a":' + "[" * 500 + "]" * 500 + "}"),
    (b"", "not-json"), (b" ", "not-json"), (b"\xef\xbb\xbf", "not-json"), (b"{", "not-json"),
    (b'{"a":1}}', "not-json"), (b'{"a":1}{"a":2}', "not-json"), (b'{"a":tru}', "not-json"),
    (b'{"a":01}', "not-json"), (b'{"a":NaN}', "not-json"), (b'{"a":"\x01"}', "not-json"),
    (b'{"a":"\xff"}', "not-json"), (b'{"a":"\xed\xa0\x80"}', "not-json"),
    (b'{"a":"\xc0\xaf"}', "not-json"), (rb'{"a":"\x41"}', "not-json"), (rb'{"a":"\u12"}', "not-json"),
    (b'{"a":"\\', "not-json"), (b"{\"a\":1,}", "not-json"), (b"\0", "not-json"),
    (b'{"a":' + b"[" * 100_000, "not-json"),
    (b'{"a":' + b"[" * 600 + b"]" * 600 + b"}", "not-json"),
]
COPY_CASES = [
    (b'{"o":{"x":[1, 2.50],"y":"\xc3\xa4"}}', '{"o":{"x":[1, 2.50],"y":"\u00e4"}}'),
    (b'{"o":{"x":tru}}', "not-json"), (b'{"o":{"x":1 2}}', "not-json"),
    (b'{"o":{"x":1,}}', "not-json"), (b'{"o":{"x"}}', "not-json"), (b'{"o":[1}]}', "not-json"),
    (b'{"o":{"x":"\xff"}}', "not-json"), (b'{"o":{"x":"\n"}}', "not-json"),
    (b'{"o":{"x":+1}}', "not-json"), (b'{"o":{"x":"a\\u00zz"}}', "not-json"),
]
EVENT_CASES = [(rb'{"a":"x\ny"}', "bad-event"), (rb'{"a":"x\ry"}', "bad-event"),
               (rb'{"a":"\u0000"}', "bad-event"), (b'{"a":"sluice.at"}', "bad-event"),
               (b'{"a":"' + b"x" * 256 + b'"}', "bad-event"), (b'{"a":null}', "no-value"),
               (b'{"a":[1]}', "bad-value"), (b"{}", "no-value"),
               (b'{"a":"id: 5"}', '{"a":"id: 5"}')]
CHANNEL_CASES = [(b'{"a":"' + b"x" * 256 + b'"}', "bad-channel"), (b'{"a":null}', "no-value")]
BLIND_CASES = [(b"a\r\nb\rc\nd", "a\nb\nc\nd"), (b"data: x\n\nid: 9", "data: x\n\nid: 9"),
               (b"\xff", "not-utf8"), (b"\xed\xa0\x80", "not-utf8"), (b'{"a":', '{"a":'),
               (b"x" * (256 * 1024), "x" * (256 * 1024)), (b"x" * (256 * 1024 + 1), "too-large")]
TEXT_CASES = [(b" 21.5;C\n", "21.5;C"), (b"\xc3", "not-utf8"), (b'{"a":1}', '{"a":1}')]
RAW_CASES = [(b"text", "text"), (b"\xff\x00", "/wA="), (b"", "")]
REASONS = {"not-json", "no-value", "bad-value", "not-utf8", "bad-event", "bad-channel", "too-large"}


class AnyBytes(SystemTest):
    @classmethod
    def setUpClass(cls):
        cls.broker = cls.enterClassContext(Mosquitto())
        cls.node = cls.enterClassContext(Sluice(BYTES % {"broker": cls.broker.address}))
        wait_until(lambda: all(one["state"] == "running" for one in
                               cls.node.admin_get("/inputs").json()["inputs"]), 20, "the inputs")
        cls.publisher = cls.enterClassContext(Publisher(cls.broker))

    def follow(self, channels, more=""):
        """A stream that has begun: whatever is published from here on comes."""
        stream = self.node.stream(f"/events?channels={channels}{more}")
        stream.read_until(lambda reader: reader.controls("open"), 10)
        return stream

    def check(self, topic, channel, cases):
        rejected = [expected for _, expected in cases if expected in REASONS]
        wanted = [expected for _, expected in cases if expected not in REASONS]
        with self.follow(f"{channel},dead") as stream:
            for payload, _ in cases:
                self.publisher.publish(topic, payload)
            events = stream.read_events(len(cases), 20)
            self.assert_clean(stream)
        letters = [json.loads(event.data) for event in events if '"reason"' in event.data]
        self.assertEqual([letter["reason"] for letter in letters], rejected)
        self.assertEqual([event.data for event in events if '"reason"' not in event.data], wanted)

    def test_thatAreJsonOrNot(self):
        self.check("json/x", "json", JSON_CASES)

    def test_ofBrokenObjectsReachNobody(self):
        self.check("copy", "copy", COPY_CASES)

    def test_asNamesOfEvents(self):
        self.check("event", "event", EVENT_CASES)

    def test_asNamesOfChannels(self):
        self.check("channel", "in/none", CHANNEL_CASES)
        names = {rb"../../x": "in/%2E%2E%2F%2E%2E%2Fx", rb"a/b?c#d,e%": "in/a%2Fb%3Fc%23d%2Ce%25",
                 rb"\u0085\u007f": "in/%C2%85%7F", b"sluice.at": "in/sluice.at"}
        with self.follow("in/{x}", "&envelope=json") as stream:
            for name in names:
                self.publisher.publish("channel", b'{"a":"' + name + b'"}')
            events = stream.read_events(len(names), 20)
        self.assertEqual([json.loads(event.data)["channel"] for event in events],
                         list(names.values()))

    def test_whereNobodyLooksInside(self):
        self.check("blind", "blind", BLIND_CASES)

    def test_asText(self):
        self.check("text", "text", TEXT_CASES)

    def test_asTheyAre(self):
        self.check("raw", "raw", RAW_CASES)

    def test_areCountedByReason(self):
        self.check("blind", "blind", BLIND_CASES)
        wait_until(lambda: metrics.read(self.node).total(
            "sluice_messages_total", input="json", result="rejected", reason="not-utf8") >= 2)

        def sample_of_blind():
            inputs = self.node.admin_get("/inputs").json()["inputs"]
            return next((s for one in inputs for s in one["samples"] if s["reason"] == "not-utf8"
                         and s["topic"] == "blind"), None)
        sample = wait_until(sample_of_blind, what="a sample of what was rejected")
        self.assertEqual((sample["payload"], sample["payloadBytes"]), ("\ufffd", 1))


if __name__ == "__main__":
    main()
