#!/usr/bin/env python3
"""A journal: what plain inputs brought survives a kill -9, a full disk is told, and so is what a
machine that went down took with it."""
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import threading
import time

from system import Sluice, SystemTest, main, wait_until
from faults.follower import Audit, Follower
from flow import Flow
from mosquitto import Mosquitto, Publisher
from states import wait_state
import metrics

CONFIG = """
    inputs:
      plant: {plugin: mqtt, broker: "mqtt://%s", client_id: test-journal}
    mappings:
      - {from: "plant:numbers", channel: mqtt}
    channels:
      "{any**}": {history: {events: 1000000, bytes: 64MiB, journal: %s}}
    publish: {key: test-key}
    delivery: {retry: 10ms}
"""
PLAIN = """
    channels:
      "{any**}": {history: {events: 1000000, bytes: 64MiB, journal: %s}}
    journal: {fsync: %s, disk: 64MiB, buffer: 1MiB}
    publish: {key: test-key}
    delivery: {retry: 10ms}
"""


def epoch_and_seq(event_id):
    _, epoch, seq, *_ = event_id.split(".")
    return epoch, int(seq, 16)


def memory_of(folder):
    """The file of memory that outlives the process."""
    lock = os.stat(pathlib.Path(folder, "lock"))
    return pathlib.Path("/dev/shm", f"sluice-journal-{lock.st_dev}-{lock.st_ino}")


def forget_memory_of(folder):
    """A node that was killed leaves it for the next start, which does not come."""
    if pathlib.Path(folder, "lock").exists():
        memory_of(folder).unlink(missing_ok=True)


class Posting(threading.Thread):
    """Publishes 0, 1, 2 ... over HTTP, each once; `unsure` are those that were not answered."""

    def __init__(self, node):
        super().__init__()
        self._node, self._ended = node, threading.Event()
        self.sent, self.unsure = 0, set()

    def run(self):
        while not self._ended.wait(0.001):
            try:
                self._node.publish_numbers("http", self.sent, self.sent + 1)
            except Exception:  # the node is being killed, or not there yet
                self.unsure.add(self.sent)
                time.sleep(0.05)
            self.sent += 1

    def stop(self):
        self._ended.set()
        self.join(60)


class Journal(SystemTest):
    def setUp(self):
        self._folder = tempfile.TemporaryDirectory(prefix="sluice-journal-")
        self.addCleanup(self._folder.cleanup)
        self.folder = self._folder.name
        self.addCleanup(forget_memory_of, self.folder)

    def test_killsInTheFlowTakeNothing(self):
        ids = []

        def number(event):
            ids.append(event.last_id)
            return int(event.data)

        with Mosquitto() as broker, Sluice(CONFIG % (broker.address, self.folder)) as node:
            wait_state(node, "running/running")
            posting = Posting(node)
            flow = Flow(Publisher(broker, "test-flow"),
                        lambda publisher, first, beyond:
                        publisher.publish_numbers("numbers", first, beyond), at_once=10,
                        pause_s=0.01)
            with Follower(node, "/events/mqtt", number) as mqtt, \
                    Follower(node, "/events/http") as http:
                flow.start()
                posting.start()
                for _ in range(4):
                    mqtt.wait_for(mqtt.numbers[-1] + 200 if mqtt.numbers else 200)
                    node.restart(signal.SIGKILL)
                sent = flow.stop()
                posting.stop()
                node.publish_numbers("http", posting.sent, posting.sent + 1)
                mqtt.wait_for(sent - 1)
                http.wait_for(posting.sent)
            self.assertGreaterEqual(http.visits, 5)
            self.assertEqual(mqtt.gaps + http.gaps, [])
            # Over MQTT what was not acknowledged comes again; no event of ours does.
            Audit(mqtt, sent).text(repeats=True)
            epochs, seqs = zip(*map(epoch_and_seq, ids))
            self.assertEqual(len(set(epochs)), 1)
            self.assertEqual(list(seqs), sorted(set(seqs)))
            self.assertEqual(http.numbers, sorted(set(http.numbers)))
            missing = set(range(posting.sent + 1)) - set(http.numbers)
            self.assertLessEqual(missing, posting.unsure)

    def test_keysThatWereDeletedStaySoAfterAKill(self):
        config = PLAIN.replace("history:", "snapshot: latest-per-key, history:")
        with Sluice(config % (self.folder, "1s")) as node:
            node.publish([{"channel": "stock", "key": key, "data": key} for key in "xyz"])
            node.publish({"channel": "stock", "key": "y", "event": "delete", "data": None})
            node.restart(signal.SIGKILL)
            with node.stream("/events/stock?from=snapshot") as stream:
                stream.read_until(lambda reader: reader.controls("sync"))
                self.assertEqual([event.data for event in stream.reader.user_events], ["x", "z"])
                sync = json.loads(stream.reader.controls("sync")[0].data)
                self.assertEqual((sync["count"], sync["complete"]), (2, True))

    def test_whatADownMachineTookIsToldAsLost(self):
        with Sluice(PLAIN % (self.folder, "1min")) as node:
            node.publish_numbers("numbers", 0, 10)
            node.restart()
            with Follower(node, "/events/numbers") as follower:
                node.publish_numbers("numbers", 10, 20)
                follower.wait_for(19)
                node.kill()
                memory_of(self.folder).unlink()
                node.start()
                node.wait_for_log("told as lost")
                node.publish_numbers("numbers", 20, 30)
                follower.wait_for(29)
            self.assertEqual(follower.numbers, [*range(10, 30)])
            self.assertIn("lost", {reason for _, reason in follower.gaps})
            with node.stream("/events/numbers?from=earliest") as stream:
                self.assertEqual([int(event.data) for event in stream.read_events(20)],
                                 [*range(10), *range(20, 30)])

    def test_secondNodesAreRefused(self):
        with Sluice(PLAIN % (self.folder, "1s")):
            second = Sluice(PLAIN % (self.folder, "1s"))
            with self.assertRaisesRegex(AssertionError, "is in use by process"):
                with second:
                    pass

    def small_disk(self):
        """A journal's folder on a disk of 6 MiB."""
        mount = ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", self.folder]
        if subprocess.run(mount, stderr=subprocess.DEVNULL).returncode != 0:
            self.skipTest("nothing may be mounted here")
        self.addCleanup(subprocess.run, ["umount", self.folder], check=True)
        journal = self.folder + "/journal"
        self.addCleanup(forget_memory_of, journal)
        return journal

    def fill(self):
        """The file that leaves no room."""
        rest = os.statvfs(self.folder)
        filler = pathlib.Path(self.folder, "filler")
        filler.write_bytes(bytes(rest.f_bavail * rest.f_frsize))
        return filler

    def startsOnAFullDisk(self, how):
        with Sluice(PLAIN % (self.small_disk(), "0s")) as node:
            node.publish_numbers("numbers", 0, 3)
            with node.stream("/events/numbers?from=earliest&limit=3") as stream:
                stream.read_to_end()
                last_id = stream.last_id
            if how == signal.SIGTERM:
                self.assertEqual(node.stop(), 0)
            else:
                node.kill()
            filler = self.fill()
            node.start()
            node.wait_for_log("the node runs without it")
            node.publish_numbers("numbers", 3, 5)
            node.stop()
            filler.unlink()
            node.start()
            node.wait_for_log("the node ran without this journal")
            node.publish_numbers("numbers", 5, 6)
            with node.stream("/events/numbers", last_id) as stream:
                self.assertEqual([event.data for event in stream.read_events(1)], ["5"])
                reasons = [json.loads(gap.data)["reason"]
                           for gap in stream.reader.controls("gap")]
            self.assertIn("lost", reasons)
            with node.stream("/events/numbers?from=earliest") as stream:
                self.assertEqual([event.data for event in stream.read_events(4)],
                                 ["0", "1", "2", "5"])

    def test_aStartOnAFullDisk_afterAnEndInOrder(self):
        self.startsOnAFullDisk(signal.SIGTERM)

    def test_aStartOnAFullDisk_afterAKill(self):
        self.startsOnAFullDisk(signal.SIGKILL)

    def test_aFullDisk(self):
        journal, padding = self.small_disk(), "x" * 3000

        def publish(first, beyond):
            for n in range(first, beyond, 50):
                node.publish([{"channel": "numbers", "data": f"{m} {padding}"}
                              for m in range(n, min(n + 50, beyond))])

        def value(name, **labels):
            return metrics.read(node).value(f"sluice_journal_{name}", **labels)

        with Sluice(PLAIN % (journal, "0s")) as node, \
                Follower(node, "/events/numbers",
                         lambda event: int(event.data.split()[0])) as follower:
            publish(0, 50)
            wait_until(lambda: value("buffer_bytes") == 0, 10, "what is on disk")
            filler = self.fill()
            publish(50, 1000)
            wait_until(lambda: value("failing") == 1, 10, "a refusal")
            node.wait_for_log("cannot be written")
            ready = node.get("/readyz")
            self.assertEqual((ready.status, ready.text.split(":")[0]),
                             (200, "ready, but the journal cannot be written"))
            self.assertGreater(value("events_total", result="dropped"), 0)
            filler.unlink()
            wait_until(lambda: value("failing") == 0 and value("buffer_bytes") == 0, 20, "writing")
            time.sleep(1.5)  # the node looks once a second whether the journal may go on
            publish(1000, 1100)
            wait_until(lambda: value("buffer_bytes") == 0, 10, "what is on disk")
            follower.wait_for(1099)
            early = node.stream("/events/numbers?from=earliest&limit=10")
            with early:
                early.read_to_end()
            node.restart(signal.SIGKILL)
            publish(1100, 1110)
            follower.wait_for(1109)
            self.assertEqual(follower.numbers, [*range(1110)])
            self.assertEqual(follower.gaps, [], "who was there has all of it")
            with Follower(node, "/events/numbers", lambda event: int(event.data.split()[0]),
                          early.last_id) as late:
                late.wait_for(1109)
            self.assertIn("lost", {reason for _, reason in late.gaps})
            self.assertEqual(late.numbers, sorted(set(late.numbers)))
            self.assertEqual(late.numbers[0], 10)


if __name__ == "__main__":
    main()
