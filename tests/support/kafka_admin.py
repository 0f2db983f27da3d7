"""The requests of Kafka's protocol that tests need besides producing (kcat does that).

Old, fixed-layout versions that Kafka 3.9 and 4.4 both speak; see "The Messages" in Kafka's protocol
guide. One connection per call, PLAINTEXT listener, every wait bounded by TIMEOUT_S.
"""
import socket
import struct
import time

TIMEOUT_S = 10.0
_TOO_FEW_BROKERS = 38
_METADATA, _CREATE_TOPICS, _DELETE_TOPICS, _DELETE_RECORDS, _CREATE_PARTITIONS = 3, 19, 20, 21, 37


class KafkaError(Exception):
    def __init__(self, code, text):
        super().__init__(f"{text} (Kafka error {code})")
        self.code = code


class _Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, form):
        values = struct.unpack_from(">" + form, self.data, self.at)
        self.at += struct.calcsize(">" + form)
        return values[0]

    def string(self):
        length = self.take("h")
        if length < 0:
            return None
        self.at += length
        return self.data[self.at - length:self.at].decode()


def string(text):
    data = text.encode()
    return struct.pack(">h", len(data)) + data


def _read_exactly(connection, count):
    data = b""
    while len(data) < count:
        part = connection.recv(count - len(data))
        if not part:
            raise ConnectionError("the broker closed the connection")
        data += part
    return data


def call(bootstrap, api, version, body):
    host, port = bootstrap.rsplit(":", 1)
    head = struct.pack(">hhi", api, version, 1) + string("sluice-test")
    with socket.create_connection((host, int(port)), timeout=TIMEOUT_S) as connection:
        connection.sendall(struct.pack(">i", len(head + body)) + head + body)
        size, = struct.unpack(">i", _read_exactly(connection, 4))
        return _Reader(_read_exactly(connection, size)[4:])


def check(reader, has_message=True):
    """Reads throttle time and [name, error, message] and raises the first error."""
    reader.take("i")
    for _ in range(reader.take("i")):
        name, code = reader.string(), reader.take("h")
        message = reader.string() if has_message else None
        if code != 0:
            raise KafkaError(code, f"{name}: {message or 'refused'}")


def brokers(bootstrap):
    """Addresses of the brokers that are registered."""
    reader = call(bootstrap, _METADATA, 4, struct.pack(">i?", 0, False))
    reader.take("i")
    found = []
    for _ in range(reader.take("i")):
        reader.take("i")
        host, port = reader.string(), reader.take("i")
        reader.string()
        found.append(f"{host}:{port}")
    return found


def leader(bootstrap, topic, partition=0):
    """The id of the broker that leads it; None while there is none."""
    body = struct.pack(">i", 1) + string(topic) + struct.pack(">?", False)
    reader = call(bootstrap, _METADATA, 4, body)
    reader.take("i")
    for _ in range(reader.take("i")):  # brokers
        reader.take("i"), reader.string(), reader.take("i"), reader.string()
    reader.string(), reader.take("i"), reader.take("i")  # cluster, controller, one topic
    reader.take("h"), reader.string(), reader.take("?")
    for _ in range(reader.take("i")):
        reader.take("h")
        index, leads = reader.take("i"), reader.take("i")
        if index == partition:
            return leads if leads >= 0 else None
        for _ in range(2):  # replicas, those in sync
            reader.at += 4 * reader.take("i")
    return None


def create_topic(bootstrap, topic, partitions=1, config=None, replicas=1):
    settings = b"".join(string(k) + string(v) for k, v in (config or {}).items())
    body = struct.pack(">i", 1) + string(topic) + struct.pack(">ihi", partitions, replicas, 0)
    body += struct.pack(">i", len(config or {})) + settings
    body += struct.pack(">i?", int(TIMEOUT_S * 1000), False)
    deadline = time.monotonic() + TIMEOUT_S
    while True:
        try:
            return check(call(bootstrap, _CREATE_TOPICS, 2, body))
        except KafkaError as error:  # one that was just frozen is fenced for a moment
            if error.code != _TOO_FEW_BROKERS or time.monotonic() > deadline:
                raise
        time.sleep(0.1)


def delete_topic(bootstrap, topic):
    body = struct.pack(">i", 1) + string(topic) + struct.pack(">i", int(TIMEOUT_S * 1000))
    check(call(bootstrap, _DELETE_TOPICS, 1, body), has_message=False)


def add_partitions(bootstrap, topic, total):
    body = struct.pack(">i", 1) + string(topic) + struct.pack(">ii", total, -1)
    body += struct.pack(">i?", int(TIMEOUT_S * 1000), False)
    check(call(bootstrap, _CREATE_PARTITIONS, 0, body))


def delete_records(bootstrap, topic, partition, before):
    """Removes the records of a partition with offsets below `before`."""
    body = struct.pack(">i", 1) + string(topic) + struct.pack(">iiq", 1, partition, before)
    body += struct.pack(">i", int(TIMEOUT_S * 1000))
    reader = call(bootstrap, _DELETE_RECORDS, 0, body)
    reader.take("i"), reader.take("i"), reader.string(), reader.take("i"), reader.take("i")
    reader.take("q")
    code = reader.take("h")
    if code != 0:
        raise KafkaError(code, f"{topic}/{partition}: refused")
