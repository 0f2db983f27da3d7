"""A real Mosquitto for tests, and a client of it that shares no code with Sluice.

    with Mosquitto() as broker, Publisher(broker) as publisher:
        publisher.publish("sensors/a", "1")
"""
import threading

import paho.mqtt.client as paho
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from child import PATIENCE, Child, free_port

_WAIT_S = 20
# As root it would become the user mosquitto, who may not write into our folder. The most in flight
# that is a bound: beyond it 2.0 drops, and without one it sends messages of QoS 2 twice after a restart.
_CONFIG = """user root
log_dest stderr
max_queued_messages 0
max_inflight_messages 65534
listener {port} 127.0.0.1
allow_anonymous true
{more}
"""


class Mosquitto(Child):
    """Keeps its port over stop() and start(), and its sessions if they are persistent."""

    def __init__(self, persistent=False):
        self.mqtt_port = free_port()
        more = "persistence true\nautosave_interval 1\nautosave_on_changes true"
        config = _CONFIG.format(port=self.mqtt_port, more=more if persistent else "")
        super().__init__(["/usr/sbin/mosquitto", "-c", "mosquitto.conf"],
                         {"mosquitto.conf": config}, self.mqtt_port)

    @property
    def address(self):
        return f"127.0.0.1:{self.mqtt_port}"


class Publisher:
    """One MQTT 5 client."""

    def __init__(self, broker, client_id="test-publisher"):
        self._client = paho.Client(paho.CallbackAPIVersion.VERSION2, client_id=client_id,
                                   protocol=paho.MQTTv5)
        self._port = broker.mqtt_port

    def __enter__(self):
        connected = threading.Event()
        self._client.on_connect = lambda *_: connected.set()
        self._client.connect("127.0.0.1", self._port)
        self._client.loop_start()
        if not connected.wait(_WAIT_S * PATIENCE):
            raise AssertionError("the broker does not take the test's client")
        return self

    def __exit__(self, *_):
        self._client.disconnect()
        self._client.loop_stop()

    def publish(self, topic, payload, qos=1, retain=False, user=()):
        """Returns when the broker has it. user: user properties, as pairs."""
        properties = Properties(PacketTypes.PUBLISH)
        if user:
            properties.UserProperty = list(user)
        sent = self._client.publish(topic, payload, qos, retain, properties)
        sent.wait_for_publish(_WAIT_S * PATIENCE)

    def publish_numbers(self, topic, first, last, qos=1):
        """Payloads first .. last - 1; returns when the broker has them all."""
        sent = [self._client.publish(topic, str(n), qos) for n in range(first, last)]
        for one in sent:
            one.wait_for_publish(_WAIT_S * PATIENCE)
