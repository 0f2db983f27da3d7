"""The rows of the table "Faults" in docs/reliability.md. A test declares the row that it proves:

    class Broker(FaultTest):
        @fault("Kafka: the only broker is killed and started again")
        def test_killed(self):
            ...
            self.tell(readers="every event once", books="balance", normal_s=1.9)

What it told is printed, and must stand in the table word for word but for the time. See table.py.
"""
import functools
import json
import os
import pathlib
import re

from system import SystemTest

DOCUMENT = pathlib.Path(__file__).resolve().parents[3] / "docs" / "reliability.md"
BEGIN, END = "<!-- faults: made by tests/support/faults/table.py -->", "<!-- end of faults -->"
HEAD = ["Fault", "What readers see", "What the books say", "Normal again"]

declared = []  # names, in the order of their definition


def fault(name):
    """The decorated test must tell exactly this row."""
    declared.append(name)

    def decorate(test):
        @functools.wraps(test)
        def run(self):
            self.fault, self.told = name, False
            test(self)
            self.assertTrue(self.told, "the test told no row")
        return run
    return decorate


def rows_of(text):
    """{name: cells} of the document's table."""
    if BEGIN not in text or END not in text:
        return {}
    lines = text.split(BEGIN)[1].split(END)[0].strip().splitlines()[2:]
    rows = [[cell.strip() for cell in line.strip().strip("|").split(" | ")] for line in lines]
    return {row[0]: row for row in rows}


class FaultTest(SystemTest):
    def tell(self, readers, books, normal_s):
        """normal_s: seconds from the end of the fault until events flow as before; None: they
        never ceased to."""
        self.told = True
        row = [self.fault, readers, books, "at once" if normal_s is None else f"{normal_s:.1f} s"]
        print("\nFAULT | " + " | ".join(row), flush=True)
        if folder := os.environ.get("SLUICE_FAULT_ROWS"):
            name = re.sub(r"\W+", "-", self.fault)
            pathlib.Path(folder, name + ".json").write_text(json.dumps(row))
            return
        documented = rows_of(DOCUMENT.read_text()).get(self.fault)
        self.assertIsNotNone(documented, "docs/reliability.md has no such row; see table.py")
        self.assertEqual(row[:3], documented[:3], "docs/reliability.md says something else")
