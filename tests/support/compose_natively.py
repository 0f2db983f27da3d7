#!/usr/bin/env python3
"""Runs what docker-compose.yml runs, without containers: the same commands, configuration files, names
and ports; the programs are the machine's own. Prints as JSON which services are healthy by the file's
own checks, which types of events a stream of Sluice had, and what Prometheus knows of it.

    unshare -rmn compose_natively.py

The network must be empty: it is this script's alone. Kafka's health check is a script of its image, so
its answer to a client stands for it; the promtool of Debian 12 has no health check yet, so the page that
it asks stands for it. Grafana is not run: what its dashboard asks is asked of Prometheus.
"""
import contextlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import compose_metrics  # noqa: E402
import kafka_admin  # noqa: E402
import kafka_jars  # noqa: E402
from kafka import CLUSTER_ID, NEWEST  # noqa: E402
from sse import Stream  # noqa: E402

TOP = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("SLUICE_PROGRAM", str(TOP / "build" / "release" / "sluice"))
PATIENCE = float(os.environ.get("SLUICE_PATIENCE", "1"))
SERVICES = yaml.safe_load((TOP / "docker-compose.yml").read_text())["services"]
COMPOSE = TOP / "share" / "demo" / "compose"
TYPES = {"order", "reading", "price", "flight"}
WAIT_S = 90


def make_network(folder):
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    hosts = folder / "hosts"
    hosts.write_text("127.0.0.1 localhost " + " ".join(SERVICES) + "\n")
    subprocess.run(["mount", "--bind", str(hosts), "/etc/hosts"], check=True)


@contextlib.contextmanager
def process(name, command, folder, environment=None):
    log = open(folder / f"{name}.log", "wb")
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder,
                             env={**os.environ, **(environment or {})})
    try:
        yield child
    except BaseException:
        print(f"---- {name}, {child.poll()}:\n", (folder / f"{name}.log").read_text()[-1500:])
        raise
    finally:
        child.kill()
        child.wait()
        log.close()


def with_folder(path, place, folder):
    """A copy of a configuration whose data lie in a folder of ours."""
    text = path.read_text()
    assert place in text, path
    copy = folder / path.name
    data = folder / path.stem
    data.mkdir()
    copy.write_text(text.replace(place, str(data)))
    return copy, data


def kafka_command(folder):
    properties, data = with_folder(COMPOSE / "kafka.properties", "/var/lib/kafka/data", folder)
    (data / "meta.properties").write_text(f"version=1\ncluster.id={CLUSTER_ID}\nnode.id=1\n")
    return ["java", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp",
            kafka_jars.class_path(NEWEST), "kafka.Kafka", str(properties)]


def mosquitto_command(folder):
    config, _ = with_folder(COMPOSE / "mosquitto.conf", "/mosquitto/data/", folder)
    config.write_text(config.read_text() + "user root\n")  # of this namespace
    return ["/usr/sbin/mosquitto", "-c", str(config)]


def redis_command(folder):
    data = folder / "redis"
    data.mkdir()
    return [str(data) if word == "/data" else word for word in SERVICES["redis"]["command"]]


def until(what, condition):
    deadline = time.monotonic() + WAIT_S * PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"not within {WAIT_S * PATIENCE:g} s: {what}")
        time.sleep(0.1)


def kafka_answers():
    try:
        return "kafka:19092" in kafka_admin.brokers("127.0.0.1:19092")
    except (OSError, kafka_admin.KafkaError):
        return False


def is_healthy(name):
    """By the check of the file."""
    _, *words = SERVICES[name]["healthcheck"]["test"]
    words = [word.replace("$$", "$") for word in words]
    words[0] = {"sluice": PROGRAM, "python3": sys.executable}.get(words[0], words[0])
    return subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          timeout=60).returncode == 0


def types_of_a_stream():
    target = "/events?channels=orders/{region},building,prices,flights"
    with Stream(("127.0.0.1", 8080), target) as stream:
        def types():
            return {event.type for event in stream.reader.user_events} & TYPES
        stream.read_until(lambda _: types() == TYPES, WAIT_S)
        return types()


def run(stack, folder):
    def start(name, command, environment=None):
        stack.enter_context(process(name, command, folder, environment))

    start("kafka", kafka_command(folder))
    start("mosquitto", mosquitto_command(folder))
    start("redis", redis_command(folder))
    until("Kafka", kafka_answers)
    healthy = []
    for name in ("mosquitto", "redis"):
        until(name, lambda name=name: is_healthy(name))
        healthy.append(name)
    start("feeders", [sys.executable, str(TOP / "share/demo/feeders/feeders.py"),
                      *SERVICES["feeders"]["command"]])
    sluice = SERVICES["sluice"]
    command = [word.replace("/etc/sluice/demo/", f"{TOP}/share/demo/") for word in sluice["command"]]
    start("sluice", [PROGRAM, *command],
          {**sluice["environment"], "DEMO_PAGE": str(TOP / "share/demo/page")})
    for name in ("feeders", "sluice"):
        until(name, lambda name=name: is_healthy(name))
        healthy.append(name)
    types = sorted(types_of_a_stream())
    start("prometheus", compose_metrics.command(SERVICES["prometheus"], folder))
    until("prometheus", compose_metrics.is_healthy)
    return {"healthy": [*healthy, "prometheus"], "types": types,
            "metrics": compose_metrics.report(folder, PATIENCE)}


def main():
    with tempfile.TemporaryDirectory(prefix="sluice-compose-") as name, \
            contextlib.ExitStack() as stack:
        folder = pathlib.Path(name)
        make_network(folder)
        report = run(stack, folder)
    print(json.dumps(report))


if __name__ == "__main__":
    main()
