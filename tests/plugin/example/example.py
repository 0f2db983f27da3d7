#!/usr/bin/env python3
"""example.py BUILD COMPILER: installs the build, copies plugins/example elsewhere, builds it there
against what is installed, and runs it in the installed programs."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

TOP = pathlib.Path(__file__).resolve().parents[3]
BUILD, COMPILER = pathlib.Path(sys.argv[1]), sys.argv[2]
LINES_MAX, LINES = 80, 1_000
STEP_S = 120

sys.path.insert(0, str(TOP / "tests" / "support"))


def run(*command, folder=None):
    """stdout and stderr; fails with both where the command fails."""
    done = subprocess.run([str(part) for part in command], cwd=folder, text=True, timeout=STEP_S,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}:\n{done.stdout}")
    return done.stdout


class Example(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(
            tempfile.TemporaryDirectory(prefix="sluice-example-")))
        cls.prefix, source = cls.folder / "prefix", cls.folder / "mine"
        os.environ["SLUICE_PROGRAM"] = str(cls.prefix / "bin" / "sluice")
        run("cmake", "--install", BUILD, "--prefix", cls.prefix)
        shutil.copytree(TOP / "plugins" / "example", source)
        cls.built = source / "build"
        run("cmake", "-B", cls.built, f"-DCMAKE_PREFIX_PATH={cls.prefix}",
            f"-DCMAKE_CXX_COMPILER={COMPILER}", "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON",
            folder=source)
        cls.output = run("cmake", "--build", cls.built)
        cls.lines = cls.folder / "lines"
        cls.lines.write_text("".join(f"line {n}\n" for n in range(LINES)))

    def test_isShort(self):
        text = (TOP / "plugins" / "example" / "Lines.cpp").read_text()
        self.assertLess(len(text.splitlines()), LINES_MAX)

    def test_isBuiltFromWhatIsInstalledAlone(self):
        self.assertTrue((self.built / "example.so").is_file(), self.output)
        self.assertNotIn("warning", self.output)
        command = json.loads((self.built / "compile_commands.json").read_text())[0]["command"]
        self.assertNotIn(str(TOP), command)
        headers = run(*command.split(" -o ")[0].split(), "-M", self.folder / "mine" / "Lines.cpp",
                      folder=self.built)
        self.assertIn(f"{self.prefix}/include/sluice/plugin.hpp", headers)
        self.assertNotIn(str(TOP), headers)

    def test_showsOneSymbol(self):
        table = run("nm", "--dynamic", "--defined-only", "--extern-only", "-C",
                    self.built / "example.so")
        ours = [line.split()[-1] for line in table.splitlines() if "std::" not in line]
        self.assertEqual([name for name in ours if "sluice" in name or "Lines" in name],
                         ["sluice_plugin"])

    def test_keepsToTheContract(self):
        told = run(self.prefix / "bin" / "sluice-conformance", self.built / "example.so",
                   "--topic", "recorded", f"/file={self.lines}")
        self.assertIn("after a restart it brings every message from its positions on", told)
        self.assertNotIn("FAILED", told)

    def test_isFoundAndListed(self):
        told = run(self.prefix / "bin" / "sluice", "plugins", "--plugins", self.built)
        self.assertIn("example", told)
        self.assertIn("ticker", told)  # of lib/sluice/plugins

    def test_bringsLinesToReadersAndGoesOnAfterTheLast(self):
        from sluice import Sluice  # here: now SLUICE_PROGRAM is set
        config = f"""
            inputs:
              log: {{plugin: example, file: {self.lines}}}
            mappings:
              - {{from: "log:log", channel: lines}}
        """
        with Sluice(config, ["--plugins", str(self.built)]) as node:
            with node.stream("/events/lines?from=earliest") as stream:
                events = stream.read_events(LINES, 20)
                self.assertEqual([event.data for event in events],
                                 [f"line {n}" for n in range(LINES)])
                with open(self.lines, "a", encoding="ascii") as file:
                    file.write("half a li")
                    file.flush()
                    file.write("ne\n")
                self.assertEqual(stream.read_events(LINES + 1)[-1].data, "half a line")
            # The same lines have the same positions in another run: ids go on meaning the same.
            node.restart()
            with node.stream("/events/lines", events[9].last_id) as stream:
                self.assertEqual([event.data for event in stream.read_events(3)],
                                 ["line 10", "line 11", "line 12"])
                self.assertEqual(stream.reader.controls("gap"), [])

    def test_saysWhatIsWrongInItsSettings(self):
        config = self.folder / "wrong.yaml"
        config.write_text("inputs:\n  log: {plugin: example, fil: x}\n"
                          "mappings:\n  - {from: \"log:log\", channel: lines}\n")
        done = subprocess.run([self.prefix / "bin" / "sluice", "check", str(config), "--plugins",
                               str(self.built)], capture_output=True, text=True, timeout=STEP_S)
        self.assertEqual(done.returncode, 2)
        self.assertIn("did you mean file?", done.stdout + done.stderr)


if __name__ == "__main__":
    del sys.argv[1:3]
    unittest.main()
