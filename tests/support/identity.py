"""Who is who, for tests: an issuer of JWTs that serves its keys, and an application with sessions."""
import http.server
import json
import threading
import time

import jwt
from cryptography.hazmat.primitives.asymmetric import ec


class _Server:
    """One HTTP server on a free port. Subclasses say what it answers."""

    def __init__(self):
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):  # noqa: N802
                status, body = outer.answer(self)
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # a client that gave up waiting
        self.port = self._server.server_address[1]
        self.asked = 0

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()


class Issuer(_Server):
    """Signs by ES256 and serves its public keys, the newest first."""

    def __init__(self, issuer="https://id.example", audience="sluice"):
        super().__init__()
        self.issuer, self.audience, self.is_dead = issuer, audience, False
        self._keys = []
        self.rotate()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/jwks.json"

    def rotate(self):
        self._keys.insert(0, (f"key-{len(self._keys)}", ec.generate_private_key(ec.SECP256R1())))
        del self._keys[2:]

    def answer(self, _request):
        self.asked += 1
        if self.is_dead:
            return 500, b"no"
        keys = [{**json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key.public_key())), "kid": kid}
                for kid, key in self._keys]
        return 200, json.dumps({"keys": keys}).encode()

    def token(self, lifetime_s=600, headers=None, **claims):
        now = int(time.time())
        kid, key = self._keys[0]
        merged = {"iss": self.issuer, "aud": self.audience, "iat": now, "exp": now + lifetime_s,
                  **claims}
        return jwt.encode({name: value for name, value in merged.items() if value is not None},
                          key, "ES256", {"kid": kid, **(headers or {})})


class Application(_Server):
    """Knows its users by the cookie `user=NAME`. `hold` keeps every answer back until it is set."""

    def __init__(self):
        super().__init__()
        self.claims, self.status, self.requests = {}, None, []
        self.hold = threading.Event()
        self.hold.set()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/whoami"

    def answer(self, request):
        self.asked += 1
        self.requests.append(dict(request.headers))
        self.hold.wait(30)
        user = request.headers.get("Cookie", "").removeprefix("user=")
        if self.status:
            return self.status, b"{}"
        if user not in self.claims:
            return 401, b""
        return 200, json.dumps({"sub": user, **self.claims[user]}).encode()
