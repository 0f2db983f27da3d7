"""Certificates for a broker that is reached as localhost and 127.0.0.1, and for one client."""
import subprocess

_DAYS = "30"


def _openssl(folder, *arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, timeout=30,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _key(name):
    return ["-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-subj"]


def _sign(folder, name, *extensions):
    _openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
             "-CAcreateserial", "-out", f"{name}.pem", "-days", _DAYS, *extensions)


def make_certificates(folder):
    """Writes ca.pem, other-ca.pem (signed nothing), broker-keystore.pem, client.pem, client.key."""
    for name in ("ca", "other-ca"):
        _openssl(folder, "req", "-x509", *_key(name), f"/CN=test-{name}", "-out", f"{name}.pem",
                 "-days", _DAYS, "-addext", "basicConstraints=critical,CA:true")
    (folder / "san").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    for name in ("broker", "client"):
        _openssl(folder, "req", *_key(name), f"/CN={name}", "-out", f"{name}.csr")
    _sign(folder, "broker", "-extfile", "san")
    _sign(folder, "client")
    # Kafka wants the key first.
    (folder / "broker-keystore.pem").write_text(
        (folder / "broker.key").read_text() + (folder / "broker.pem").read_text())
