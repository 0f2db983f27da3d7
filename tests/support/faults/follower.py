"""A reader of numbers that comes back by itself, and what it saw: events lost, doubled, told."""
import json
import threading
import time

from sluice import wait_until
from sse import Stream


class Follower(threading.Thread):
    """Reads `target` of a node from its beginning to its end, and again with the last id, until it
    is closed. Events carry 0, 1, 2 ...; `numbers` and `times` (monotonic) grow together."""

    def __init__(self, node, target, number=lambda event: int(event.data), last_id=None):
        """number: what an event carries; None for events that do not count."""
        super().__init__()
        self._node, self._target, self._number = node, target, number
        self._closed, self.failure, self.last_id = threading.Event(), None, last_id
        self.numbers, self.times, self.visits = [], [], 0
        self.gaps = []  # (how many numbers had come, reason)

    def __enter__(self):
        self.start()
        wait_until(lambda: self.last_id or self.failure, 20, "the first block")
        return self

    def __exit__(self, *_):
        self._closed.set()
        self.join(30)

    def run(self):
        try:
            while not self._closed.is_set():
                self._visit()
        except Exception as error:  # told by the test's thread
            self.failure = error

    def _visit(self):
        try:
            stream = Stream(self._node.address, self._target, self.last_id)
        except OSError:
            time.sleep(0.02)
            return
        self.visits += 1
        with stream:
            while not (stream.is_at_end or self._closed.is_set()):
                stream.read_for(0.01)
                self._take(stream)

    def _take(self, stream):
        for event in stream.reader.events:
            if event.type == "sluice.gap":
                told = json.loads(event.data)
                for gap in told if isinstance(told, list) else [told]:
                    self.gaps.append((len(self.numbers), gap["reason"]))
            elif not event.is_control and (number := self._number(event)) is not None:
                self.times.append(time.monotonic())
                self.numbers.append(number)
        stream.reader.events.clear()
        stream.response.body = b""
        self.last_id = stream.last_id or self.last_id

    # ---- the test's thread ----

    def wait_for(self, number, seconds=30):
        """Until an event with at least that number came; when that was (monotonic)."""
        def when():
            if self.failure:
                raise self.failure
            # From the end: numbers that come again are lower.
            for i in range(len(self.numbers) - 1, -1, -1):
                if self.numbers[i] < number:
                    return self.times[i + 1] if i + 1 < len(self.numbers) else None
            return self.times[0] if self.numbers else None
        return wait_until(when, seconds, f"event {number}")

    def longest_silence(self):
        return max((late - early for early, late in zip(self.times, self.times[1:])), default=0.0)


class Audit:
    """What of the numbers 0 .. sent - 1 (or from `first` on) a follower got. `untold`: missing, and
    no gap stands where they are missing. `doubled`: came again. `strange`: never sent, or later
    than a greater one without having come before."""

    def __init__(self, follower, sent, first=0):
        self.reasons = sorted({reason for _, reason in follower.gaps})
        places = {place for place, _ in follower.gaps}
        seen, greatest = set(), first - 1
        self.doubled, self.told, self.untold, self.strange = 0, [], [], []
        for place, number in enumerate([*follower.numbers, sent]):
            if number in seen:
                self.doubled += 1
                continue
            if number > greatest:
                missing = range(greatest + 1, number)
                (self.told if place in places else self.untold).extend(missing)
                greatest = number
            else:
                self.strange.append(number)
            seen.add(number)
        self.strange += [number for number in seen if not first <= number <= sent]

    def text(self, repeats=False):
        """For the table; fails where something is missing that nobody told, or came again where
        not `repeats` allows it."""
        if self.untold or self.strange or (self.doubled and not repeats):
            raise AssertionError(f"untold {self.untold[:10]} ({len(self.untold)} in all), strange "
                                 f"{self.strange[:10]}, doubled {self.doubled}, told "
                                 f"{self.told[:10]} {self.reasons}")
        told = " and ".join(f"`{reason}`" for reason in self.reasons)
        if self.told:
            text = f"what is gone is told as {told}; the rest "
        elif told:
            text = f"{told} is told, nothing is gone; every event "
        else:
            text = "every event "
        return text + ("at least once" if repeats else "once")
