#!/usr/bin/env python3
"""PATCH /streams/{token}: other channels on a living stream, without a reconnect."""
import json
import random

from system import PUBLISH, Sluice, SystemTest, ask, main

CONFIG = PUBLISH + """
    cors: {origins: ["https://shop.example"]}
    channels: {"open/{x}": {filter: true}}
    limits: {channels_per_stream: 5}
"""


class Change(SystemTest):
    @classmethod
    def setUpClass(cls):
        cls.node = cls.enterClassContext(Sluice(CONFIG))

    def open(self, target, last_id=None):
        stream = self.node.stream(target, last_id)
        stream.read_until(lambda reader: reader.events)
        return stream

    @staticmethod
    def token_of(stream):
        return json.loads(stream.reader.events[0].data)["stream"]

    def patch(self, token, body, headers=None):
        return ask(self.node.address, "PATCH", f"/streams/{token}", json.dumps(body), headers)

    def test_isInForceWhenItIsAnswered(self):
        with self.open("/events?channels=a,b") as stream:
            self.node.publish([{"channel": "a", "data": 0}, {"channel": "c", "data": -1}])
            answer = self.patch(self.token_of(stream), {"add": ["c", "d/{x}"], "remove": ["a"]})
            self.assertEqual((answer.status, answer.json()),
                             (200, {"channels": ["b", "c", "d/{x}"]}))
            self.node.publish([{"channel": "a", "data": -2}, {"channel": "b", "data": 1},
                               {"channel": "c", "data": 2}, {"channel": "d/e", "data": 3}])
            self.assert_numbers(stream.read_events(4), 0, 4)
            self.assertEqual(stream.reader.controls("gap"), [])
            self.assert_clean(stream)

    def test_saysWhyItIsRefused(self):
        with self.open("/events/a") as stream:
            token = self.token_of(stream)
            for body, field in (({}, ""), ([], ""), ({"add": "b"}, "add"), ({"more": []}, "more"),
                                ({"add": ["a\n"]}, "add"), ({"remove": ["a"]}, "remove"),
                                ({"add": list("bcdef")}, "add")):
                answer = self.patch(token, body)
                self.assertEqual(answer.status, 400, (body, answer.text))
                self.assertEqual(answer.json()["error"]["field"], field)
            wrong = token[:20] + ("B" if token[20] != "B" else "C") + token[21:]
            self.assertEqual(self.patch(wrong, {"add": ["b"]}).status, 404)
            self.assertEqual(self.node.get(f"/streams/{token}").status, 405)
        self.assertEqual(self.patch(token, {"add": ["b"]}).status, 404, "it has ended")
        with self.open("/events/open/a?filter=true") as stream:
            token = self.token_of(stream)
            self.assertEqual(self.patch(token, {"add": ["shut"]}).status, 403)
            self.assertEqual(self.patch(token, {"add": ["open/b"]}).status, 200)

    def test_isForPagesOfAllowedOrigins(self):
        origin = {"Origin": "https://shop.example"}
        with self.open("/events/a") as stream:
            token = self.token_of(stream)
            asked = ask(self.node.address, "OPTIONS", f"/streams/{token}", headers={
                **origin, "Access-Control-Request-Method": "PATCH"})
            self.assertEqual(asked.status, 204)
            self.assertIn("PATCH", asked.headers["access-control-allow-methods"])
            answer = self.patch(token, {"add": ["b"]}, origin)
            self.assertEqual(answer.headers["access-control-allow-origin"], origin["Origin"])

    def test_losesAndDoublesNothingOverChangesAndCuts(self):
        """Whatever comes on a channel while it is in force comes once, in order."""
        chance = random.Random(11)
        channels, wanted, got = {"x0"}, [], []
        stream = self.open("/events/x0")
        for step in range(120):
            sent = [(f"x{chance.randrange(4)}", step * 10 + n) for n in range(chance.randrange(1, 9))]
            self.node.publish([{"channel": channel, "data": n} for channel, n in sent])
            wanted += [n for channel, n in sent if channel in channels]
            one = f"x{chance.randrange(4)}"
            removes = one in channels and len(channels) > 1
            answer = self.patch(self.token_of(stream), {"remove" if removes else "add": [one]})
            self.assertEqual(answer.status, 200, answer.text)
            channels = channels - {one} if removes else channels | {one}
            self.assertEqual(answer.json()["channels"], sorted(channels))
            if chance.random() < 0.2:
                stream.read_until(lambda reader: reader.controls("at"))
                stream.read_for(0.02)
                got += stream.reader.user_events
                last_id = stream.last_id
                stream.close()
                stream = self.open(f"/events?channels={','.join(sorted(channels))}", last_id)
        stream.read_until(lambda reader: len(got) + len(reader.user_events) >= len(wanted))
        got += stream.reader.user_events
        stream.close()
        self.assertEqual([int(event.data) for event in got], wanted)


if __name__ == "__main__":
    main()
