"""Certificates for a server that is reached as localhost and 127.0.0.1, and for one client.

On the command line: certificates.py FOLDER
"""
import pathlib
import subprocess
import sys

_DAYS = "30"
KEY_PASSWORD = "key-secret"


def _openssl(folder, *arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, timeout=30,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _key(name):
    return ["-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-subj"]


def _sign(folder, name, *extensions):
    _openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
             "-CAcreateserial", "-out", f"{name}.pem", "-days", _DAYS, *extensions)


def make_certificates(folder):
    """Writes, each as NAME.pem and NAME.key:
    ca and other-ca, which signed nothing; broker; elsewhere, a server of another name; client,
    whose key lies in client-locked.key too, under KEY_PASSWORD; and broker-keystore.pem."""
    for name in ("ca", "other-ca"):
        _openssl(folder, "req", "-x509", *_key(name), f"/CN=test-{name}", "-out", f"{name}.pem",
                 "-days", _DAYS, "-addext", "basicConstraints=critical,CA:true")
    (folder / "broker.san").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    (folder / "elsewhere.san").write_text("subjectAltName=DNS:elsewhere.example\n")
    for name in ("broker", "elsewhere", "client"):
        _openssl(folder, "req", *_key(name), f"/CN={name}", "-out", f"{name}.csr")
    for name in ("broker", "elsewhere"):
        _sign(folder, name, "-extfile", f"{name}.san")
    _sign(folder, "client")
    _openssl(folder, "pkcs8", "-topk8", "-in", "client.key", "-out", "client-locked.key",
             "-passout", f"pass:{KEY_PASSWORD}")
    # Kafka wants the key first.
    (folder / "broker-keystore.pem").write_text(
        (folder / "broker.key").read_text() + (folder / "broker.pem").read_text())


def sign_client(folder, name, attributes, ca="ca", names=(), days=30):
    """Writes NAME.pem and NAME.key of a client. attributes: pairs such as ("CN", "wall"); names:
    of x509.GeneralName; days: less than 0 for one that has ended."""
    import datetime
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    oids = {"CN": x509.NameOID.COMMON_NAME, "O": x509.NameOID.ORGANIZATION_NAME,
            "OU": x509.NameOID.ORGANIZATIONAL_UNIT_NAME}
    authority = x509.load_pem_x509_certificate((folder / f"{ca}.pem").read_bytes())
    signer = serialization.load_pem_private_key((folder / f"{ca}.key").read_bytes(), None)
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.timezone.utc)
    subject = x509.Name([x509.NameAttribute(oids[kind], value) for kind, value in attributes])
    builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(authority.subject)
               .public_key(key.public_key()).serial_number(x509.random_serial_number())
               .not_valid_before(now - datetime.timedelta(days=10))
               .not_valid_after(now + datetime.timedelta(days=days)))
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    (folder / f"{name}.pem").write_bytes(
        builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    (folder / f"{name}.key").write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption()))


if __name__ == "__main__":
    make_certificates(pathlib.Path(sys.argv[1]))
