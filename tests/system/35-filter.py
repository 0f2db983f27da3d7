#!/usr/bin/env python3
"""Filters of subscribers: who gets what, and that no filter loses or doubles anything."""
import json
import random
import urllib.parse

from system import PUBLISH, Sluice, SystemTest, main, wait_until
import metrics


CONFIG = PUBLISH + """
    channels:
      "open/{any**}": {filter: true}
    limits: {filters: 20}
"""


def filtered(channel, expression, more=""):
    return f"/events/{channel}?filter={urllib.parse.quote(expression)}{more}"


class AFilter(SystemTest):
    @classmethod
    def setUpClass(cls):
        cls.node = cls.enterClassContext(Sluice(CONFIG))

    def refusal(self, target, status):
        answer = self.node.get(target, {"Accept": "text/event-stream"})
        self.assertEqual(answer.status, status, answer.text)
        error = answer.json()["error"]
        self.assertEqual(error["field"], "filter")
        return error

    def test_takesByDataKeyEventAndChannel(self):
        target = filtered("open/{x}", "(event == 'order' && data.amount > 10) || key == 'vip' "
                                      "|| channel == 'open/all' || data == 'plain'")
        with self.node.stream(target) as stream:
            stream.read_until(lambda reader: reader.events)
            self.node.publish([
                {"channel": "open/a", "event": "order", "data": {"amount": 9, "n": -1}},
                {"channel": "open/a", "event": "order", "data": {"amount": 11, "n": 0}},
                {"channel": "open/a", "event": "refund", "data": {"amount": 11, "n": -2}},
                {"channel": "open/a", "key": "vip", "data": {"n": 1}},
                {"channel": "open/a", "data": "plain"},
                {"channel": "open/a", "data": "other"},
                {"channel": "open/all", "data": {"n": 2}}])
            got = [event.data for event in stream.read_events(4)]
            self.assertEqual([json.loads(one)["n"] for one in got if one != "plain"], [0, 1, 2])
            self.assertEqual(got[2], "plain")
            self.assert_clean(stream)

    def test_isRefusedWhereTheChannelDoesNotAllowIt(self):
        error = self.refusal(filtered("shut", "true"), 403)
        self.assertEqual(error["code"], "filter-not-allowed")
        self.assertIn('channels: { "shut": { filter: true } }', error["hint"])
        self.refusal("/events?channels=open/a,{any**}&filter=true", 403)

    def test_isRefusedWithThePlaceOfTheMistake(self):
        error = self.refusal(filtered("open/a", "data.amount > 3 && chanel == 'x'"), 400)
        self.assertEqual((error["code"], error["column"]), ("bad-filter", 20))
        self.assertEqual(error["excerpt"],
                         "data.amount > 3 && chanel == 'x'\n" + " " * 19 + "^" * 6)
        self.assertIn("channel", error["hint"])
        error = self.refusal(filtered("open/a", "data.a.all(x, data.a.all(y, x == y))"), 400)
        self.assertEqual(error["code"], "filter-too-costly")
        self.assertRegex(error["message"], r"costs \d+, and a filter may cost 1000")

    def test_isCountedAndBounded(self):
        before = metrics.read(self.node).total("sluice_filter_evaluations_total")
        streams = [self.node.stream(filtered("open/many", f"key == '{n}'")) for n in range(20)]
        try:
            for stream in streams:
                stream.read_until(lambda reader: reader.events)
            error = self.refusal(filtered("open/many", "key == 'one more'"), 503)
            self.assertEqual(error["code"], "too-many-filters")
            self.node.publish({"channel": "open/many", "key": "7", "data": 7})
            self.assert_numbers(streams[7].read_events(1), 7, 8)
            self.assertEqual(metrics.read(self.node).value("sluice_filters"), 20)
            metrics.wait_total(self.node, before + 20, "sluice_filter_evaluations_total")
        finally:
            for stream in streams:
                stream.close()
        wait_until(lambda: metrics.read(self.node).value("sluice_filters") == 0, what="no filter left")

    def test_tellsOnceThatItCannotBeEvaluated(self):
        with self.node.stream(filtered("open/text", "data.amount > 1")) as stream:
            stream.read_until(lambda reader: reader.events)
            self.node.publish([{"channel": "open/text", "data": "no JSON"},
                               {"channel": "open/text", "data": {"amount": 2}}])
            self.assertEqual(json.loads(stream.read_events(1)[0].data), {"amount": 2})
            self.node.wait_for_log(r"a subscriber's filter gave no answer.*data\.amount > 1")
            self.assertGreater(
                metrics.read(self.node).value("sluice_filter_failed_total", reason="error"), 0)

    def test_losesAndDoublesNothingOverCuts(self):
        """Few events are taken, and the connection is cut at random bytes all the while."""
        chance = random.Random(5)
        target = filtered("open/cut", "int(data.n) % 7 == 0")
        got, last_id, sent = [], None, 0
        with self.node.stream(target + "&limit=1") as stream:
            stream.read_until(lambda reader: reader.events)
            last_id = stream.last_id
        while sent < 3000 or len(got) < 429:
            if sent < 3000:
                self.node.publish([{"channel": "open/cut", "data": {"n": n}}
                                   for n in range(sent, sent + 100)])
                sent += 100
            with self.node.stream(target, last_id) as stream:
                if sent < 3000:  # more than that has been published since
                    stream.read_wire(chance.randrange(200, 1100))
                else:
                    stream.read_for(0.2)
                got += [json.loads(event.data)["n"] for event in stream.reader.user_events]
                self.assertEqual(stream.reader.controls("gap"), [])
                last_id = stream.last_id or last_id
        self.assertEqual(got, list(range(0, 3000, 7)))


if __name__ == "__main__":
    main()
