#!/usr/bin/env python3
"""A real Apache Kafka for tests: one node, KRaft, private ports, its own data folder.

    with KafkaBroker() as kafka:
        kafka.create_topic("orders", partitions=3)
        kafka.produce("orders", [("key", "value", 0)])
        run(..., kafka.bootstrap)

On the command line:
    kafka.py prepare [VERSION...]    only downloads the jars and makes the class archive
    kafka.py serve [OPTIONS]         prints one JSON line (bootstrap, ...), then obeys the lines
                                     stop, kill, start, freeze, thaw and fill PREFIX COUNT (so
                                     many topics of one record), each answered by one JSON line;
                                     ends when stdin closes
    kafka.py up FILE [OPTIONS]       starts a broker in the background and writes that JSON to
                                     FILE; it ends when FILE goes or the caller's parent does
    kafka.py down FILE               ends it and waits
OPTIONS: --version V, --secure, --scram USER=PASSWORD, --many-topics (fit for 10,000)
Needs Java 17, Maven (first time only), kcat for produce(), openssl for --secure.
Nothing here waits without a limit. Brokers are stopped by their process id.
"""
import argparse
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import kafka_admin  # noqa: E402
import kafka_jars  # noqa: E402
import kafka_topics  # noqa: E402
from certificates import make_certificates  # noqa: E402

NEWEST, WITH_OLD_SCRAM = "4.4.0", "3.9.2"
CLUSTER_ID = "AAAAAAAAAAAAAAAAAAAAAA"
USER, PASSWORD = "alice", "alice-secret"
START_S, STOP_S = 60.0, 20.0

_JAVA = ["java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xms64m", "-Xmx256m",
         "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"]


def prepare(version=NEWEST):
    """Downloads and archives unless that was done; returns the archive."""
    with kafka_jars.locked():
        kafka_jars.fetch(version)
        archive = kafka_jars.archive_of(version)
        if not archive.exists():
            kafka_jars.say(f"making the class archive of Kafka {version} (once)")
            for old in archive.parent.glob("classes-*.jsa"):
                old.unlink()
            part = archive.with_suffix(".part")
            with KafkaBroker(version, java=[f"-XX:ArchiveClassesAtExit={part}"]):
                pass
            if part.exists():
                part.rename(archive)
        return archive


def _free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


_PROPERTIES = """process.roles=broker,controller
node.id={node}
controller.quorum.voters={voters}
controller.listener.names=CONTROLLER
log.dirs={data}
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
num.network.threads=1
num.io.threads=2
log.cleaner.dedupe.buffer.size=4194304
broker.session.timeout.ms=1000
broker.heartbeat.interval.ms=100
log.cleaner.backoff.ms=200
log.retention.check.interval.ms=500
log.initial.task.delay.ms=500
"""
# Each topic costs the disk some files, and the JVM some 50 KB; with a session of a second the
# controller drops a broker that is busy making them.
_MANY_TOPICS = {
    "parent": "/dev/shm",
    "java": ["-Xmx1g"],
    "config": {"broker.session.timeout.ms": 60000, "log.retention.check.interval.ms": 300000},
}
# A second is for those who kill a broker and start it again; a machine that is busy for so long
# would leave all partitions without a leader.
_NEVER_KILLED = {"config": {"broker.session.timeout.ms": 9000}}
_PLAIN_LISTENERS = "listeners=PLAINTEXT://127.0.0.1:{plain},CONTROLLER://127.0.0.1:{controller}\n"
_SECURE_LISTENERS = """listeners=PLAINTEXT://127.0.0.1:{plain},\
SASL_SSL://127.0.0.1:{sasl_ssl},SSL://127.0.0.1:{ssl},CONTROLLER://127.0.0.1:{controller}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL,CONTROLLER:PLAINTEXT
ssl.keystore.type=PEM
ssl.keystore.location={certificates}/broker-keystore.pem
ssl.truststore.type=PEM
ssl.truststore.location={certificates}/ca.pem
listener.name.ssl.ssl.client.auth=required
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512
listener.name.sasl_ssl.plain.sasl.jaas.config=\
org.apache.kafka.common.security.plain.PlainLoginModule required user_{user}="{password}";
listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config=\
org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=\
org.apache.kafka.common.security.scram.ScramLoginModule required;
"""
_PROXIED_LISTENERS = """listeners=PLAINTEXT://127.0.0.1:{plain},\
PROXIED://127.0.0.1:{proxied},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{plain},PROXIED://127.0.0.1:{proxy}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
"""


class KafkaBroker:
    """One broker; the same ports and data over stop() and start(). Not thread-safe."""

    node = 1  # its id

    def __init__(self, version=NEWEST, secure=False, scram=None, java=None, config=None,
                 proxy=None, parent=None):
        """secure: also listens on self.sasl_ssl (PLAIN as USER/PASSWORD, and SCRAM for the users
        {name: password} of `scram`) and self.ssl (client certificate wanted). java: further
        options; config: further server properties. proxy: the port of a proxy that passes to
        self.proxied: whoever comes by it is sent there for everything. parent: of the data folder.
        Starts nothing."""
        self.version, self.secure, self.scram = version, secure, scram or {}
        self._java, self._config, self._proxy = java, config or {}, proxy
        self._parent = parent
        self._process = self._folder = None

    def __enter__(self):
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="sluice-kafka-", dir=self._parent))
        try:
            if self.secure:
                make_certificates(self._folder)
            if self._java is None:
                self._java = [f"-XX:SharedArchiveFile={prepare(self.version)}"]
            self._start_somewhere()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def pid(self):
        return self._process.pid if self._process else None

    def described(self):
        """What a client needs, for JSON."""
        facts = {"bootstrap": self.bootstrap, "pid": self.pid, "version": self.version}
        if self.secure:
            folder = self._folder
            facts.update(sasl_ssl=self.sasl_ssl, ssl=self.ssl, user=USER, password=PASSWORD,
                         ca=f"{folder}/ca.pem", cert=f"{folder}/client.pem",
                         key=f"{folder}/client.key")
        return facts

    # ---- its life ----

    def _start_somewhere(self):
        """A port that was free may be taken by the time Kafka binds it: then others."""
        for attempt in range(3):
            self._configure()
            try:
                return self.start()
            except RuntimeError:
                if attempt == 2:
                    raise

    def _configure(self):
        plain, controller, sasl_ssl, ssl, self.proxied = _free_ports(5)
        controller, voters = self._quorum(controller)
        self.bootstrap = f"127.0.0.1:{plain}"
        self.sasl_ssl, self.ssl = f"localhost:{sasl_ssl}", f"127.0.0.1:{ssl}"
        data = self._folder / "data"
        shutil.rmtree(data, ignore_errors=True)
        data.mkdir()
        text = (_PROPERTIES + self._listeners()).format(
            plain=plain, controller=controller, sasl_ssl=sasl_ssl, ssl=ssl, data=data,
            certificates=self._folder, user=USER, password=PASSWORD, node=self.node,
            voters=voters, proxy=self._proxy, proxied=self.proxied)
        text += "".join(f"{name}={value}\n" for name, value in self._config.items())
        (self._folder / "server.properties").write_text(text)
        if self.scram:
            self._format()
        else:  # these three lines replace a JVM of a second
            (data / "meta.properties").write_text(
                f"version=1\ncluster.id={CLUSTER_ID}\nnode.id={self.node}\n")

    def _listeners(self):
        if self._proxy:
            return _PROXIED_LISTENERS
        return _SECURE_LISTENERS if self.secure else _PLAIN_LISTENERS

    def _quorum(self, free):
        """The port of our controller, and all voters."""
        return free, f"{self.node}@127.0.0.1:{free}"

    def _command(self, main, *arguments):
        return [*_JAVA, *self._java, "-cp", kafka_jars.class_path(self.version), main, *arguments]

    def _format(self):
        """SCRAM users are in the metadata log, so they need the tool."""
        users = []
        for name, password in self.scram.items():
            for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-512"):
                users += ["--add-scram", f"{mechanism}=[name={name},password={password}]"]
        subprocess.run(self._command("kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c",
                                     str(self._folder / "server.properties"), *users),
                       check=True, stdout=subprocess.DEVNULL, timeout=START_S)

    def start(self):
        """Starts and waits until the broker answers."""
        self._launch()
        self._wait()

    def _launch(self):
        with open(self._folder / "log", "ab") as log:
            self._process = subprocess.Popen(
                self._command("kafka.Kafka", str(self._folder / "server.properties")),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self._folder,
                start_new_session=True)

    def _wait(self):
        deadline = time.monotonic() + START_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError("Kafka did not start:\n" + self.log()[-4000:])
            time.sleep(0.005)

    def _answers(self):
        try:
            return self.bootstrap in kafka_admin.brokers(self.bootstrap)
        except (OSError, kafka_admin.KafkaError):
            return False

    def log(self):
        return (self._folder / "log").read_text(errors="replace")

    def stop(self):
        self._end(signal.SIGTERM)

    def kill(self):
        self._end(signal.SIGKILL)

    def _end(self, how):
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(how)
            self._process.send_signal(signal.SIGCONT)  # a frozen one must be able to end
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(STOP_S)
        self._process = None

    def freeze(self):
        """The host stays reachable, the broker answers nothing."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self._process.send_signal(signal.SIGCONT)

    # ---- what is in it ----

    def create_topic(self, topic, partitions=1, config=None):
        kafka_admin.create_topic(self.bootstrap, topic, partitions, config)

    def delete_topic(self, topic):
        kafka_admin.delete_topic(self.bootstrap, topic)

    def add_partitions(self, topic, total):
        kafka_admin.add_partitions(self.bootstrap, topic, total)

    def delete_records(self, topic, partition, before):
        kafka_admin.delete_records(self.bootstrap, topic, partition, before)

    def fill(self, prefix, count):
        kafka_topics.fill(self.bootstrap, prefix, int(count))

    def produce(self, topic, records, partition=None, timeout_s=30):
        """Records are values, or (key, value) where either may be None, without tab and newline;
        acknowledged when this returns."""
        pairs = [record if isinstance(record, tuple) else (None, record) for record in records]
        lines = "".join(f"{key or ''}\t{value or ''}\n" for key, value in pairs)
        where = [] if partition is None else ["-p", str(partition)]
        subprocess.run(kcat_producing(self.bootstrap, topic, "-K", "\t", "-Z", *where),
                       input=lines.encode(), check=True, timeout=timeout_s)


def kcat_producing(bootstrap, topic, *options):
    """A kcat that sends the lines of its input, one batch after the other: where a topic just made
    refuses the first batch and takes the second, the first would come after it, or, of an idempotent
    producer, be counted as delivered and be gone."""
    return ["kcat", "-P", "-q", "-b", bootstrap, "-t", topic, "-X", "enable.idempotence=true",
            "-X", "max.in.flight=1", *options]


class KafkaPipe:
    """One kcat for as long as it is open: keyed messages; close() returns when all are acknowledged."""

    def __init__(self, kafka, topic):
        self._process = subprocess.Popen(
            kcat_producing(kafka.bootstrap, topic, "-K", "|", "-X", "linger.ms=5"),
            stdin=subprocess.PIPE, text=True, bufsize=1)

    def send(self, key, value):
        self._process.stdin.write(f"{key}|{value}\n")

    def close(self):
        self._process.stdin.close()
        self._process.wait(60)


# ---- command line ----

def _serve(broker):
    commands = {"stop": broker.stop, "kill": broker.kill, "start": broker.start,
                "freeze": broker.freeze, "thaw": broker.thaw, "fill": broker.fill}
    with broker:
        print(json.dumps(broker.described()), flush=True)
        for line in sys.stdin:
            try:
                name, *values = line.split()
                commands[name](*values)
                print(json.dumps(broker.described()), flush=True)
            except (KeyError, OSError, RuntimeError, AttributeError, kafka_admin.KafkaError) as error:
                print(json.dumps({"error": repr(error)}), flush=True)


def _keep(broker, path, parent):
    """The background half of `up`."""
    with broker:
        part = path.with_suffix(".part")
        part.write_text(json.dumps({**broker.described(), "keeper": os.getpid()}))
        part.rename(path)
        while path.exists() and _alive(parent):
            time.sleep(0.1)
        path.unlink(missing_ok=True)


def _alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def _up(arguments):
    prepare(arguments.version)
    path = pathlib.Path(arguments.file)
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    options = sys.argv[sys.argv.index(arguments.file) + 1:]
    with open(path.with_suffix(".log"), "wb") as log:
        keeper = subprocess.Popen(
            [sys.executable, __file__, "keep", str(path), "--parent", str(os.getppid()), *options],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    deadline = time.monotonic() + START_S
    while not path.exists():
        if keeper.poll() is not None or time.monotonic() > deadline:
            keeper.terminate()
            sys.exit("kafka: did not start, see " + str(path.with_suffix(".log")))
        time.sleep(0.02)


def _down(path):
    if not path.exists():
        return
    keeper = json.loads(path.read_text())["keeper"]
    path.unlink()
    deadline = time.monotonic() + STOP_S
    while _alive(keeper) and time.monotonic() < deadline:
        time.sleep(0.05)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("prepare").add_argument("versions", nargs="*", default=[NEWEST])
    for name in ("serve", "up", "keep"):
        command = commands.add_parser(name)
        if name != "serve":
            command.add_argument("file")
        command.add_argument("--parent", type=int, default=os.getppid())
        command.add_argument("--version", default=NEWEST)
        command.add_argument("--secure", action="store_true")
        command.add_argument("--scram", action="append", default=[])
        command.add_argument("--many-topics", action="store_true")
    commands.add_parser("down").add_argument("file")
    arguments = parser.parse_args()
    # SIGTERM must unwind, so that the broker does not outlive us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if arguments.command == "prepare":
        for version in arguments.versions:
            prepare(version)
        return
    if arguments.command == "down":
        return _down(pathlib.Path(arguments.file))
    if arguments.command == "up":
        return _up(arguments)
    broker = KafkaBroker(arguments.version, arguments.secure,
                         dict(user.split("=", 1) for user in arguments.scram),
                         **(_MANY_TOPICS if arguments.many_topics else
                            {} if arguments.command == "serve" else _NEVER_KILLED))
    if arguments.command == "serve":
        return _serve(broker)
    return _keep(broker, pathlib.Path(arguments.file), arguments.parent)


if __name__ == "__main__":
    main()
