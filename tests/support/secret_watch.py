"""Every log and every answer of a Sluice that the tests run is searched for what its settings keep
secret: the whole suite is the test.

    with watching(secrets_of(config, environment, files)) as secrets:
        search(answer, "GET /inputs")      # fails if one of any watched node is in it
"""
import contextlib
import re

import yaml

# Shorter ones are words that occur anyway.
LENGTH_MIN = 8
_SECRET = re.compile(r"(password|secret|token|read_key|operator_key|secret_key|key_password)$")
_LOGIN = re.compile(r"://[^@/\s:]*:([^@\s]+)@")
_watched = []  # a set of secrets for each node that runs


def secrets_of(config, environment, files):
    """The values of secret keys of a YAML text, where they stand in the file, in a variable or in a
    file beside it, and the passwords in its URLs. A text that is no YAML has none: it is not
    run."""
    try:
        settings = yaml.safe_load(config)
    except yaml.YAMLError:
        return set()
    found = {_value(text, environment, files) for text in _texts(settings, False)}
    return {text for text in found if len(text) >= LENGTH_MIN}


def _texts(node, is_secret, in_publish=False):
    if isinstance(node, dict):
        for name, value in node.items():
            is_key = in_publish and name == "key"
            yield from _texts(value, is_key or bool(_SECRET.search(str(name))),
                              in_publish or name == "publish")
    elif isinstance(node, list):
        for value in node:
            yield from _texts(value, is_secret, in_publish)
    elif isinstance(node, str):
        yield from [node] if is_secret else _LOGIN.findall(node)


def _value(text, environment, files):
    """Of a text that is one reference what it stands for; "" if nobody gives that here."""
    if reference := re.fullmatch(r"\$\{(file:)?([^}:]+)(:-[^}]*)?\}", text):
        return (files if reference[1] else environment).get(reference[2], "").strip()
    return text if "${" not in text else ""


@contextlib.contextmanager
def watching(secrets):
    _watched.append(secrets)
    try:
        yield secrets
    finally:
        _watched.remove(secrets)


def search(text, where):
    """Raises AssertionError where a secret of a node that runs is shown. text: str or bytes."""
    if isinstance(text, str):
        text = text.encode(errors="replace")
    for secret in set().union(*_watched):
        if secret.encode() in text:
            raise AssertionError(f"{where} shows the secret {secret!r}:\n{text[:2000]!r}")
