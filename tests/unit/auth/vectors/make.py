#!/usr/bin/env python3
"""Makes vectors.json of this folder's parent: JWTs by PyJWT and by jose, and what checks them.

    python3 -m venv v && v/bin/pip install PyJWT cryptography && npm install jose
    v/bin/python make.py > ../vectors.json

Run by hand, where node finds jose. The keys are made anew and thrown away.
"""
import base64
import hashlib
import hmac
import json
import pathlib
import subprocess
import tempfile

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa

HERE = pathlib.Path(__file__).resolve().parent
ISSUER, AUDIENCE, SECRET = "https://id.example", "sluice", "s" * 32 + "-and-64-bytes-are-what-HS512-asks-for"
EXP = 4102444800  # 2100
CLAIMS = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ann", "tenant": "acme", "iat": 1700000000,
          "nbf": 1700000000, "exp": EXP, "jti": "1"}

KEYS = {
    "rsa": rsa.generate_private_key(65537, 2048),
    "p256": ec.generate_private_key(ec.SECP256R1()),
    "p384": ec.generate_private_key(ec.SECP384R1()),
    "p521": ec.generate_private_key(ec.SECP521R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate(),
    "ed448": ed448.Ed448PrivateKey.generate(),
}
KEY_OF = {"ES256": "p256", "ES384": "p384", "ES512": "p521", "EdDSA": "ed25519",
          **{kind + bits: "rsa" for kind in ("RS", "PS") for bits in ("256", "384", "512")}}
SYMMETRIC = ("HS256", "HS384", "HS512")


def pem(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption()).decode()


def public_pem(key):
    return key.public_key().public_bytes(serialization.Encoding.PEM,
                                         serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def jwk(name, key):
    kind = {"r": jwt.algorithms.RSAAlgorithm, "p": jwt.algorithms.ECAlgorithm,
            "e": jwt.algorithms.OKPAlgorithm}[name[0]]
    members = json.loads(kind.to_jwk(key.public_key()))
    members.pop("key_ops", None)
    return {**members, "kid": name, "use": "sig"}


def sign(claims=None, alg="ES256", key=None, headers=None, **changes):
    merged = {**(claims or CLAIMS), **changes}
    merged = {name: value for name, value in merged.items() if value is not None}
    key = key or (SECRET if alg in SYMMETRIC else KEYS[KEY_OF[alg]])
    kid = {} if alg in SYMMETRIC else {"kid": KEY_OF[alg]}
    return jwt.encode(merged, key, alg, {**kid, **(headers or {})})


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def sign_text(header, payload):
    """Whatever the texts are, signed as HS256."""
    signed = base64url(header.encode()) + "." + base64url(payload.encode())
    mac = hmac.new(SECRET.encode(), signed.encode(), hashlib.sha256).digest()
    return signed + "." + base64url(mac)


def by_jose():
    work = {"claims": CLAIMS, "secret": SECRET, "keys": {
        alg: {"pem": pem(KEYS[name]), "kid": name} for alg, name in KEY_OF.items()}}
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(work, file)
        file.flush()
        made = subprocess.run(["node", str(HERE / "make.mjs"), file.name], check=True,
                              capture_output=True, text=True)
    return json.loads(made.stdout)


def refused():
    other = ec.generate_private_key(ec.SECP256R1())
    good = json.dumps(CLAIMS)
    hs = '{"alg":"HS256"}'
    yield "expired", "jwks", sign(exp=1700000000)
    yield "expired", "jwks", sign(alg="RS256", exp=0)
    yield "no-expiry", "jwks", sign(exp=None)
    yield "malformed", "secret", sign_text(hs, json.dumps({**CLAIMS, "exp": str(EXP)}))
    yield "malformed", "secret", sign_text(hs, json.dumps({**CLAIMS, "exp": -1}))
    yield "malformed", "secret", sign_text(hs, json.dumps({**CLAIMS, "exp": 1e300}))
    yield "malformed", "secret", sign_text(hs, json.dumps({**CLAIMS, "nbf": "soon"}))
    yield "malformed", "secret", sign_text(hs, json.dumps({**CLAIMS, "sub": 7}))
    yield "not-yet", "jwks", sign(nbf=EXP - 10)
    yield "audience", "jwks", sign(aud="others")
    yield "audience", "jwks", sign(aud=["others", "sluices"])
    yield "audience", "jwks", sign(aud=None)
    yield "unknown", "jwks", sign(iss="https://id.example/")
    yield "unknown", "jwks", sign(iss=None)
    yield "signature", "jwks", sign(key=other)
    yield "key", "jwks", sign(headers={"kid": "another"})
    yield "key", "jwks", sign(headers={"kid": "rsa"})
    yield "malformed", "secret", sign_text(hs, good[:-1] + ', "tenant": "globex"}')
    yield "malformed", "secret", sign_text('{"alg":"HS256","alg":"HS256"}', good)
    yield "malformed", "secret", sign_text('{"alg":"HS256","crit":["exp"],"exp":1}', good)
    yield "malformed", "secret", sign_text('{"alg":["HS256"]}', good)
    yield "malformed", "secret", sign_text('{"typ":"JWT"}', good)
    yield "malformed", "secret", sign_text('{"alg":"HS256","kid":7}', good)
    yield "malformed", "secret", sign_text('["HS256"]', good)
    yield "malformed", "secret", sign_text(hs, "[" + good + "]")
    yield "malformed", "secret", sign_text(hs, good + good)
    yield "algorithm", "secret", sign_text('{"alg":"hs256"}', good)
    yield "algorithm", "secret", sign_text('{"alg":"none"}', good)


def main():
    tokens = [{"by": "PyJWT", "alg": alg, "token": sign(alg=alg)} for alg in (*SYMMETRIC, *KEY_OF)]
    tokens.append({"by": "PyJWT", "alg": "EdDSA", "token": jwt.encode(
        CLAIMS, KEYS["ed448"], "EdDSA", {"kid": "ed448"})})
    tokens += [{"by": "jose", "alg": alg, "token": token} for alg, token in by_jose().items()]
    print(json.dumps({
        "issuer": ISSUER, "audience": AUDIENCE, "secret": SECRET,
        "jwks": json.dumps({"keys": [jwk(*one) for one in KEYS.items()]}),
        "pem": {name: public_pem(key) for name, key in KEYS.items()},
        "tokens": tokens,
        "refused": [{"reason": reason, "key": key, "token": token}
                    for reason, key, token in refused()],
    }, indent=1))


if __name__ == "__main__":
    main()
