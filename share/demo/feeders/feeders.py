#!/usr/bin/env python3
"""Feeds the brokers of the demo, for ever: orders to Kafka, temperatures to MQTT, prices to a Redis
Stream, flights to whoever connects to a ZeroMQ publisher. What cannot be sent waits and is sent
later, in order; only ZeroMQ keeps nothing.

    feeders.py [--kafka HOST:PORT] [--mqtt HOST:PORT] [--redis HOST:PORT] [--zeromq ENDPOINT]

Ends at SIGINT or SIGTERM, and when one of them cannot go on. Needs requirements.txt.
"""
import argparse
import itertools
import json
import logging
import random
import signal
import struct
import sys
import threading
import time

from stories import HOT, MORTAL, SENSORS, SENSORS_OF_RACK, Building, Market, Shop, flight, now_ms

log = logging.getLogger("feeders")
ended = threading.Event()
REGIONS = ("eu", "us", "asia")
ORDERS_PER_S, READINGS_PER_S, PRICES_PER_S, FLIGHTS_PER_S = 4, 36, 20, 8
MORTAL_LIVES_S, MORTAL_RESTS_S = 70, 25
STREAM_ENTRIES_MAX = 20_000
WAIT_S = 1


def paced(per_second):
    """Yields at that rate until the end; what is late is caught up."""
    for due in itertools.count(time.monotonic(), 1 / per_second):
        if ended.wait(max(0.0, due - time.monotonic())):
            return
        yield


def feed_kafka(address):
    from confluent_kafka import Producer
    # The idempotent producer keeps the order and sends nothing twice, however long Kafka is away. With
    # more than one batch on its way it may lose the first ones of a topic just made: their refusal
    # counts as delivery where a later one was taken.
    producer = Producer({"bootstrap.servers": address, "enable.idempotence": True,
                         "max.in.flight": 1, "message.timeout.ms": 0, "linger.ms": 0})
    make_topics(address, [f"orders.{region}" for region in REGIONS])
    shops = {region: Shop(region) for region in REGIONS}
    for _ in paced(ORDERS_PER_S):
        region = random.choice(REGIONS)
        key, order = shops[region].step()
        try:
            producer.produce(f"orders.{region}", key=key,
                             value=None if order is None else json.dumps(order))
        except BufferError:  # full: these orders are not made, so nothing is lost
            time.sleep(WAIT_S)
        producer.poll(0)
    producer.flush(WAIT_S)


def make_topics(address, names):
    """One partition each; returns when they are there."""
    from confluent_kafka import KafkaException
    from confluent_kafka.admin import AdminClient, NewTopic
    admin = AdminClient({"bootstrap.servers": address})
    while not ended.is_set():
        try:
            there = admin.list_topics(timeout=5).topics
            wanted = [NewTopic(name, 1, 1) for name in names if name not in there]
            for made in admin.create_topics(wanted).values() if wanted else ():
                made.result(10)
            return
        except KafkaException as error:
            log.info("kafka: %s", error.args[0])
            ended.wait(WAIT_S)


def mqtt_client(name, host, port, will=None):
    import paho.mqtt.client as paho
    client = paho.Client(paho.CallbackAPIVersion.VERSION2, client_id=name, protocol=paho.MQTTv311,
                         clean_session=will is not None)
    client.max_queued_messages_set(0)
    # At its limit paho 2.1 forgets one of QoS 2 in each window after a reconnect: no limit.
    client.max_inflight_messages_set(0)
    client.reconnect_delay_set(1, 2)
    if will:
        client.will_set(*will, qos=1, retain=True)
    while not ended.is_set():
        try:
            client.connect(host, port, keepalive=10)
            break
        except OSError as error:
            log.info("mqtt: %s", error)
            ended.wait(WAIT_S)
    client.loop_start()
    return client


def topic_of(sensor):
    return f"sensors/{sensor // SENSORS_OF_RACK}/{sensor}/temp"


def feed_mqtt(address):
    host, port = address.rsplit(":", 1)
    building = Building()
    mortal = threading.Thread(target=live_and_die, args=(host, int(port), building), daemon=True)
    mortal.start()
    client = mqtt_client("demo-building", host, int(port))
    n = now_ms()  # so that a feeder that is started again goes on upwards
    first = [sensor for sensor in range(SENSORS) if sensor != MORTAL]
    for _ in paced(READINGS_PER_S):
        sensor = first.pop() if first else random.choice((HOT, *range(SENSORS)))
        if sensor == MORTAL:
            continue
        n += 1
        client.publish(topic_of(sensor), json.dumps(
            {"n": n, "at": now_ms(), "sensor": f"s-{sensor}", "celsius": building.measure(sensor)}),
            qos=2, retain=True)
    client.disconnect()


def live_and_die(host, port, building):
    """A sensor with a connection of its own, which ends without a word from time to time: the
    broker publishes its last will. It does not number what it says."""
    name = f"s-{MORTAL}"
    while not ended.is_set():
        client = mqtt_client(f"demo-{name}", host, port,
                             (topic_of(MORTAL), json.dumps({"sensor": name, "online": False})))
        until = time.monotonic() + MORTAL_LIVES_S
        while time.monotonic() < until and not ended.wait(3):
            client.publish(topic_of(MORTAL), json.dumps(
                {"at": now_ms(), "sensor": name, "celsius": building.measure(MORTAL)}),
                qos=1, retain=True)
        client.loop_stop()
        if client.socket():
            client.socket().close()
        ended.wait(MORTAL_RESTS_S)


def feed_redis(address):
    import redis
    host, port = address.rsplit(":", 1)
    server = redis.Redis(host=host, port=int(port), socket_timeout=5, retry=None)
    market, n = Market(), now_ms()
    for _ in paced(PRICES_PER_S):
        symbol, price = market.trade()
        n += 1
        entry = {"n": n, "at": now_ms(), "symbol": symbol, "price": price}
        while not ended.is_set():
            try:
                # With an id of ours, so that what is sent again after a broken connection is refused.
                server.xadd("prices", entry, id=f"{n}-0", maxlen=STREAM_ENTRIES_MAX,
                            approximate=True)
                break
            except redis.ResponseError as error:
                if "equal or smaller" not in str(error):
                    log.info("redis: %s", error)
                break
            except redis.RedisError as error:
                log.info("redis: %s", error)
                ended.wait(WAIT_S)


def feed_zeromq(endpoint):
    import zmq
    socket = zmq.Context.instance().socket(zmq.PUB)
    socket.linger = 0
    socket.bind(endpoint)
    for n, _ in enumerate(paced(FLIGHTS_PER_S)):
        payload = {"n": n, "at": now_ms(), **flight()}
        # The second frame numbers the messages of the topic: who reads can tell what was lost.
        socket.send_multipart([b"flights", struct.pack("<Q", n), json.dumps(payload).encode()])
    socket.close()


def guarded(feed, address):
    try:
        feed(address)
    except Exception:  # noqa: BLE001  a thread's end must be the program's
        log.exception("%s", feed.__name__)
        ended.failed = True
    ended.set()


def main():
    feeds = {"kafka": feed_kafka, "mqtt": feed_mqtt, "redis": feed_redis, "zeromq": feed_zeromq}
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name in feeds:
        parser.add_argument(f"--{name}")
    arguments = vars(parser.parse_args())
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    threads = [threading.Thread(target=guarded, args=(feeds[name], address), daemon=True)
               for name, address in arguments.items() if address]
    if not threads:
        parser.error("nothing to feed")
    for thread in threads:
        thread.start()
    while not ended.wait(1):
        pass
    for thread in threads:
        thread.join(2)
    return 1 if getattr(ended, "failed", False) else 0


if __name__ == "__main__":
    sys.exit(main())
