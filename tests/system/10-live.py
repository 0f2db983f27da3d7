#!/usr/bin/env python3
"""Live streams: what subscribers get, block by block, from real processes by real clients."""
import json
import signal
import time

from system import PUBLISH, TICKER, Reader, Sluice, Stream, SystemTest, main, wait_until
import clients


class TheStream(SystemTest):
    @classmethod
    def setUpClass(cls):
        cls.node = cls.enterClassContext(Sluice(PUBLISH))

    def test_beginsWithRetryOpenAndAnId(self):
        with self.node.stream("/events/first") as stream:
            stream.read_until(lambda reader: reader.events)
            self.assertEqual(stream.response.status, 200)
            self.assertEqual(stream.response.headers["content-type"], "text/event-stream")
            self.assertEqual(stream.response.headers["cache-control"], "no-store, no-transform")
            self.assertEqual(stream.response.headers["x-accel-buffering"], "no")
            first = stream.reader.events[0]
            self.assertEqual(first.type, "sluice.open")
            self.assertEqual(stream.reader.retry_ms, 10)
            self.assertRegex(first.last_id, r"^1\.[a-z2-7]{8}\.")
            self.assertIsInstance(json.loads(first.data), dict)
            self.assert_clean(stream)

    def test_carriesPublishedEventsWithNameAndData(self):
        with self.node.stream("/events/named") as stream:
            stream.read_until(lambda reader: reader.events)
            self.node.publish([
                {"channel": "named", "event": "order", "data": {"id": 1, "text": "grün"}},
                {"channel": "named", "data": "two\nlines\r\nor\rmore"},
                {"channel": "another", "data": "not here"},
                {"channel": ["another", "named"], "data": ""}])
            order, lines, empty = stream.read_events(3)
            self.assertEqual((order.type, json.loads(order.data)),
                             ("order", {"id": 1, "text": "grün"}))
            self.assertEqual((lines.type, lines.data), ("message", "two\nlines\nor\nmore"))
            self.assertEqual(empty.data, "")
            self.assert_clean(stream)

    def test_mergesItsChannelsInTheOrderOfPublishing(self):
        with self.node.stream("/events?channels=left,right&channels=middle") as stream:
            stream.read_until(lambda reader: reader.events)
            for number in range(30):
                channel = ("left", "middle", "right")[number % 3]
                self.node.publish({"channel": channel, "data": number})
            self.assert_numbers(stream.read_events(30), 0, 30)

    def test_carriesAnEventOfTwoOfItsChannelsOnce(self):
        with self.node.stream("/events?channels=here,there") as stream:
            stream.read_until(lambda reader: reader.events)
            self.node.publish([{"channel": ["here", "there"], "data": n} for n in range(5)])
            self.node.publish({"channel": "there", "data": 5})
            self.assert_numbers(stream.read_events(6), 0, 6)

    def test_takesNewChannelsOfAPattern(self):
        with self.node.stream("/events?channels=orders/{region}") as stream:
            stream.read_until(lambda reader: reader.events)
            self.node.publish([{"channel": "orders/eu", "data": 0},
                               {"channel": "orders/eu/north", "data": "no"},
                               {"channel": "orders/us", "data": 1},
                               {"channel": "orders/eu", "data": 2}])
            self.assert_numbers(stream.read_events(3), 0, 3)

    def test_closesTheConnectionOfAnOldReaderAtTheEnd(self):
        self.node.publish_numbers("old", 0, 5)
        with self.node.stream("/events/old?from=earliest&limit=5", version="1.0") as stream:
            stream.read_to_end()
            self.assertNotIn("transfer-encoding", stream.response.headers)
            self.assert_numbers(stream.reader.user_events, 0, 5)
            self.assert_clean(stream)

    def test_pingsWithAPositionAtRest(self):
        quick = PUBLISH.replace("retry: 10ms", "retry: 10ms, keepalive: 1s")
        with Sluice(quick) as node, node.stream("/events/quiet") as stream:
            stream.read_until(lambda reader: len(reader.controls("at")) >= 2)
            self.assertEqual({event.data for event in stream.reader.controls("at")}, {""})
            self.assert_clean(stream)

    def test_reachesCurlAsItIsPublished(self):
        self.node.publish_numbers("curl", 0, 3)
        reader = Reader()
        reader.feed(clients.read_with_curl(f"{self.node.url}/events/curl?from=-3&limit=3"))
        self.assert_numbers(reader.user_events, 0, 3)

    def test_reachesHttpxEventsourceAndEventsourceClient(self):
        self.node.publish_numbers("libraries", 0, 20)
        url = f"{self.node.url}/events/libraries?from=earliest"
        for name in ("eventsource", "eventsource-client"):
            with self.subTest(name):
                events = clients.read_with(name, url, 20)
                self.assert_numbers([e for e in events if not e.is_control], 0, 20)
        with self.subTest("httpx-sse"):
            events = clients.read_with_httpx(url, 20)
            self.assert_numbers([e for e in events if not e.is_control], 0, 20)


class Options(SystemTest):
    @classmethod
    def setUpClass(cls):
        cls.node = cls.enterClassContext(Sluice(PUBLISH))
        cls.node.publish_numbers("numbers", 0, 100)

    def events(self, query, count):
        with self.node.stream(f"/events/numbers?{query}") as stream:
            return stream.read_events(count)

    def test_fromStartsWithTheLastEvents(self):
        self.assert_numbers(self.events("from=-10", 10), 90, 100)

    def test_fromEarliestStartsWithTheOldestKept(self):
        self.assert_numbers(self.events("from=earliest", 100), 0, 100)

    def test_fromLiveStartsWithTheNext(self):
        with self.node.stream("/events/next?from=live") as stream:
            stream.read_until(lambda reader: reader.events)
            self.node.publish_numbers("next", 7, 8)
            self.assert_numbers(stream.read_events(1), 7, 8)

    def test_sinceStartsAtATime(self):
        self.assert_numbers(self.events("since=-15min", 100), 0, 100)
        self.node.publish_numbers("timed", 0, 3)
        time.sleep(0.1)
        between = int(time.time() * 1000)
        time.sleep(0.1)
        self.node.publish_numbers("timed", 3, 6)
        with self.node.stream(f"/events/timed?since={between}") as stream:
            self.assert_numbers(stream.read_events(3), 3, 6)

    def test_limitEndsTheStreamCleanly(self):
        with self.node.stream("/events/numbers?from=earliest&limit=7") as stream:
            stream.read_to_end()
            self.assertTrue(stream.response.is_complete, "no last chunk")
            self.assert_numbers(stream.reader.user_events, 0, 7)
            last = stream.last_id
        with self.node.stream("/events/numbers", last) as stream:
            self.assert_numbers(stream.read_events(93), 7, 100)

    def test_typesTakesOnlyThese(self):
        self.node.publish([{"channel": "typed", "event": ("a", "b", "c")[n % 3], "data": n}
                           for n in range(9)])
        with self.node.stream("/events/typed?from=earliest&types=a,b") as stream:
            events = stream.read_events(6)
            self.assertEqual([int(event.data) for event in events], [0, 1, 3, 4, 6, 7])
        with self.node.stream("/events/typed", events[4].last_id) as stream:
            self.assert_numbers(stream.read_events(2), 7, 9)

    def test_envelopeNamesChannelEventKeyAndTime(self):
        before = time.time() * 1000
        self.node.publish([{"channel": "wrapped", "event": "order", "key": "k1", "data": {"a": 1}},
                           {"channel": "wrapped", "data": "plain text"}])
        with self.node.stream("/events/wrapped?from=earliest&envelope=json") as stream:
            json_event, text_event = stream.read_events(2)
        self.assertEqual(json_event.type, "order")
        wrapped = json.loads(json_event.data)
        self.assertEqual((wrapped["channel"], wrapped["event"], wrapped["key"], wrapped["data"]),
                         ("wrapped", "order", "k1", {"a": 1}))
        self.assertLess(abs(wrapped["time"] - before), 60_000)
        text = json.loads(text_event.data)
        self.assertEqual((text["text"], text["event"]), ("plain text", "message"))
        self.assertNotIn("data", text)

    def test_controlBlocksCanBeComments(self):
        with self.node.stream("/events/numbers?from=-3&control=comments") as stream:
            self.assert_numbers(stream.read_events(3), 97, 100)
            self.assertEqual([e for e in stream.reader.events if e.is_control], [])
            self.assertTrue(stream.reader.comments)
            self.assert_clean(stream, comments_allowed=True)


class TheTicker(SystemTest):
    def test_feedsAPageInChromium(self):
        with Sluice(TICKER.replace('"{topic}"', "ticks")) as node:
            events = clients.read_with("chromium", f"{node.url}/events/ticks", 20)
            ticks = [event for event in events if not event.is_control]
            self.assertEqual(len({event.last_id for event in ticks}), 20)


class TheEnd(SystemTest):
    def test_sigtermTellsEveryStreamWhereItIs(self):
        with Sluice(PUBLISH) as node:
            streams = [node.stream("/events/a") for _ in range(20)]
            for stream in streams:
                stream.read_until(lambda reader: reader.events)
            node.publish_numbers("a", 0, 3)
            node.send_signal(signal.SIGTERM)
            for stream in streams:
                stream.read_to_end()
                self.assert_numbers(stream.reader.user_events, 0, 3)
                self.assertTrue(stream.reader.controls("at"))
                self.assertTrue(stream.response.is_complete)
                self.assert_clean(stream)
                stream.close()
            self.assertGreater(len({stream.reader.retry_ms for stream in streams}), 5,
                               "reconnects are not spread")
            self.assertEqual(node.wait(10), 0)

    def test_sigintEndsWithinTwoSeconds(self):
        with Sluice(PUBLISH) as node, node.stream("/events/a") as stream:
            stream.read_until(lambda reader: reader.events)
            started = time.monotonic()
            node.send_signal(signal.SIGINT)
            self.assertEqual(node.wait(10), 0)
            self.assertLess(time.monotonic() - started, 2)

    def test_aReaderThatLeavesFreesItsPlace(self):
        with Sluice(PUBLISH) as node:
            def live():
                text = node.admin_get("/metrics").text
                return sum(float(line.split()[-1]) for line in text.splitlines()
                           if line.startswith("sluice_subscribers{"))
            streams = [Stream(node.address, "/events/a") for _ in range(10)]
            for stream in streams:
                stream.read_until(lambda reader: reader.events)
            wait_until(lambda: live() == 10, what="10 subscribers in /metrics")
            for stream in streams:
                stream.close()
            wait_until(lambda: live() == 0, what="no subscriber in /metrics")


if __name__ == "__main__":
    main()
