#!/usr/bin/env python3
"""Readers that are slow, stuck or gone: nobody waits for them, and what they miss is told."""
import json
import socket
import struct
import time

from system import PATIENCE, PUBLISH, Sluice, Stream, SystemTest, main, wait_until
import metrics

STALL_1S = """
    publish: {key: test-key}
    delivery: {retry: 10ms, stall: 1s}
"""
PADDING = "x" * 4000


def padded(first, last, channel="big"):
    return [{"channel": channel, "data": {"n": n, "padding": PADDING}} for n in range(first, last)]


def numbers(events):
    return [json.loads(event.data)["n"] for event in events]


class Stuck(SystemTest):
    def test_aStuckReaderIsClosedAfterTheStallTime(self):
        with Sluice(STALL_1S) as node, \
                Stream(node.address, "/events/big", receive_buffer=4096) as stuck:
            stuck.read_until(lambda reader: reader.events)
            for first in range(0, 1000, 100):
                node.publish(padded(first, first + 100))
            wait_until(lambda: metrics.read(node).value(
                "sluice_closed_total", reason="stalled") == 1, what="the stalled reader's end")
            self.assertEqual(metrics.read(node).total("sluice_subscribers"), 0)

    def test_theOthersDoNotWaitForIt(self):
        with Sluice(STALL_1S) as node:
            stuck = [Stream(node.address, "/events/big", receive_buffer=4096) for _ in range(10)]
            good = Stream(node.address, "/events/big")
            for stream in [*stuck, good]:
                stream.read_until(lambda reader: reader.events)
            worst = 0.0
            for first in range(0, 1000, 20):
                started = time.monotonic()
                node.publish(padded(first, first + 20))
                good.read_events(first + 20)
                worst = max(worst, time.monotonic() - started)
            self.assertEqual(numbers(good.reader.user_events), list(range(1000)))
            self.assertLess(worst, 0.5 * PATIENCE)
            for stream in [*stuck, good]:
                stream.close()

    def test_whatAStuckReaderCostsIsBounded(self):
        with Sluice(PUBLISH + "    limits: {history: 4MiB}\n") as node:
            node.publish(padded(0, 900))
            before = node.rss_kib()
            stuck = [Stream(node.address, "/events/big?from=earliest", receive_buffer=4096)
                     for _ in range(100)]
            for stream in stuck:
                stream.read_until(lambda reader: reader.events)
            for first in range(900, 3900, 100):
                node.publish(padded(first, first + 100))
            if PATIENCE == 1:  # sanitizers keep what was freed
                self.assertLess(node.rss_kib() - before, 24 * 1024)
            for stream in stuck:
                stream.close()

    def test_aStuckReaderComesBackWithItsId(self):
        with Sluice(STALL_1S) as node:
            with Stream(node.address, "/events/big", receive_buffer=4096) as stuck:
                stuck.read_until(lambda reader: reader.events)
                for first in range(0, 1000, 100):
                    node.publish(padded(first, first + 100))
                wait_until(lambda: metrics.read(node).value(
                    "sluice_closed_total", reason="stalled") == 1, what="the stalled reader's end")
                stuck.read_to_end()
                early, last_id = stuck.reader.user_events, stuck.last_id
                self.assertLess(len(early), 1000)
            with Stream(node.address, "/events/big", last_id) as stream:
                late = stream.read_events(1000 - len(early))
            self.assertEqual(numbers(early + late), list(range(1000)))


class Slow(SystemTest):
    def test_aSlowReaderGetsEverythingInOrder(self):
        with Sluice(PUBLISH) as node, \
                Stream(node.address, "/events/big", receive_buffer=4096) as slow:
            slow.read_until(lambda reader: reader.events)
            for first in range(0, 500, 50):
                node.publish(padded(first, first + 50))
                slow.read_wire(slow.wire_bytes + 3_001)
            self.assertEqual(numbers(slow.read_events(500)), list(range(500)))
            self.assert_clean(slow)

    def test_anOverrunReaderIsToldWhatItMissed(self):
        small = PUBLISH + '    channels: {"{any**}": {history: {events: 200}}}\n'
        with Sluice(small) as node, \
                Stream(node.address, "/events/big", receive_buffer=4096) as slow:
            slow.read_until(lambda reader: reader.events)
            for first in range(0, 2000, 100):
                node.publish(padded(first, first + 100))
            slow.read_until(lambda reader: reader.user_events and
                            numbers(reader.user_events[-1:]) == [1999])
            gaps = slow.reader.controls("gap")
            got = numbers(slow.reader.user_events)
            self.assertTrue(gaps)
            self.assertEqual(got, sorted(set(got)))
            holes = sum(1 for left, right in zip([-1] + got, got) if right != left + 1)
            self.assertGreater(holes, 0)
            self.assertLessEqual(holes, len(gaps), "a hole that no gap tells")
            self.assert_clean(slow)


class Gone(SystemTest):
    def test_aThousandReadersCutByResetComeBackExactly(self):
        count = 1000
        with Sluice(PUBLISH) as node:
            streams = [Stream(node.address, "/events/herd") for _ in range(count)]
            for stream in streams:
                stream.read_until(lambda reader: reader.events)
            node.publish_numbers("herd", 0, 10)
            for stream in streams:
                self.assert_numbers(stream.read_events(10), 0, 10)
            for stream in streams:
                stream._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                          struct.pack("ii", 1, 0))
                stream.close()
            node.publish_numbers("herd", 10, 20)
            back = [Stream(node.address, "/events/herd", stream.last_id) for stream in streams]
            node.publish_numbers("herd", 20, 25)
            for stream in back:
                self.assert_numbers(stream.read_events(15), 10, 25)
                stream.close()


if __name__ == "__main__":
    main()
