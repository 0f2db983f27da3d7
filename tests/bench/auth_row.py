"""The row of authentication: what a connect costs with a JWT by ES256, beside one without."""
import base64
import json
import pathlib
import socket
import subprocess
import tempfile
import time

from input_rows import cpu_s
from report import Line, medians, ratio_line
from servers import Sluice

RATE = 1_000  # connects a second
LIMIT = 2     # times the CPU of a connect without


def _base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def _raw(der):
    """OpenSSL's DER of an ECDSA signature as r and s side by side."""
    numbers, at = b"", 2
    for _ in range(2):
        length = der[at + 1]
        numbers += der[at + 2:at + 2 + length].lstrip(b"\0").rjust(32, b"\0")
        at += 2 + length
    return numbers


def _openssl(*arguments, text=b""):
    return subprocess.run(["openssl", *arguments], input=text, capture_output=True, check=True).stdout


def key_and_token():
    """A public key as PEM, and a token that it verifies."""
    with tempfile.TemporaryDirectory(prefix="sluice-bench-") as folder:
        key = pathlib.Path(folder) / "key.pem"
        key.write_bytes(_openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout"))
        claims = {"iss": "bench", "sub": "reader", "exp": int(time.time()) + 3600, "tenant": "acme"}
        signed = b".".join(_base64url(json.dumps(part).encode())
                           for part in ({"alg": "ES256", "typ": "JWT"}, claims))
        signature = _raw(_openssl("dgst", "-sha256", "-sign", str(key), text=signed))
        public = _openssl("pkey", "-in", str(key), "-pubout").decode()
        return public, (signed + b"." + _base64url(signature)).decode()


def connects(server, headers, seconds):
    """Opens streams at RATE, reads the first block of each and closes it."""
    url = server.address.removeprefix("http://")
    host, port = url.split(":")
    request = f"GET /events/tick HTTP/1.1\r\nHost: {url}\r\n{headers}\r\n".encode()
    before, started, late = cpu_s(server.pids[0]), time.monotonic(), 0
    count = RATE * seconds
    for n in range(count):
        wait = started + n / RATE - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        with socket.create_connection((host, int(port)), 10) as one:
            one.sendall(request)
            got = b""
            while b"sluice.open" not in got:
                piece = one.recv(65536)
                if not piece:
                    raise RuntimeError(f"refused: {got[:300]}")
                got += piece
    took = time.monotonic() - started
    if took > 1.1 * seconds:
        late = count / took
    return {"us_per_connect": (cpu_s(server.pids[0]) - before) * 1e6 / count, "rate": late or RATE}


def auth(plan):
    pem, token = key_and_token()
    rules = (f"\nauth: {{jwt: [{{issuer: bench, key: {json.dumps(pem)}}}]}}"
             '\nchannels: {"{any**}": {allow: claims.tenant == "acme"}}')
    mapping = '{from: "tick:{topic**}", channel: "{topic}"}'

    def run(more, headers):
        with Sluice(mapping=mapping + more) as server:
            return connects(server, headers, plan.seconds)
    results, notes = plan.interleaved({
        "sluice, open": lambda: run("", ""),
        "sluice": lambda: run(rules, f"Authorization: Bearer {token}\r\n")})
    slow = [name for name, runs in results.items() if any(run["rate"] < RATE for run in runs)]
    if slow:
        notes.append(f"the tester could not open {RATE} a second: {', '.join(slow)}")
    return [ratio_line("server CPU, us a connect", results, "us_per_connect", "sluice, open", LIMIT,
                       "{:.0f}"),
            Line("connects a second", medians(results, "rate", "{:.0f}"))], results, notes
