"""A TCP proxy that cuts streams: clients that reconnect by themselves are tested through it."""
import contextlib
import socket
import threading


class CuttingProxy:
    """Stream number i (from 0) is cut when budget(i) bytes behind its head came, chunk framing
    counted; None: never. Other answers pass. `streams` and `cuts` count."""

    def __init__(self, target, budget):
        self._target, self._budget = target, budget
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.address = self._listener.getsockname()
        self.url = "http://%s:%d" % self.address
        self.streams = self.cuts = 0
        self._lock, self._open = threading.Lock(), set()

    def __enter__(self):
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()
        return self

    def __exit__(self, *_):
        self._hang_up(self._listener)
        self._listener.close()
        self.cut_all()
        self._acceptor.join(5)

    def cut_all(self):
        """Now, whatever the budget."""
        with self._lock:
            for one in self._open:
                self._hang_up(one)

    @staticmethod
    def _hang_up(one):
        # Without shutdown first a close sends nothing while another thread reads.
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with client, contextlib.suppress(OSError), \
                socket.create_connection(self._target, 10) as server:
            server.settimeout(None)
            with self._lock:
                self._open |= {client, server}
            up = threading.Thread(target=self._copy, args=(client, server), daemon=True)
            up.start()
            self._answer(server, client)
            self._hang_up(client)
            self._hang_up(server)
            up.join(5)
            with self._lock:
                self._open -= {client, server}

    @staticmethod
    def _copy(source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)

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
