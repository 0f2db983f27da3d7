"""A reader that goes from node to node with its last id."""
import random
import threading
import time

from sse import Stream


class Wanderer(threading.Thread):
    """Reads `target` at one of the nodes after the other, some of them dead for a while, until it has
    `wanted` events."""

    def __init__(self, nodes, target, seed):
        super().__init__(daemon=True)  # a failed test ends although it still reads
        self._nodes, self._target = nodes, target
        self._chance = random.Random(seed)
        self.events, self.gaps, self.last_id, self.moves = [], [], None, 0
        self.stop, self.wanted, self.failure = threading.Event(), None, None

    def run(self):
        try:
            while not (self.stop.is_set() or self.is_done()):
                self._visit(self._chance.choice(self._nodes).address)
        except Exception as error:  # told by the test's thread
            self.failure = error

    def is_done(self):
        return self.wanted is not None and len(self.events) >= self.wanted

    def _visit(self, address):
        stays = time.monotonic() + self._chance.choice((0.02, 0.2, 1.5))
        try:
            stream = Stream(address, self._target, self.last_id)
        except ConnectionError:  # just killed
            time.sleep(0.02)
            return
        with stream:
            while time.monotonic() < stays and not stream.is_at_end:
                if self.is_done() or self.stop.is_set():
                    break
                stream.read_for(0.05)
                self._take(stream)
        self.moves += 1

    def _take(self, stream):
        self.events += stream.reader.user_events
        self.gaps += stream.reader.controls("gap")
        self.last_id = stream.last_id or self.last_id
        stream.reader.events.clear()
