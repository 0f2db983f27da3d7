"""What the tests of this folder share: their imports, and a case that fails readably."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from sluice import PATIENCE, PROGRAM, TICKER, TOP, Sluice, ask, wait_until  # noqa: E402,F401
from sse import ForgetfulReader, Reader, Response, Stream, violations  # noqa: E402,F401

# Only published events: what they carry is the test's.
PUBLISH = """
    publish: {key: test-key}
    delivery: {retry: 10ms}
"""


class SystemTest(unittest.TestCase):
    longMessage = True

    def assert_clean(self, stream, comments_allowed=False):
        """What came are whole blocks as promised, and every block is one chunk."""
        body = stream.response.body
        self.assertEqual(violations(body, comments_allowed), [])
        if stream.response.chunks:
            blocks = [block + b"\n\n" for block in body[:-2].split(b"\n\n")]
            self.assertEqual(stream.response.chunks, blocks, "a block is not one chunk")

    def assert_numbers(self, events, first, last):
        """Every number from first to last - 1 once, in order, and no others."""
        got = [int(event.data) for event in events]
        if got != list(range(first, last)):
            self.fail(f"expected {first} .. {last - 1}; {_difference(got, first, last)}")


def _difference(got, first, last):
    wanted = set(range(first, last))
    doubled = sorted({n for n in got if got.count(n) > 1}) if len(got) < 10_000 else "?"
    return (f"missing {sorted(wanted - set(got))[:10]}, doubled {doubled}, "
            f"strange {sorted(set(got) - wanted)[:10]}, in order: {got == sorted(got)}")


def main():
    unittest.main(verbosity=2)
