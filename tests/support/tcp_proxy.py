"""A TCP proxy between a client and a server of a test. What it does to bytes is a subclass's."""
import contextlib
import socket
import struct
import threading


class TcpProxy:
    """Passes everything on both ways. `with`: it listens; at the end all connections are cut."""

    def __init__(self, target, port=0, host="127.0.0.1"):
        self._host = host
        self._target, self._lock = target, threading.Lock()
        self._open = set()  # guarded by _lock
        self._port, self._listener = port, None

    def __enter__(self):
        self.listen()
        return self

    def __exit__(self, *_):
        self.refuse()
        self.cut_all()

    @property
    def url(self):
        return "http://%s:%d" % self.address

    def listen(self):
        """Takes connections, at the same address as before."""
        self._listener = socket.create_server((self._host, self._port), backlog=64)
        self.address = self._listener.getsockname()
        self._port = self.address[1]
        self._acceptor = threading.Thread(target=self._accept, args=(self._listener,), daemon=True)
        self._acceptor.start()

    def refuse(self):
        """Takes no connection any more; those that are open stay."""
        self._hang_up(self._listener)
        self._listener.close()
        self._acceptor.join(5)

    def cut_all(self):
        """Ends all connections that are open."""
        with self._lock:
            for one in self._open:
                self._hang_up(one)

    def reset_all(self):
        """The same by RST, as a host does that forgot them."""
        with self._lock:
            for one in self._open:
                with contextlib.suppress(OSError):
                    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self._hang_up(one, socket.SHUT_RD)

    @staticmethod
    def _hang_up(one, how=socket.SHUT_RDWR):
        # Without shutdown first a close sends nothing while another thread reads.
        with contextlib.suppress(OSError):
            one.shutdown(how)

    def _accept(self, listener):
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with client, contextlib.suppress(OSError), \
                socket.create_connection(self._target, 10) as server:
            server.settimeout(None)
            with self._lock:
                self._open |= {client, server}
            self._began(client, server)
            up = threading.Thread(target=self._ask, args=(client, server), daemon=True)
            up.start()
            self._answer(server, client)
            self._hang_up(client, socket.SHUT_RD)
            self._hang_up(server, socket.SHUT_RD)
            up.join(5)
            with self._lock:
                self._open -= {client, server}

    def _began(self, client, server):
        """For a subclass; by the connection's thread, before a byte is passed."""

    def _ask(self, client, server):
        self._copy(client, server)
        self._hang_up(server, socket.SHUT_RD)  # its other thread ends, and then both are closed

    def _answer(self, server, client):
        self._copy(server, client)

    def _copy(self, source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
