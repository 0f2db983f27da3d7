#!/usr/bin/env python3
"""Redis fails in every way a server and a network can: a stream loses nothing, pub/sub tells what
it lost."""
import json

from system import Sluice, main
from faults.link import Link
from faults.rows import fault
from faults.scenario import BrokerFaultTest
from redis_server import Redis
from states import wait_state

CONFIG = """
    inputs:
      cache: {plugin: redis, server: "redis://%s:%d", streams: [orders], timeout: 1s,
              keepalive: 500ms}
    mappings:
      - {from: "cache:%s", channel: numbers}
    channels:
      numbers: {history: {events: 100000}}
"""


class RedisFaults(BrokerFaultTest):
    input, target, source = "cache", "/events/numbers", None

    @classmethod
    def setUpClass(cls):
        cls.redis = cls.enterClassContext(Redis(persistent=True))

    def setUp(self):
        self.link = self.enterContext(Link(("127.0.0.1", self.redis.redis_port)))
        self.redis("DEL", "orders")
        self.redis("XGROUP", "CREATE", "orders", "none", "0", "MKSTREAM")
        host, port = self.link.address
        self.node = self.enterContext(Sluice(CONFIG % (host, port, self.source)))
        wait_state(self.node, "running/running")

    def freeze(self):
        self.redis.close()
        self.redis.freeze()


class Streams(RedisFaults):
    source = "orders"

    def send(self, first, beyond):
        self.redis.all([("XADD", "orders", "*", "v", n) for n in range(first, beyond)])

    @staticmethod
    def number(event):
        return int(json.loads(event.data)["v"])

    @fault("Redis Streams: the server is killed (SIGKILL) and started again")
    def test_killed(self):
        self.run_fault(self.node, self.redis.kill, self.redis.start)

    @fault("Redis Streams: the server is restarted (SIGTERM)")
    def test_restarted(self):
        self.run_fault(self.node, self.redis.stop, self.redis.start)

    @fault("Redis Streams: the server is paused (SIGSTOP) for 4 s")
    def test_paused(self):
        self.run_fault(self.node, self.freeze, self.redis.thaw, outage_s=4)

    @fault("Redis Streams: the network is slow (0.3 s each way)")
    def test_slow(self):
        self.run_fault(self.node, lambda: self.link.delay(0.3), self.link.heal, meanwhile=True)

    @fault("Redis Streams: the connection is half open for 4 s")
    def test_halfOpen(self):
        self.run_fault(self.node, self.link.stall, self.link.heal, outage_s=4, meanwhile=True)

    @fault("Redis Streams: the network is cut for 4 s, without FIN or RST")
    def test_cut(self):
        self.run_fault(self.node, self.link.cut, self.link.heal, outage_s=4, meanwhile=True)

    @fault("Redis Streams: connections are reset and refused")
    def test_dropped(self):
        self.run_fault(self.node, self.link.drop, self.link.heal, meanwhile=True)


class PubSub(RedisFaults):
    source = "news"

    def send(self, first, beyond):
        self.redis.all([("PUBLISH", "news", n) for n in range(first, beyond)])

    @fault("Redis pub/sub: the server is killed (SIGKILL) and started again")
    def test_killed(self):
        self.run_fault(self.node, self.redis.kill, self.redis.start)

    @fault("Redis pub/sub: the server is paused (SIGSTOP) for 4 s")
    def test_paused(self):
        self.run_fault(self.node, self.freeze, self.redis.thaw, outage_s=4)

    @fault("Redis pub/sub: the connection is half open for 4 s")
    def test_halfOpen(self):
        self.run_fault(self.node, self.link.stall, self.link.heal, outage_s=4, meanwhile=True)

    @fault("Redis pub/sub: the network is cut for 4 s, without FIN or RST")
    def test_cut(self):
        self.run_fault(self.node, self.link.cut, self.link.heal, outage_s=4, meanwhile=True)

    @fault("Redis pub/sub: connections are reset and refused")
    def test_dropped(self):
        self.run_fault(self.node, self.link.drop, self.link.heal, meanwhile=True)


if __name__ == "__main__":
    main()
