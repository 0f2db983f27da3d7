"""Many topics with one record each, in seconds: the protocol's own requests, a thousand topics at a
time, where a client library asks for the metadata of every topic by itself.

Formats: "The Messages" and "Record Batch" in Kafka's protocol guide.
"""
import struct
import time

import kafka_admin

_PRODUCE, _PRODUCE_VERSION, _CREATE_TOPICS, _CREATE_VERSION = 0, 3, 19, 2
_AT_ONCE = 500
_LEADER_S = 60.0
# The broker knows the topic, and has not made its partition yet.
_NOT_YET = {3, 5, 6}
_POLYNOMIAL = 0x82F63B78  # of CRC-32C, reflected


def _crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (_POLYNOMIAL if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def _zigzag(value):
    """A varint of one byte: REQUIRES -64 <= value < 64."""
    return struct.pack("B", (value << 1 ^ value >> 63) & 0x7F)


def _batch(value):
    """A record batch (magic 2) of one record without key."""
    record = b"\0" + _zigzag(0) + _zigzag(0) + _zigzag(-1) + _zigzag(len(value)) + value
    record += _zigzag(0)
    now_ms = int(time.time() * 1000)
    rest = struct.pack(">hiqqqhii", 0, 0, now_ms, now_ms, -1, -1, -1, 1)
    rest += _zigzag(len(record)) + record
    tail = struct.pack(">ibI", -1, 2, _crc32c(rest)) + rest
    return struct.pack(">qi", 0, len(tail)) + tail


def _create(bootstrap, topics):
    body = struct.pack(">i", len(topics))
    body += b"".join(kafka_admin.string(topic) + struct.pack(">ihii", 1, 1, 0, 0)
                     for topic in topics)
    body += struct.pack(">i?", int(kafka_admin.TIMEOUT_S * 1000), False)
    kafka_admin.check(kafka_admin.call(bootstrap, _CREATE_TOPICS, _CREATE_VERSION, body))


def _produce(bootstrap, topics, batch):
    """Topics whose partition was not there yet."""
    body = struct.pack(">hhii", -1, 1, int(kafka_admin.TIMEOUT_S * 1000), len(topics))
    part = struct.pack(">iii", 1, 0, len(batch)) + batch
    body += b"".join(kafka_admin.string(topic) + part for topic in topics)
    reader = kafka_admin.call(bootstrap, _PRODUCE, _PRODUCE_VERSION, body)
    again = []
    for _ in range(reader.take("i")):
        topic = reader.string()
        reader.take("i")  # one partition
        reader.take("i")
        code = reader.take("h")
        reader.take("q")
        reader.take("q")
        if code in _NOT_YET:
            again.append(topic)
        elif code != 0:
            raise kafka_admin.KafkaError(code, topic)
    return again


def fill(bootstrap, prefix, count):
    """Makes the topics prefix0 and so on, each with one record of the value x."""
    topics = [f"{prefix}{i}" for i in range(count)]
    batch = _batch(b"x")
    for begin in range(0, count, _AT_ONCE):
        wanted = topics[begin:begin + _AT_ONCE]
        _create(bootstrap, wanted)
        deadline = time.monotonic() + _LEADER_S
        while wanted := _produce(bootstrap, wanted, batch):
            if time.monotonic() > deadline:
                raise TimeoutError(f"no leader of {wanted[0]}")
            time.sleep(0.05)
