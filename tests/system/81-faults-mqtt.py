#!/usr/bin/env python3
"""Mosquitto fails in every way a broker and a network can."""
from system import Sluice, main
from faults.link import Link
from faults.rows import fault
from faults.scenario import BrokerFaultTest
from mosquitto import Mosquitto, Publisher
from states import wait_state

CONFIG = """
    inputs:
      plant: {plugin: mqtt, broker: "mqtt://%s:%d", client_id: faults, keepalive: 1s}
    mappings:
      - {from: "plant:numbers", channel: numbers}
    channels:
      numbers: {history: {events: 100000}}
"""


class MqttFaults(BrokerFaultTest):
    """QoS 1; the node keeps its session with the broker, as it does by default."""

    input, target, persistent = "plant", "/events/numbers", None

    @classmethod
    def setUpClass(cls):
        if cls.persistent is not None:
            cls.broker = cls.enterClassContext(Mosquitto(cls.persistent))

    def setUp(self):
        self.link = self.enterContext(Link(("127.0.0.1", self.broker.mqtt_port)))
        self.node = self.enterContext(Sluice(CONFIG % (*self.link.address,)))
        wait_state(self.node, "running/running")

    def send(self, first, beyond):
        with Publisher(self.broker) as publisher:
            publisher.publish_numbers("numbers", first, beyond)


class Forgetful(MqttFaults):
    persistent = False  # what it knows is in its memory

    @fault("MQTT: the broker is killed (SIGKILL), started again, and has forgotten our session")
    def test_killed(self):
        self.run_fault(self.node, self.broker.kill, self.broker.start)

    @fault("MQTT: the broker is paused (SIGSTOP) for 4 s")
    def test_paused(self):
        self.run_fault(self.node, self.broker.freeze, self.broker.thaw, outage_s=4, repeats=True)

    @fault("MQTT: the network is slow (0.3 s each way)")
    def test_slow(self):
        self.run_fault(self.node, lambda: self.link.delay(0.3), self.link.heal, meanwhile=True)

    @fault("MQTT: the connection is half open for 4 s")
    def test_halfOpen(self):
        self.run_fault(self.node, self.link.stall, self.link.heal, outage_s=4, meanwhile=True,
                       repeats=True)

    @fault("MQTT: the network is cut for 4 s, without FIN or RST")
    def test_cut(self):
        self.run_fault(self.node, self.link.cut, self.link.heal, outage_s=4, meanwhile=True,
                       repeats=True)

    @fault("MQTT: connections are reset and refused")
    def test_dropped(self):
        self.run_fault(self.node, self.link.drop, self.link.heal, meanwhile=True, repeats=True)


class Persistent(MqttFaults):
    persistent = True

    @fault("MQTT: the broker is restarted (SIGTERM) and keeps our session")
    def test_restarted(self):
        self.run_fault(self.node, self.broker.stop, self.broker.start, repeats=True)


if __name__ == "__main__":
    main()
