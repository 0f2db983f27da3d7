"""What a Sluice of tests/support/sluice.py says of its inputs and of what is missing."""
import json

from sluice import wait_until


def state(node, index=0):
    """An input's state and code, such as running/running."""
    found = node.admin_get("/inputs").json()["inputs"][index]
    return f'{found["state"]}/{found["code"]}'


def wait_state(node, wanted, seconds=20, index=0):
    wait_until(lambda: state(node, index) == wanted, seconds, wanted)


def gaps(stream):
    """The reasons of all gaps told so far."""
    told = [json.loads(event.data) for event in stream.reader.controls("gap")]
    flat = [gap for one in told for gap in (one if isinstance(one, list) else [one])]
    return [gap["reason"] for gap in flat]
