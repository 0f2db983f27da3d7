"""Reading event streams from raw sockets, with readers that share no code with Sluice.

The standard's reader (HTML, section 9.2.6), one that forgets ids of blocks without data (Firefox
and several libraries do), and a checker of what Sluice promises beyond the standard: LF only, `id:`
last in its block, every block one chunk.
"""
import os
import re
import socket
import time

from secret_watch import search

PATIENCE = float(os.environ.get("SLUICE_PATIENCE", "1"))


class Event:
    """A block as a client gets it."""

    def __init__(self, type_, data, last_id):
        self.type, self.data, self.last_id = type_, data, last_id

    @property
    def is_control(self):
        return self.type.startswith("sluice.")

    def __repr__(self):
        return f"Event({self.type!r}, {self.data!r}, {self.last_id!r})"


class Reader:
    """The standard's reader. Feed it bytes in any pieces."""

    forgets_ids_without_data = False

    def __init__(self):
        self.events, self.last_id, self.retry_ms, self.comments = [], "", None, []
        self._rest, self._data, self._type, self._id = b"", [], "", ""

    def feed(self, data):
        # A CR at the end may be half of a CRLF: it waits.
        lines = re.split(rb"\r\n|\n|\r(?!$)", self._rest + data)
        self._rest = lines.pop()
        for line in lines:
            self._line(line.decode())

    def _line(self, line):
        if not line:
            return self._dispatch()
        if line.startswith(":"):
            return self.comments.append(line[1:])
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._type = value
        elif name == "id" and "\0" not in value:
            self._id = value
        elif name == "retry" and value.isdigit():
            self.retry_ms = int(value)
        return None

    def _dispatch(self):
        if self._data or not self.forgets_ids_without_data:
            self.last_id = self._id
        else:
            self._id = self.last_id
        if self._data:
            self.events.append(Event(self._type or "message", "\n".join(self._data), self.last_id))
        self._data, self._type = [], ""

    @property
    def user_events(self):
        return [event for event in self.events if not event.is_control]

    def controls(self, name):
        return [event for event in self.events if event.type == f"sluice.{name}"]


class ForgetfulReader(Reader):
    forgets_ids_without_data = True


def violations(body, comments_allowed=False):
    """What in these whole blocks breaks Sluice's own promises; a list of texts."""
    found = []
    if body.startswith(b"\xef\xbb\xbf") or b"\r" in body or b"\0" in body:
        found.append("a BOM, a CR or a NUL")
    if not body.endswith(b"\n\n"):
        return found + [f"the end is no blank line: {body[-60:]!r}"]
    for block in body[:-2].split(b"\n\n"):
        lines = block.decode().split("\n")
        names = [line.partition(":")[0] for line in lines]
        if comments_allowed and "" in names and set(names) <= {"", "retry"}:
            continue
        if not set(names) <= {"event", "data", "id", "retry"}:
            found.append(f"unknown fields: {block!r}")
        if names.count("id") != 1 or names[-1] != "id":
            found.append(f"`id:` is not the last field: {block!r}")
        if "data" not in names:
            found.append(f"a block with an id and no data: {block!r}")
    return found


class Response:
    """An HTTP/1.x response that comes in pieces. body: what came of it; chunks: its parts as
    they were framed, the last one perhaps unfinished."""

    def __init__(self):
        self.status, self.headers, self.body, self.chunks = None, {}, b"", []
        self.head_bytes, self.is_complete = 0, False
        self._rest, self._left = b"", None

    def feed(self, data):
        """Returns what it adds to the body."""
        self._rest += data
        if self.status is None and not self._read_head():
            return b""
        before = len(self.body)
        if "chunked" in self.headers.get("transfer-encoding", ""):
            self._read_chunks()
        else:
            self.body, self._rest = self.body + self._rest, b""
            if "content-length" in self.headers:
                self.is_complete = len(self.body) >= int(self.headers["content-length"])
        return self.body[before:]

    def _read_head(self):
        head, end, rest = self._rest.partition(b"\r\n\r\n")
        if not end:
            return False
        first, *fields = head.decode("latin-1").split("\r\n")
        self.status = int(first.split()[1])
        for field in fields:
            name, _, value = field.partition(":")
            self.headers[name.lower()] = value.strip()
        self.head_bytes, self._rest = len(head) + 4, rest
        return True

    def _read_chunks(self):
        """Hands on what came of a chunk at once, as browsers do."""
        while not self.is_complete:
            if self._left is None:
                size, end, rest = self._rest.partition(b"\r\n")
                if not end:
                    return
                self._rest, self._left = rest, int(size, 16)
                self.chunks.append(b"")
            part = self._rest[:self._left]
            self.chunks[-1] += part
            self.body += part
            self._rest, self._left = self._rest[len(part):], self._left - len(part)
            if self._left or len(self._rest) < 2:
                return
            if self._rest[:2] != b"\r\n":
                raise AssertionError(f"a chunk does not end in CRLF: {self._rest[:20]!r}")
            self._rest, self._left = self._rest[2:], None
            if not self.chunks[-1]:
                self.chunks.pop()
                self.is_complete = True


class Stream:
    """One GET over a raw socket. Everything that came is kept: wire bytes, body, events."""

    def __init__(self, address, target, last_event_id=None, reader=None, version="1.1",
                 headers=(), receive_buffer=None, tls=None):
        """tls: an ssl.SSLContext; None is a plain connection."""
        self.response, self.reader = Response(), reader or Reader()
        self.wire_bytes, self.is_at_end = 0, False
        self._socket, self._tls = socket.socket(), tls
        try:
            self._ask(address, target, last_event_id, version, headers, receive_buffer)
        except OSError:
            self.close()
            raise

    def _ask(self, address, target, last_event_id, version, headers, receive_buffer):
        if receive_buffer:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self._socket.settimeout(20 * PATIENCE)
        self._socket.connect(address)
        if self._tls:
            self._socket = self._tls.wrap_socket(self._socket, server_hostname="localhost")
        lines = [f"GET {target} HTTP/{version}", f"Host: {address[0]}:{address[1]}",
                 "Accept: text/event-stream", *headers]
        if last_event_id:
            lines.append(f"Last-Event-ID: {last_event_id}")
        self._socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def set_receive_buffer(self, size):
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)

    def _receive(self, count):
        try:
            data = self._socket.recv(count)
        except ConnectionResetError:
            data = b""
        self.is_at_end = not data
        self.wire_bytes += len(data)
        self.reader.feed(self.response.feed(data))

    def read_until(self, condition, seconds=10, piece=65536):
        """Reads until condition(reader) is true or the stream ended; which of the two is told.
        piece: most bytes at a time."""
        deadline = time.monotonic() + seconds * PATIENCE
        while not condition(self.reader):
            if self.is_at_end:
                return False
            left = deadline - time.monotonic()
            if left <= 0:
                raise AssertionError(f"not within {seconds * PATIENCE:g} s; came: "
                                     f"{self.response.status} {self.reader.events[-5:]}")
            self._socket.settimeout(left)
            try:
                self._receive(piece)
            except TimeoutError:
                pass
        return True

    def read_events(self, count, seconds=10):
        """The first `count` events of users, once they are there."""
        self.read_until(lambda reader: len(reader.user_events) >= count, seconds)
        return self.reader.user_events[:count]

    def read_to_end(self, seconds=10):
        self.read_until(lambda _: False, seconds)

    def read_for(self, seconds):
        """Whatever comes within so long (not stretched)."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0 and not self.is_at_end:
            self._socket.settimeout(left)
            try:
                self._receive(65536)
            except TimeoutError:
                return

    def read_wire(self, count):
        """Reads until exactly so many bytes came over the wire; false at an earlier end."""
        self._socket.settimeout(10 * PATIENCE)
        while self.wire_bytes < count and not self.is_at_end:
            self._receive(count - self.wire_bytes)
        return self.wire_bytes == count

    @property
    def last_id(self):
        return self.reader.last_id

    def close(self):
        self._socket.close()
        search(self.response.body, "a stream")
