#!/usr/bin/env python3
"""The table "Faults" of docs/reliability.md.

    table.py                  fails if the table lacks a row that a test declares, or has another
    table.py --write [AREA..] runs the tests (all, or those of 80-faults-kafka, ...) and writes the
                              rows that they tell into the table; the others stay as they are
"""
import argparse
import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[3]
sys.path[:0] = [str(TOP / "tests" / "support"), str(TOP / "tests" / "system")]

from faults import rows  # noqa: E402


def test_files():
    return sorted((TOP / "tests" / "system").glob("8?-faults-*.py"))


def declared():
    """Names of all rows, in the order of files and tests."""
    for path in test_files():
        spec = importlib.util.spec_from_file_location(path.stem.replace("-", "_"), path)
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
    return list(rows.declared)


def check():
    wanted, found = declared(), list(rows.rows_of(rows.DOCUMENT.read_text()))
    wrong = [f"the table lacks: {name}" for name in wanted if name not in found]
    wrong += [f"no test tells: {name}" for name in found if name not in wanted]
    wrong += [f"declared twice: {name}" for name in set(wanted) if wanted.count(name) > 1]
    if not wanted:
        wrong.append("no test declares a fault")
    if not wrong and wanted != found:
        wrong.append("the rows stand in another order than the tests")
    if wrong:
        sys.exit("docs/reliability.md: " + "; ".join(wrong) + " (table.py --write mends it)")
    print(f"{len(found)} faults, each told by a test")


def run_tests(areas, folder):
    """Whether all passed."""
    environment = {**os.environ, "SLUICE_FAULT_ROWS": folder}
    chosen = [path for path in test_files() if not areas or path.stem in areas]
    return all([subprocess.run([sys.executable, str(path), "-v"], env=environment).returncode == 0
                for path in chosen])


def write(areas):
    with tempfile.TemporaryDirectory() as folder:
        passed = run_tests(areas, folder)
        told = [json.loads(path.read_text()) for path in pathlib.Path(folder).glob("*.json")]
    text = rows.DOCUMENT.read_text()
    known = {**rows.rows_of(text), **{row[0]: row for row in told}}
    lines = [rows.HEAD, ["---"] * 4] + [known[name] for name in declared() if name in known]
    table = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    before, after = text.split(rows.BEGIN)[0], text.split(rows.END)[1]
    rows.DOCUMENT.write_text(f"{before}{rows.BEGIN}\n{table}\n{rows.END}{after}")
    if not passed:
        sys.exit("not all tests passed")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--write", action="store_true", help="run the tests, write their rows")
    parser.add_argument("areas", nargs="*", help="such as 80-faults-kafka; all by default")
    arguments = parser.parse_args()
    write(arguments.areas) if arguments.write else check()


if __name__ == "__main__":
    main()
