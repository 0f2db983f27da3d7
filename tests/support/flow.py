"""Numbers that flow into a broker while things break."""
import threading


class Flow(threading.Thread):
    """Sends 0, 1, 2 ... until it is stopped."""

    def __init__(self, sender, send, at_once, pause_s):
        """sender: a context manager, entered by the thread; send(SENDER, first, beyond) sends the
        numbers of a range and returns when the broker has them."""
        super().__init__()
        self._sender, self._send, self._at_once, self._pause_s = sender, send, at_once, pause_s
        self._ended, self.sent, self.failure = threading.Event(), 0, None

    def run(self):
        try:
            with self._sender as sender:
                while not self._ended.wait(self._pause_s):
                    self._send(sender, self.sent, self.sent + self._at_once)
                    self.sent += self._at_once
        except Exception as error:  # told by the test's thread
            self.failure = error

    def stop(self):
        """How many the broker has."""
        self._ended.set()
        self.join(60)
        if self.failure:
            raise self.failure
        return self.sent
