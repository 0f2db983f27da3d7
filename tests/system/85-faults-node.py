#!/usr/bin/env python3
"""The node itself is stopped, reloaded again and again, or stuck in a plugin, under load."""
import collections
import contextlib
import json
import pathlib
import signal
import threading
import time

from system import PATIENCE, Sluice, main, wait_until
from sluice import PROGRAM
from faults.books import Books, balanced
from faults.crowd import Crowd, allow_files
from faults.follower import Audit, Follower
from faults.rows import FaultTest, fault
from flow import Flow
from redis_server import Redis
from states import state, wait_state

BAD_PLUGINS = pathlib.Path(PROGRAM).parent / "tests" / "plugin" / "host" / "bad"
RELOADS = 1000


def ticked(event):
    return json.loads(event.data)["n"]


class Drain(FaultTest):
    COUNT, DRAIN_S = 1000, 4
    CONFIG = """
        inputs: {cache: {plugin: redis, server: "redis://%s", streams: [orders]}}
        mappings: [{from: "cache:orders", channel: orders}]
        channels: {orders: {history: {events: 100000}}}
        delivery: {retry: 1s, drain: 4s}
    """

    @fault("SIGTERM under load: 1,000 readers, and a second node that takes their ids")
    def test_drain(self):
        allow_files(8192)
        with Redis() as redis:
            redis("XGROUP", "CREATE", "orders", "none", "0", "MKSTREAM")
            config = self.CONFIG % redis.address
            with Sluice(config) as first, Sluice(config) as second:
                for node in (first, second):
                    wait_state(node, "running/running")
                self.hand_over(redis, first, second)

    def hand_over(self, redis, first, second):
        flow = Flow(contextlib.nullcontext(redis), lambda redis, begin, beyond: redis.all(
            [("XADD", "orders", "*", "v", n) for n in range(begin, beyond)]), 1, 0.04)
        ended = threading.Event()
        with Crowd(lambda: (second if ended.is_set() else first).address, "/events/orders",
                   self.COUNT, patient=True) as crowd:
            crowd.run(crowd.all_open, 20, "all streams")
            flow.start()
            try:
                crowd.run(lambda: crowd.all_have(10), 20, "the first events")
                first.send_signal(signal.SIGTERM)
                ended.set()
                began = time.monotonic()
                crowd.run(lambda: all(m.ends for m in crowd.members), 20, "the end of all streams")
                self.check_farewells(crowd.members, began)
                self.assertEqual(first.wait(self.DRAIN_S + 2), 0, "the exit status")
                sent = flow.sent
                crowd.run(lambda: crowd.all_open() and crowd.all_have(sent), 30, "their return")
                normal_s = time.monotonic() - began
            finally:
                total = flow.stop()
            crowd.run(lambda: crowd.all_have(total), 30, "the last events")
            crowd.check()
            self.assertEqual({member.ends for member in crowd.members}, {1})
        self.tell("every stream ends with its position; the returns are spread over "
                  "`delivery.drain` (here 4 s), from `retry` (1 s) on; every event once",
                  balanced(second, {"cache": total}), normal_s)

    def check_farewells(self, members, began):
        """Each had its position last; the returns are as even as they can be."""
        self.assertEqual({member.farewell.type for member in members}, {b"sluice.at"})
        due = [member.ended + member.farewell.retry_ms / 1000 - began for member in members]
        per_second = collections.Counter(int(at) for at in due)
        self.assertEqual(per_second[0], 0, "some return within the first second")
        self.assertLess(max(per_second.values()), self.COUNT * 0.4, per_second)
        self.assertGreater(max(due) - min(due), self.DRAIN_S * 0.75)


class Reloads(FaultTest):
    CONFIG = """
        inputs:
          tick: {plugin: ticker, rate: 500, shape: counter, replayable: true, rewind: 0}
          %s
        mappings:
          - {from: "tick:{all**}", channel: ticks, event: %s}
          %s
        channels: {ticks: {history: {events: 100000}}}
    """
    FILES = [CONFIG % ("", "odd", ""),
             CONFIG % ("other: {plugin: ticker, rate: 100, topic: other}", "even",
                       '- {from: "other:{all**}", channel: others}')]

    @fault("1,000 reloads of two files in turn, under load")
    def test_reloads(self):
        with Sluice(self.FILES[0]) as node, Follower(node, "/events/ticks", ticked) as follower:
            wait_until(lambda: follower.numbers, 10, "the first event")
            first = follower.numbers[0]
            for i in range(RELOADS):
                node.configure(self.FILES[(i + 1) % 2])
                if i % 2:
                    answer = node.reload()
                    self.assertEqual((answer.status, answer.json()["changed"]), (200, True))
                else:
                    node.send_signal(signal.SIGHUP)
                    wait_until(lambda: len(self.inputs(node)) == 2, 10, "SIGHUP")
            last = follower.numbers[-1] + 200
            follower.wait_for(last)
            self.assertEqual(follower.visits, 1, "the stream was cut")
            text = Audit(follower, follower.numbers[-1] + 1, first=first).text()
            quiet_s = follower.longest_silence()
            books = Books(node)
            self.assertEqual(books.messages("tick"), books.messages("tick", "mapped"))
            balance = books.balance({})
        self.assertLess(quiet_s, 2 * PATIENCE)
        self.tell(text, balance, None)

    @staticmethod
    def inputs(node):
        return node.admin_get("/inputs").json()["inputs"]


class Plugins(FaultTest):
    CONFIG = """
        inputs:
          bad: {plugin: %s}
          tick: {plugin: ticker, rate: 100, shape: counter}
        mappings:
          - {from: "bad:{all**}", channel: bad}
          - {from: "tick:{all**}", channel: ticks}
        delivery: {drain: 2s}
    """

    def start(self, plugin):
        return Sluice(self.CONFIG % plugin, ["--plugins", str(BAD_PLUGINS)])

    @fault("A plugin blocks for ever when it is started")
    def test_blocksStart(self):
        with self.start("blocksStart") as node, \
                Follower(node, "/events/ticks", ticked) as follower:
            wait_until(lambda: state(node) == "failed/stuck", 20, "failed/stuck")
            node.wait_for_log("the plugin is stuck in start")
            last = follower.numbers[-1] + 50
            follower.wait_for(last)
            text = Audit(follower, follower.numbers[-1] + 1, first=follower.numbers[0]).text()
            self.assertLess(follower.longest_silence(), 2 * PATIENCE, "another input waited")
            books = Books(node).balance({})
            status, ended_s = self.end(node)
            self.assertEqual(status, 0)
            self.assertLess(ended_s, 4 * PATIENCE)
        self.tell(f"of other inputs: {text}; its input is `failed` (`stuck`) after 10 s", books,
                  None)

    @fault("A plugin blocks for ever when it is stopped (the time: from SIGTERM to the end)")
    def test_blocksStop(self):
        with self.start("blocksStop") as node, \
                Follower(node, "/events/ticks", ticked) as follower:
            wait_state(node, "running/")
            follower.wait_for(50)
            books = Books(node).balance({})
            status, ended_s = self.end(node)
            self.assertEqual(status, 0)
            self.assertLess(ended_s, 4 * PATIENCE)
            text = Audit(follower, follower.numbers[-1] + 1, first=follower.numbers[0]).text()
        self.tell(f"{text}; the node ends within `delivery.drain` (here 2 s)", books, ended_s)

    @staticmethod
    def end(node):
        began = time.monotonic()
        node.send_signal(signal.SIGTERM)
        return node.wait(), time.monotonic() - began


if __name__ == "__main__":
    main()
