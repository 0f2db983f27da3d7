"""A TCP proxy that cuts streams: clients that reconnect by themselves are tested through it."""
import contextlib

from tcp_proxy import TcpProxy


class CuttingProxy(TcpProxy):
    """Stream number i (from 0) is cut when budget(i) bytes behind its head came, chunk framing
    counted; None: never. Other answers pass. `streams` and `cuts` count."""

    def __init__(self, target, budget):
        super().__init__(target)
        self._budget, self.streams, self.cuts = budget, 0, 0

    def _answer(self, server, client):
        head, end, rest = b"", b"", b""
        with contextlib.suppress(OSError):
            while not end:
                if not (data := server.recv(65536)):
                    return
                head, end, rest = (head + data).partition(b"\r\n\r\n")
            client.sendall(head + end)
            budget = self._budget_of(head)
            while budget is None or len(rest) < budget:
                client.sendall(rest)
                budget = None if budget is None else budget - len(rest)
                if not (rest := server.recv(65536)):
                    return
            client.sendall(rest[:budget])
            with self._lock:
                self.cuts += 1

    def _budget_of(self, head):
        if b"text/event-stream" not in head:
            return None
        with self._lock:
            number, self.streams = self.streams, self.streams + 1
        return self._budget(number)
