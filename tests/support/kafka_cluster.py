"""Three real Kafkas that are one cluster: each is a broker and a voter of the controllers. Clients
reach each of them; between themselves they speak over links that a test can break.

    with KafkaCluster() as cluster:
        cluster.create_topic("orders")
        cluster.leader("orders").kill()
        cluster.cut_off(cluster.leader("orders"))
"""
import contextlib
import tempfile

import kafka_admin
from child import free_port
from faults.link import Link
from kafka import NEWEST, KafkaBroker, prepare
from sluice import wait_until

COUNT = 3

_LISTENERS = """listeners=PLAINTEXT://127.0.0.1:{plain},INTERNAL://127.0.0.1:%(port)d,\
CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{plain},INTERNAL://broker-%(node)d:%(port)d
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=INTERNAL
"""


def _address(viewer, node):
    """Where a member finds another one: an address of its own, so that the way between two can be
    cut and the ways to others stay."""
    return "127.0.0.1" if viewer == node else f"127.1.{viewer}.{node}"


class _Member(KafkaBroker):
    def __init__(self, node, internal, controllers, java):
        """internal, controllers: the ports of all, those of node 1 first."""
        self.node, self._internal, self._controllers = node, internal, controllers
        self._hosts = tempfile.NamedTemporaryFile("w", prefix="sluice-hosts-")
        self._hosts.write("127.0.0.1 localhost\n" + "".join(
            f"{_address(node, other)} broker-{other}\n" for other in range(1, COUNT + 1)))
        self._hosts.flush()
        super().__init__(java=[*java, f"-Djdk.net.hosts.file={self._hosts.name}"])

    def __exit__(self, *_):
        super().__exit__()
        self._hosts.close()

    def _listeners(self):
        return _LISTENERS % {"node": self.node, "port": self._internal[self.node - 1]}

    def _quorum(self, _):
        voters = (f"{node}@broker-{node}:{port}" for node, port in enumerate(self._controllers, 1))
        return self._controllers[self.node - 1], ",".join(voters)

    def start(self):
        """Without waiting: a first one alone is no majority."""
        self._launch()


class KafkaCluster:
    """Everything written is on two brokers before it is acknowledged. Not thread-safe."""

    def __enter__(self):
        java = [f"-XX:SharedArchiveFile={prepare(NEWEST)}"]
        internal, controllers = ([free_port() for _ in range(COUNT)] for _ in range(2))
        self.members = [_Member(node, internal, controllers, java) for node in range(1, COUNT + 1)]
        self._links = {}  # (one, other): the ways from one to the other
        with contextlib.ExitStack() as stack:
            for one in range(1, COUNT + 1):
                for other in set(range(1, COUNT + 1)) - {one}:
                    self._links[one, other] = [
                        stack.enter_context(Link(("127.0.0.1", port), port, _address(one, other)))
                        for port in (internal[other - 1], controllers[other - 1])]
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

    def cut_off(self, member):
        """It and the others are gone to each other, without FIN or RST; clients reach them all."""
        for ways in self._ways_of(member):
            for link in ways:
                link.cut()

    def join(self, member):
        for ways in self._ways_of(member):
            for link in ways:
                link.heal()

    def _ways_of(self, member):
        return (ways for pair, ways in self._links.items() if member.node in pair)
