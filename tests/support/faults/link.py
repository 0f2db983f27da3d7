"""A network between two programs that fails as networks do: slow, silent, gone, or full of cuts."""
import contextlib
import ctypes
import socket
import struct
import threading
import time

from tcp_proxy import TcpProxy

_SO_ATTACH_FILTER, _SO_DETACH_FILTER = 26, 27
_TAKE_NOTHING = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0))  # BPF: return 0


def go_dark(one):
    """The kernel drops every segment that comes for this socket, unacknowledged and unanswered: to
    its peer the host is gone without a FIN. A listening socket no longer answers at all."""
    one.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER,
                   struct.pack("HxxxxxxP", 1, ctypes.addressof(_TAKE_NOTHING)))


def come_back(one):
    """The peer's segments arrive again as it repeats them."""
    one.setsockopt(socket.SOL_SOCKET, _SO_DETACH_FILTER, struct.pack("i", 0))


class Link(TcpProxy):
    """`port`, `host`: where it listens, port 0 for any. Methods may be called at any time."""

    def __init__(self, target, port=0, host="127.0.0.1"):
        super().__init__(target, port, host)
        self._delay_s, self._is_dark = 0.0, False
        self._passes = threading.Event()
        self._passes.set()

    def __exit__(self, *_):
        self._passes.set()
        super().__exit__()

    def delay(self, seconds):
        """Every piece, both ways, comes so much later."""
        self._delay_s = seconds

    def stall(self):
        """Half open: connections stay and are taken, both ends are acknowledged what they send,
        and nothing arrives."""
        self._passes.clear()

    def cut(self):
        """The cable is out: nothing is acknowledged, no connection is taken or refused."""
        self._is_dark = True
        go_dark(self._listener)
        self._for_all(go_dark)

    def drop(self):
        """All connections end by RST, new ones are refused."""
        self.refuse()
        self.reset_all()

    def heal(self):
        """As it was. What was held back arrives."""
        self._delay_s, was_dark, self._is_dark = 0.0, self._is_dark, False
        self._passes.set()
        if was_dark:
            come_back(self._listener)
            self._for_all(come_back)
        if self._listener.fileno() < 0:
            self.listen()

    def flap(self, times, every_s):
        """Connections are cut again and again."""
        for _ in range(times):
            self.reset_all()
            time.sleep(every_s)

    def _for_all(self, change):
        with self._lock:
            for one in self._open:
                with contextlib.suppress(OSError):
                    change(one)

    def _began(self, client, server):
        if self._is_dark:
            go_dark(client)
            go_dark(server)

    def _copy(self, source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                time.sleep(self._delay_s)
                self._passes.wait()
                sink.sendall(data)
