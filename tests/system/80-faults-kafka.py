#!/usr/bin/env python3
"""Kafka fails in every way a broker, a cluster and a network can; its log keeps everything, so
readers must get every event once."""
import itertools
import subprocess
import threading
import time

from system import Sluice, main, wait_until
from child import free_port
from faults.books import balanced
from faults.follower import Audit, Follower
from faults.link import Link
from faults.rows import FaultTest, fault
from faults.scenario import BrokerFaultTest
from flow import Flow
from kafka import KafkaBroker, kcat_producing
from kafka_cluster import KafkaCluster
from states import wait_state

CONFIG = """
    inputs:
      shop: {plugin: kafka, brokers: [%s]}
    mappings:
      - {from: "shop:%s", channel: numbers}
    channels:
      numbers: {history: {events: 100000}}
"""


def config(bootstrap, topic):
    return CONFIG % (", ".join(f'"{broker}"' for broker in bootstrap.split(",")), topic)


class OneBroker(BrokerFaultTest):
    input, target = "shop", "/events/numbers"

    @classmethod
    def setUpClass(cls):
        port = free_port()
        cls.kafka = cls.enterClassContext(KafkaBroker(proxy=port))
        cls.link = cls.enterClassContext(Link(("127.0.0.1", cls.kafka.proxied), port))
        cls.topics = (f"t{n}" for n in itertools.count())

    def setUp(self):
        self.topic = next(self.topics)
        self.kafka.create_topic(self.topic, 1)
        self.node = self.enterContext(Sluice(config("%s:%d" % self.link.address, self.topic)))
        wait_state(self.node, "running/running")

    def send(self, first, beyond):
        self.kafka.produce(self.topic, [str(n) for n in range(first, beyond)])

    @fault("Kafka, one broker: killed (SIGKILL) and started again")
    def test_killed(self):
        self.run_fault(self.node, self.kafka.kill, self.kafka.start)

    @fault("Kafka, one broker: restarted (SIGTERM)")
    def test_restarted(self):
        self.run_fault(self.node, self.kafka.stop, self.kafka.start)

    @fault("Kafka, one broker: paused (SIGSTOP) for 5 s")
    def test_paused(self):
        self.run_fault(self.node, self.kafka.freeze, self.kafka.thaw, outage_s=5)

    @fault("Kafka, one broker: the network is slow (0.3 s each way)")
    def test_slow(self):
        self.run_fault(self.node, lambda: self.link.delay(0.3), self.link.heal, meanwhile=True)

    @fault("Kafka, one broker: the connection is half open for 5 s")
    def test_halfOpen(self):
        self.run_fault(self.node, self.link.stall, self.link.heal, outage_s=5, meanwhile=True)

    @fault("Kafka, one broker: the network is cut for 5 s, without FIN or RST")
    def test_cut(self):
        self.run_fault(self.node, self.link.cut, self.link.heal, outage_s=5, meanwhile=True)

    @fault("Kafka, one broker: connections are reset and refused")
    def test_dropped(self):
        self.run_fault(self.node, self.link.drop, self.link.heal, meanwhile=True)

    @fault("Kafka, one broker: connections are reset ten times in 3 s while messages flow")
    def test_flapping(self):
        flapping = threading.Thread(target=self.link.flap, args=(10, 0.3))
        self.run_fault(self.node, flapping.start, flapping.join, meanwhile=True)


class IdempotentKcat:
    """A producer that a change of leaders makes neither lose nor double anything."""

    def __init__(self, cluster, topic):
        self._command = kcat_producing(
            cluster.bootstrap, topic, "-X", "linger.ms=5", "-X", "reconnect.backoff.max.ms=200",
            "-X", "retry.backoff.ms=50", "-X", "socket.timeout.ms=1500",
            "-X", "request.timeout.ms=1000")

    def __enter__(self):
        self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_):
        """The cluster has everything when this returns."""
        self._process.stdin.close()
        if self._process.wait(60) != 0:
            raise AssertionError(f"kcat ended with {self._process.returncode}")

    def send(self, first, beyond):
        self._process.stdin.write("".join(f"{n}\n" for n in range(first, beyond)))
        self._process.stdin.flush()


class ThreeBrokers(FaultTest):
    @classmethod
    def setUpClass(cls):
        cls.cluster = cls.enterClassContext(KafkaCluster())

    def through(self, topic, strike, mend, outage_s=None):
        """As many messages as before must come both while a broker is away and when it is back; with
        `outage_s`, only when it is back."""
        self.cluster.create_topic(topic)
        flow = Flow(IdempotentKcat(self.cluster, topic), IdempotentKcat.send, 5, 0.01)
        with Sluice(config(self.cluster.bootstrap, topic)) as node:
            wait_state(node, "running/running")
            with Follower(node, "/events/numbers") as follower:
                flow.start()
                try:
                    follower.wait_for(200)
                    leader = self.cluster.leader(topic)
                    strike(leader)
                    if outage_s:
                        time.sleep(outage_s)
                        mend(leader)
                    since, sent = time.monotonic(), flow.sent
                    back = follower.wait_for(sent + 200, 60)
                    if not outage_s:
                        mend(leader)
                    follower.wait_for(flow.sent + 200, 60)
                finally:
                    total = flow.stop()
                follower.wait_for(total - 1, 60)
                audit = Audit(follower, total)
                books = balanced(node, {"shop": total})
        self.tell(audit.text(), books, back - since)

    @fault("Kafka, three brokers: the leader of the partition is killed (SIGKILL), and comes back "
           "(the time: until another leads)")
    def test_leaderKilled(self):
        self.through("killed", lambda leader: leader.kill(), self.come_back)

    @fault("Kafka, three brokers: the leader of the partition is paused (SIGSTOP), and goes on "
           "(the time: until another leads)")
    def test_leaderPaused(self):
        self.through("paused", lambda leader: leader.freeze(), lambda leader: leader.thaw())

    @fault("Kafka, three brokers: the leader of the partition is cut off from the others for 20 s, "
           "clients reach all three")
    def test_leaderCutOff(self):
        # Whether another leads meanwhile, and clients believe it, is up to what they ask first.
        self.through("cut-off", self.cluster.cut_off, self.cluster.join, outage_s=20)

    def come_back(self, leader):
        leader.start()
        wait_until(leader._answers, 60, "the broker's return")


if __name__ == "__main__":
    main()
