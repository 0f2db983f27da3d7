"""Numbered messages at a steady rate, for a crowd to audit."""
import random
import threading
import time


class Traffic:
    """Sends number after number of sequences chosen by the seed, by a thread. `sent` has how many of
    each; everything is with the brokers when it has ended."""

    def __init__(self, sequences, per_second, seed, send, close):
        """send(sequence, number) and close() are called by the thread."""
        self.sent = [0] * sequences
        self._per_second, self._chance = per_second, random.Random(seed)
        self._send, self._close = send, close
        self._stop, self._failure = threading.Event(), None
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join(120)
        if self._failure:
            raise self._failure

    def _run(self):
        try:
            started, count = time.monotonic(), 0
            while not self._stop.wait(0.05):
                due = (time.monotonic() - started) * self._per_second
                # What a stopped machine did not send is not caught up all at once.
                for _ in range(min(int(due - count), self._per_second)):
                    sequence = self._chance.randrange(len(self.sent))
                    self._send(sequence, self.sent[sequence])
                    self.sent[sequence] += 1
                count = max(count, int(due))
            self._close()
        except Exception as error:  # told by the thread that ends it
            self._failure = error
