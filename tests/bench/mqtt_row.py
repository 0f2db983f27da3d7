"""The MQTT row: a session full of QoS 1 messages at a Mosquitto, read to its end by Sluice (one
channel, nobody subscribed) and by a bare paho client with the same callbacks."""
import contextlib
import sys

from input_rows import (interleaved, lines, mapping_of, read_by_loop, read_by_sluice, run_loop,
                        start_cost_s)
from servers import SERVER_CORE, TESTER_CORE, TOP, Sluice

sys.path.insert(0, str(TOP / "tests" / "support"))
from child import Child, free_port  # noqa: E402

LOOP, CLIENT, TOPIC, BYTES = "sluice_mqtt_loop", "bench", "bench", 200
# Neither the number in flight nor the queue shall be what is measured.
_CONFIG = """user root
log_dest none
max_queued_messages 0
max_inflight_messages 0
listener {port} 127.0.0.1
allow_anonymous true
"""


@contextlib.contextmanager
def _broker(messages):
    """The port of a broker where so many messages wait for the client CLIENT."""
    port = free_port()
    command = ["taskset", "-c", str(TESTER_CORE), "/usr/sbin/mosquitto", "-c", "mosquitto.conf"]
    with Child(command, {"mosquitto.conf": _CONFIG.format(port=port)}, port):
        run_loop(LOOP, TESTER_CORE, "subscribe", str(port), CLIENT, TOPIC)
        if messages:
            run_loop("mqtt_publisher", SERVER_CORE, "--port", str(port), "--topic", TOPIC,
                     "--bytes", str(BYTES), "--count", str(messages))
        yield port


def _sluice(port, variant):
    return Sluice(inputs=f'm: {{plugin: mqtt, broker: "127.0.0.1:{port}", client_id: {CLIENT}}}',
                  mapping=mapping_of(f"m:{TOPIC}", variant))


def _read_by_loop(messages):
    with _broker(messages) as port:
        return read_by_loop(LOOP, SERVER_CORE, messages, "consume", str(port), CLIENT, TOPIC,
                            str(messages))


def _read_by_sluice(messages, variant):
    with _broker(0) as port:
        before = start_cost_s(_sluice(port, variant))
    with _broker(messages) as port:
        return read_by_sluice(_sluice(port, variant), messages, before)


def mqtt(plan):
    messages = 300_000 if plan.repeats > 1 else 100_000
    results, notes = interleaved(plan, lambda: _read_by_loop(messages),
                                 lambda variant: _read_by_sluice(messages, variant))
    return lines(results), results, notes
