#!/usr/bin/env python3
"""GET /history: pages of a channel's past, and what caches may keep of them."""
import time

from system import PUBLISH, Sluice, SystemTest, ask, main

CONFIG = PUBLISH + """
    channels: {"short": {history: {events: 40}}}
    limits: {history_page: 500}
"""


class History(SystemTest):
    @classmethod
    def setUpClass(cls):
        cls.node = cls.enterClassContext(Sluice(CONFIG))

    def walk(self, target):
        """All pages from there until one is empty."""
        events, pages = [], []
        while True:
            answer = self.node.get(target)
            self.assertEqual(answer.status, 200, answer.text)
            page = answer.json()
            pages.append((answer, page))
            events += [event["data"] for event in page["events"]]
            if not page["next"] or not page["events"]:
                return events, pages
            target = page["next"]

    def test_hasAllThatIsKeptInPagesThatJoin(self):
        self.node.publish_numbers("all/of it", 0, 1234)
        events, pages = self.walk("/history/all/of%20it?limit=100")
        self.assertEqual(events, list(range(1234)))
        self.assertEqual(len(pages), 13 + 1)
        for answer, page in pages[1:-2]:
            self.assertTrue(page["complete"])
            self.assertEqual(answer.headers["cache-control"],
                             "public, max-age=31536000, immutable")
        self.assertFalse(pages[-1][1]["complete"])
        self.assertEqual(pages[-1][0].headers["cache-control"], "no-cache")

    def test_joinsAStream(self):
        self.node.publish_numbers("joined", 0, 10)
        page = self.node.get("/history/joined?limit=4").json()
        with self.node.stream("/events/joined", page["id"]) as stream:
            self.assert_numbers(stream.read_events(6), 4, 10)
        with self.node.stream("/events/joined?from=earliest&limit=7") as stream:
            last_id = stream.read_events(7)[-1].last_id
        after = self.node.get(f"/history/joined?after={last_id}").json()
        self.assertEqual([event["data"] for event in after["events"]], [7, 8, 9])

    def test_ofTimesIsCompleteOnceTheyArePast(self):
        begin = int(time.time() * 1000)
        self.node.publish_numbers("timed", 0, 3)
        time.sleep(0.02)
        middle = int(time.time() * 1000)
        time.sleep(0.02)
        self.node.publish_numbers("timed", 3, 6)
        page = self.node.get(f"/history/timed?since={begin}&until={middle}").json()
        self.assertEqual([event["data"] for event in page["events"]], [0, 1, 2])
        self.assertEqual((page["complete"], page["next"]), (True, None))
        page = self.node.get(f"/history/timed?since={middle}").json()
        self.assertEqual([event["data"] for event in page["events"]], [3, 4, 5])
        self.assertFalse(page["complete"])

    def test_ofATimeBeforeTheNodeBeganIsNeverComplete(self):
        with Sluice(CONFIG) as node:
            begin = int(time.time() * 1000)
            node.publish_numbers("timed", 0, 3)
            time.sleep(0.02)
            target = f"/history/timed?since={begin}&until={int(time.time() * 1000)}"
            time.sleep(0.02)
            self.assertTrue(node.get(target).json()["complete"])
            node.restart()
            answer = node.get(target)
            page = answer.json()
            self.assertEqual((page["events"], page["evicted"], page["complete"]), ([], True, False))
            self.assertEqual(answer.headers["cache-control"], "no-cache")

    def test_saysWhatIsGone(self):
        self.node.publish_numbers("short", 0, 5)
        first = self.node.get("/history/short?limit=2").json()
        self.node.publish_numbers("short", 5, 500)
        late = self.node.get(first["next"]).json()
        self.assertEqual([gap["reason"] for gap in late["gaps"]], ["evicted"])
        self.assertTrue(self.node.get("/history/short").json()["evicted"])
        self.assertFalse(first["evicted"])

    def test_isValidatedByItsTag(self):
        self.node.publish_numbers("tagged", 0, 3)
        answer = self.node.get("/history/tagged")
        tag = answer.headers["etag"]
        same = self.node.get("/history/tagged", {"If-None-Match": tag})
        self.assertEqual((same.status, same.body, same.headers["etag"]), (304, b"", tag))
        head = ask(self.node.address, "HEAD", "/history/tagged")
        self.assertEqual((head.status, head.headers["etag"], head.body), (200, tag, b""))
        self.assertEqual(head.headers["content-length"], str(len(answer.body)))
        self.node.publish_numbers("tagged", 3, 4)
        self.assertEqual(self.node.get("/history/tagged", {"If-None-Match": tag}).status, 200)

    def test_isBounded(self):
        refused = self.node.get("/history/tagged?limit=501")
        self.assertEqual(refused.status, 400)
        self.assertIn("from 1 to 500", refused.json()["error"]["message"])
        self.node.publish([{"channel": "big", "data": "x" * 200_000} for _ in range(20)])
        page = self.node.get("/history/big").json()
        self.assertLess(len(page["events"]), 8, "about a MiB")
        self.assertGreater(len(page["events"]), 3)


if __name__ == "__main__":
    main()
