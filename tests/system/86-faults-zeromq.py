#!/usr/bin/env python3
"""ZeroMQ publishers fail in every way a program and a network can; nothing between them and us keeps
what is sent meanwhile."""
import sys

import zmq

from system import PATIENCE, Sluice, main, wait_until
from child import Child, free_port
from faults.link import Link
from faults.rows import fault
from faults.scenario import BrokerFaultTest
from states import wait_state

CONFIG = """
    inputs:
      feed:
        plugin: zeromq
        connect: "tcp://%s:%d"
        heartbeat: 500ms
        sequence: {frame: 2}
    mappings:
      - {from: "feed:numbers", channel: numbers}
    channels:
      numbers: {history: {events: 100000}}
"""

# Publishes at its first endpoint what it is told at its second one: "FIRST BEYOND". Answers how many
# subscriptions there are.
PUBLISHER = """
import sys, zmq
context = zmq.Context()
output, orders = context.socket(zmq.XPUB), context.socket(zmq.REP)
output.bind(sys.argv[1])
orders.bind(sys.argv[2])
poller = zmq.Poller()
poller.register(output, zmq.POLLIN)
poller.register(orders, zmq.POLLIN)
subscriptions = 0
while True:
    ready = dict(poller.poll())
    if output in ready:
        subscriptions += 1 if output.recv()[0] == 1 else -1
    if orders in ready:
        first, beyond = map(int, orders.recv().split())
        for number in range(first, beyond):
            text = str(number).encode()
            output.send_multipart([b"numbers", text, text])
        orders.send(str(subscriptions).encode())
"""


class Zeromq(BrokerFaultTest):
    """The publisher numbers its messages, and we ask each other for signs of life."""

    input, target = "feed", "/events/numbers"

    def setUp(self):
        port = free_port()
        self.orders = f"tcp://127.0.0.1:{free_port()}"
        self.publisher = self.enterContext(
            Child([sys.executable, "publisher.py", f"tcp://127.0.0.1:{port}", self.orders],
                  {"publisher.py": PUBLISHER}))
        self.link = self.enterContext(Link(("127.0.0.1", port)))
        self.node = self.enterContext(Sluice(CONFIG % (*self.link.address,)))
        self.is_struck = False
        wait_state(self.node, "running/running")

    def order(self, first, beyond):
        with zmq.Context() as context, context.socket(zmq.REQ) as socket:
            socket.linger, socket.rcvtimeo = 0, int(20_000 * PATIENCE)
            socket.connect(self.orders)
            socket.send_string(f"{first} {beyond}")
            return int(socket.recv())

    def send(self, first, beyond):
        """A connection that is up may still be without its subscription."""
        if not self.is_struck:
            wait_until(lambda: self.order(0, 0) > 0, 20, "the subscription")
        self.order(first, beyond)

    def run_fault(self, node, strike, mend, **how):
        def struck():
            strike()
            self.is_struck = True

        def mended():
            mend()
            self.is_struck = False

        return super().run_fault(node, struck, mended, **how)

    @fault("ZeroMQ: the publisher is killed (SIGKILL) and started again")
    def test_killed(self):
        self.run_fault(self.node, self.publisher.kill, self.publisher.start)

    @fault("ZeroMQ: the publisher is restarted (SIGTERM)")
    def test_restarted(self):
        self.run_fault(self.node, self.publisher.stop, self.publisher.start)

    @fault("ZeroMQ: the publisher is paused (SIGSTOP) for 4 s")
    def test_paused(self):
        self.run_fault(self.node, self.publisher.freeze, self.publisher.thaw, outage_s=4)

    @fault("ZeroMQ: the connection is half open for 4 s")
    def test_halfOpen(self):
        self.counts(self.run_fault(self.node, self.link.stall, self.link.heal, outage_s=4,
                                   meanwhile=True))

    @fault("ZeroMQ: connections are reset and refused")
    def test_dropped(self):
        self.counts(self.run_fault(self.node, self.link.drop, self.link.heal, meanwhile=True))

    def counts(self, audit):
        """By the publisher's numbers it is known how many are gone."""
        self.node.wait_for_log(f"{len(audit.told)} messages are lost")


if __name__ == "__main__":
    main()
