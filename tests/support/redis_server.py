"""A real Redis for tests, and a client of it that shares no code with Sluice.

    with Redis() as redis:
        redis("XADD", "orders", "*", "v", "1")
"""
import socket
import time

from child import PATIENCE, Child, free_port

_WAIT_S = 20


class RedisError(Exception):
    pass


class Redis(Child):
    """Keeps its port over stop() and start(), and its data if they are persistent."""

    def __init__(self, persistent=False, options=()):
        self.redis_port = free_port()
        keeps = ["yes", "--appendfsync", "always"] if persistent else ["no"]
        super().__init__(["redis-server", "--port", str(self.redis_port), "--bind", "127.0.0.1",
                          "--save", "", "--appendonly", *keeps, "--dir", ".", *options],
                         port=self.redis_port)
        self._socket = self._file = None

    def start(self):
        """Returns when its data are loaded."""
        super().start()
        deadline = time.monotonic() + _WAIT_S * PATIENCE
        while True:
            try:
                self("GET", "none")
                return
            except RedisError as error:
                if not str(error).startswith("LOADING"):  # it wants a password: it is there
                    return
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.005)

    @property
    def address(self):
        return f"127.0.0.1:{self.redis_port}"

    def __exit__(self, *_):
        self.close()
        super().__exit__(*_)

    def _end(self, how):
        self.close()
        return super()._end(how)

    def close(self):
        if self._socket:
            self._file.close()
            self._socket.close()
        self._socket = self._file = None

    def __call__(self, *words):
        """One command; bytes, int, list or None."""
        return self.all([words])[0]

    def all(self, commands):
        """Sends all, then reads all answers. An error raises."""
        if not self._socket:
            self._socket = socket.create_connection(("127.0.0.1", self.redis_port),
                                                    _WAIT_S * PATIENCE)
            self._file = self._socket.makefile("rb")
        self._socket.sendall(b"".join(_encoded(words) for words in commands))
        return [self._answer() for _ in commands]

    def _answer(self):
        line = self._file.readline()
        if not line:
            raise ConnectionError("the Redis closed the connection")
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            raise RedisError(rest.decode())
        if kind == b":":
            return int(rest)
        if kind == b"+":
            return rest
        count = int(rest)
        if count < 0:
            return None
        if kind == b"*":
            return [self._answer() for _ in range(count)]
        return self._file.read(count + 2)[:-2]


def _encoded(words):
    parts = [word if isinstance(word, bytes) else str(word).encode() for word in words]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%b\r\n" % (len(part), part)
                                              for part in parts)
