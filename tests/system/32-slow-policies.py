#!/usr/bin/env python3
"""What a channel's policy does for real sockets that are full: skip to the newest, conflate to the
latest event of each key, or the last event of each slot of time."""
import json

from system import Sluice, Stream, SystemTest, main
from states import gaps
import metrics

CONFIG = """
    publish: {key: test-key}
    delivery: {retry: 10ms}
    channels:
      skipped: {slow: skip, lag: 100, history: {events: 100000, bytes: 64MiB}}
      sampled: {slow: sample, sample: 2/s, lag: 100, history: {events: 100000, bytes: 64MiB}}
      table: {slow: conflate, lag: 100, snapshot: latest-per-key, history: {events: 300}}
"""
PADDING = "x" * 4000
EVENTS, KEYS = 1000, 20


def fill(node, stream, *channels):
    """Far more than sockets and kept writes hold; then the reader reads as fast as it can."""
    for first in range(0, EVENTS, 100):
        node.publish([{"channel": channel, "key": f"k{n % KEYS}",
                       "data": {"n": n, "key": f"k{n % KEYS}", "padding": PADDING}}
                      for n in range(first, first + 100) for channel in channels])
    stream.set_receive_buffer(1 << 20)


def stuck_on(node, channel):
    stream = Stream(node.address, f"/events/{channel}", receive_buffer=4096)
    stream.read_until(lambda reader: reader.events)
    return stream


def numbers(stream):
    return [json.loads(event.data)["n"] for event in stream.reader.user_events]


def envelopes(stream):
    return [json.loads(event.data) for event in stream.reader.user_events]


def read_to_the_last(stream):
    stream.read_until(lambda reader: reader.user_events and
                      json.loads(reader.user_events[-1].data)["n"] == EVENTS - 1, 30)


class Policies(SystemTest):
    def test_aReaderThatSkipsGoesOnWithTheNewestAndIsToldHowManyItMissed(self):
        with Sluice(CONFIG) as node, stuck_on(node, "skipped") as stream:
            opened = json.loads(stream.reader.controls("open")[0].data)
            self.assertEqual(opened["slow"], {"skipped": "skip"})
            fill(node, stream, "skipped")
            read_to_the_last(stream)
            got = numbers(stream)
            self.assertEqual(got, sorted(set(got)))
            self.assertEqual(set(gaps(stream)), {"skipped"})
            missed = sum(json.loads(gap.data)["atMost"] for gap in stream.reader.controls("gap"))
            self.assertEqual(len(got) + missed, EVENTS)
            self.assertGreater(missed, EVENTS // 2)
            self.assert_clean(stream)
            node.publish([{"channel": "skipped", "data": {"n": EVENTS}}])
            stream.read_until(lambda reader: numbers(stream)[-1] == EVENTS)
            metrics.wait_total(node, missed, "sluice_passed_over_total", reason="skip")

    def test_aReaderThatConflatesGetsTheLatestOfEachKeyAndNoGap(self):
        with Sluice(CONFIG) as node, stuck_on(node, "table") as stream:
            fill(node, stream, "table")
            latest = {f"k{n % KEYS}": n for n in range(EVENTS)}
            read_to_the_last(stream)
            self.assertEqual(gaps(stream), [])
            seen = {}
            for event in stream.reader.user_events:
                body = json.loads(event.data)
                self.assertGreater(body["n"], seen.get(body["key"], -1), "an older value")
                seen[body["key"]] = body["n"]
            self.assertEqual(seen, latest)
            self.assertLess(len(numbers(stream)), EVENTS // 2)
            self.assert_clean(stream)
            scrape = metrics.read(node)
            self.assertEqual(scrape.value("sluice_snapshot_keys"), KEYS)
            with node.stream("/events/table", stream.last_id) as again:
                node.publish([{"channel": "table", "key": "k0", "data": {"n": EVENTS}}])
                again.read_events(1)
                self.assertEqual(numbers(again), [EVENTS])

    def test_aReaderThatIsSampledGetsTheLastOfEachSlotAndNoGap(self):
        with Sluice(CONFIG) as node, Stream(node.address, "/events/sampled?envelope=json",
                                            receive_buffer=4096) as stream:
            stream.read_until(lambda reader: reader.events)
            opened = json.loads(stream.reader.controls("open")[0].data)
            self.assertEqual(opened["slow"], {"sampled": "sample"})
            fill(node, stream, "sampled")
            stream.read_until(lambda reader: reader.user_events and
                              envelopes(stream)[-1]["data"]["n"] == EVENTS - 1, 30)
            events = envelopes(stream)
            seen = [event["data"]["n"] for event in events]
            self.assertEqual(seen, sorted(set(seen)))
            self.assertEqual(gaps(stream), [])
            missed = EVENTS - len(seen)
            metrics.wait_total(node, missed, "sluice_passed_over_total", reason="sample")
            self.assertGreater(missed, EVENTS // 2)
            # From the first one that was left out on: one of each half second.
            begin = next(i for i, n in enumerate(seen) if i != n)
            slots = [event["time"] // 500 for event in events[begin:]]
            self.assertEqual(len(slots), len(set(slots)))
            self.assert_clean(stream)
            with node.stream("/events/sampled", stream.last_id) as again:
                node.publish([{"channel": "sampled", "data": {"n": EVENTS}}])
                again.read_events(1)
                self.assertEqual(numbers(again), [EVENTS])

    def test_eachChannelOfAStreamKeepsItsOwn(self):
        """The third one has the default, and enough history: everything of it comes."""
        config = CONFIG + "      all: {history: {events: 100000, bytes: 64MiB}}\n"
        target = "/events?channels=all,table,skipped&envelope=json"
        with Sluice(config) as node, \
                Stream(node.address, target, receive_buffer=4096) as stream:
            stream.read_until(lambda reader: reader.events)
            fill(node, stream, "all", "table", "skipped")
            seen = {"all": [], "table": [], "skipped": []}
            stream.read_until(lambda reader: all_ended(reader, seen), 60)
            self.assertEqual(seen["all"], list(range(EVENTS)))
            for channel in ("table", "skipped"):
                self.assertEqual(seen[channel], sorted(set(seen[channel])))
                self.assertLess(len(seen[channel]), EVENTS)
            self.assertEqual(set(gaps(stream)), {"skipped"})


def all_ended(reader, seen):
    """Takes what came into `seen`, by channel; whether each channel's last event has come."""
    for event in reader.user_events[sum(map(len, seen.values())):]:
        body = json.loads(event.data)
        seen[body["channel"]].append(body["data"]["n"])
    return all(numbers and numbers[-1] == EVENTS - 1 for numbers in seen.values())


if __name__ == "__main__":
    main()
