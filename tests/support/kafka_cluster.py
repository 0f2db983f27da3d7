"""Three real Kafkas that are one cluster: each is a broker and a voter of the controllers.

    with KafkaCluster() as cluster:
        cluster.create_topic("orders")
        cluster.leader("orders").kill()
"""
import contextlib

import kafka_admin
from child import free_port
from kafka import NEWEST, KafkaBroker, prepare
from sluice import wait_until

COUNT = 3


class _Member(KafkaBroker):
    def __init__(self, node, controllers, java):
        """controllers: the ports of all, that of node 1 first."""
        self.node, self._controllers = node, controllers
        super().__init__(java=java)

    def _quorum(self, _):
        voters = (f"{node}@127.0.0.1:{port}" for node, port in enumerate(self._controllers, 1))
        return self._controllers[self.node - 1], ",".join(voters)

    def start(self):
        """Without waiting: a first one alone is no majority."""
        self._launch()


class KafkaCluster:
    """Everything written is on two brokers before it is acknowledged. Not thread-safe."""

    def __enter__(self):
        java = [f"-XX:SharedArchiveFile={prepare(NEWEST)}"]
        ports = [free_port() for _ in range(COUNT)]
        self.members = [_Member(node, ports, java) for node in range(1, COUNT + 1)]
        with contextlib.ExitStack() as stack:
            for member in self.members:
                stack.enter_context(member)
            for member in self.members:
                member._wait()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self._stack.close()

    @property
    def bootstrap(self):
        return ",".join(member.bootstrap for member in self.members)

    def create_topic(self, topic):
        for member in self.members:  # copies are placed on those that are known
            wait_until(lambda m=member: len(kafka_admin.brokers(m.bootstrap)) == COUNT, 30,
                       "all brokers")
        kafka_admin.create_topic(self.members[0].bootstrap, topic, 1,
                                 {"min.insync.replicas": "2"}, replicas=COUNT)

    def leader(self, topic):
        """The member that leads the topic's partition, as a living one says."""
        living = next(member for member in self.members if member.pid)
        node = wait_until(lambda: kafka_admin.leader(living.bootstrap, topic), 30, "a leader")
        return self.members[node - 1]
