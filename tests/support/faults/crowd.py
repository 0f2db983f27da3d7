"""Thousands of readers in one thread: each comes back with its last id and counts what it gets."""
import errno
import re
import resource
import select
import socket
import struct
import time
from typing import NamedTuple

from sluice import PATIENCE

_CONNECTS_PER_TURN = 256
_RST = struct.pack("ii", 1, 0)


def allow_files(count):
    """Raises our limit, which programs that we start inherit; false where the hard one is lower."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count:
        return False
    resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))
    return True


class Farewell(NamedTuple):
    """How a stream ended: the type of its last block, and when to come back."""
    type: bytes
    retry_ms: int


class Member:
    """One reader. Lines that end in CR are the head and the framing of chunks."""

    __slots__ = ("socket", "rest", "last_id", "type", "data", "id", "next", "lost", "doubled",
                 "gaps", "retry_ms", "due", "ended", "opened", "asked", "ends", "last_type",
                 "farewell")

    def __init__(self):
        self.socket, self.rest, self.last_id = None, b"", b""
        self.type = self.data = self.id = self.last_type = b""
        self.farewell = None
        self.next = self.lost = self.doubled = self.gaps = self.ends = 0
        self.retry_ms, self.due, self.ended = None, 0.0, 0.0
        self.opened = self.asked = False

    def feed(self, data):
        lines = (self.rest + data).split(b"\n")
        self.rest = lines.pop()
        for line in lines:
            if not line:
                self._dispatch()
            elif line.startswith(b"data: "):
                self.data = line[6:]
            elif line.startswith(b"id: "):
                self.id = line[4:]
            elif line.startswith(b"event: "):
                self.type = line[7:]
            elif line.startswith(b"retry: "):
                self.retry_ms = int(line[7:])

    def _dispatch(self):
        self.last_id, self.last_type = self.id, self.type
        if self.type == b"sluice.open":
            self.opened = True
        elif self.type == b"sluice.gap":
            self.gaps += 1
        elif self.data and not self.type.startswith(b"sluice."):
            number = int(re.search(rb"\d+", self.data)[0])
            if number < self.next:
                self.doubled += 1
            else:
                self.lost += number - self.next
                self.next = number + 1
        self.type = self.data = b""


class Crowd:
    """`address`: a function, asked at each connect. A reader that was cut comes back at once, or,
    `patient`, after the `retry` that it was told. Not thread-safe."""

    def __init__(self, address, target, count, patient=False):
        self._address, self._target, self._patient = address, target, patient
        self.members = [Member() for _ in range(count)]
        self._epoll, self._by_fd = select.epoll(), {}
        self._away = list(self.members)  # to be connected when they are due

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for member in self.members:
            if member.socket:
                self._close(member)
        self._epoll.close()

    def run(self, until, seconds=30, what="the crowd"):
        """Reads until the condition holds; looks at it every 20 ms."""
        deadline, look = time.monotonic() + seconds * PATIENCE, 0.0
        while True:
            now = time.monotonic()
            if now >= look:
                if until():
                    return
                look = now + 0.02
            if now > deadline:
                raise AssertionError(f"{what}: not within {seconds * PATIENCE:g} s; "
                                     f"{self.described()}")
            self._connect_due(now)
            for fd, _ in self._epoll.poll(0.01, 512):
                if fd in self._by_fd:
                    self._receive(self._by_fd[fd])

    def all_open(self):
        return all(member.opened for member in self.members)

    def all_have(self, beyond):
        """Every number below it."""
        return all(member.next >= beyond for member in self.members)

    def reset(self):
        """All at once, by RST."""
        for member in self.members:
            if member.socket:
                self._end(member)

    def described(self):
        return {"open": sum(member.opened for member in self.members),
                "lost": sum(member.lost for member in self.members),
                "doubled": sum(member.doubled for member in self.members),
                "gaps": sum(member.gaps for member in self.members),
                "least": min(member.next for member in self.members)}

    def check(self):
        """Fails unless every reader has every number so far once."""
        wrong = {name: count for name, count in self.described().items()
                 if name in ("lost", "doubled", "gaps") and count}
        if wrong:
            raise AssertionError(f"of {len(self.members)} readers: {wrong}")

    # ---- sockets ----

    def _connect_due(self, now):
        # A few at a time: a connection that asks nothing for a second may be closed, and each of
        # our readers would ask at once if it were a program of its own.
        waiting, address, left = [], self._address(), _CONNECTS_PER_TURN
        for member in self._away:
            if left == 0 or member.due > now or not self._connect(member, address):
                waiting.append(member)
            else:
                left -= 1
        self._away = waiting

    def _connect(self, member, address):
        one = socket.socket()
        one.setblocking(False)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RST)  # no port stays in TIME_WAIT
        state = one.connect_ex(address)
        if state not in (0, errno.EINPROGRESS):
            one.close()
            return False
        member.socket, member.rest, member.asked = one, b"", False
        self._by_fd[one.fileno()] = member
        self._epoll.register(one.fileno(), select.EPOLLOUT)
        return True

    def _receive(self, member):
        try:
            if not member.asked:
                self._ask(member)
            elif data := member.socket.recv(65536):
                member.feed(data)
            else:
                self._end(member)
        except BlockingIOError:
            pass
        except OSError:
            self._end(member)

    def _ask(self, member):
        lines = [f"GET {self._target} HTTP/1.1", "Host: crowd", "Accept: text/event-stream"]
        if member.last_id:
            lines.append(f"Last-Event-ID: {member.last_id.decode()}")
        member.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        member.asked = True
        self._epoll.modify(member.socket.fileno(), select.EPOLLIN)

    def _end(self, member):
        self._close(member)
        member.ended, member.opened = time.monotonic(), False
        member.ends += 1
        member.farewell = Farewell(member.last_type, member.retry_ms)
        wait = (member.retry_ms or 0) / 1000 if self._patient else 0
        member.due = member.ended + max(wait, 0.01)
        self._away.append(member)

    def _close(self, member):
        del self._by_fd[member.socket.fileno()]
        member.socket.close()  # which takes it out of epoll
        member.socket = None
