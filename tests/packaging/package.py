#!/usr/bin/env python3
"""What the Debian package holds, and that its unit keeps the service in its place."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
PACKAGING = TOP / "packaging"
BUILD = pathlib.Path(os.environ.get("SLUICE_BUILD", TOP / "build" / "release"))
EXPOSURE_MAX = 2.0


def run(*command, **options):
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                            timeout=100, **options)
    if result.returncode != 0:
        raise AssertionError(f"{command}: {result.stdout[-3000:]}{result.stderr[-3000:]}")
    return result.stdout + result.stderr


def make_package(folder):
    """The path of a fresh package in a folder."""
    run("cpack", "--config", BUILD / "CPackConfig.cmake", "-B", folder)
    return next(pathlib.Path(folder).glob("*.deb"))


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="sluice-test-package-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.package = make_package(cls.folder)
        cls.root = pathlib.Path(cls.folder) / "root"
        run("dpkg-deb", "-R", cls.package, cls.root)

    def test_holdsAllThatRuns(self):
        for name in ("usr/bin/sluice", "usr/lib/sluice/plugins/kafka.so",
                     "usr/lib/sluice/plugins/mqtt.so", "usr/lib/sluice/plugins/redis.so",
                     "usr/lib/sluice/plugins/zeromq.so", "usr/share/sluice/sluice.yaml",
                     "usr/include/sluice/plugin.h", "lib/systemd/system/sluice.service",
                     "usr/lib/sysusers.d/sluice.conf", "usr/lib/tmpfiles.d/sluice.conf",
                     "etc/logrotate.d/sluice", "etc/sluice/sluice.yaml",
                     "usr/share/doc/sluice/copyright", "usr/share/doc/sluice/docs/security.md"):
            self.assertTrue((self.root / name).is_file(), name)

    def test_dependsOnWhatItLinks(self):
        control = (self.root / "DEBIAN" / "control").read_text()
        depends = re.search(r"^Depends: (.*)$", control, re.M)[1]
        for library in ("libpoconet", "librdkafka1", "libssl3", "libyaml-0-2", "tzdata"):
            self.assertIn(library, depends)
        self.assertEqual((self.root / "DEBIAN" / "conffiles").read_text().split(),
                         ["/etc/sluice/sluice.yaml", "/etc/logrotate.d/sluice"])

    def test_itsProgramRunsItsConfiguration(self):
        out = run(self.root / "usr/bin/sluice", "check", self.root / "etc/sluice/sluice.yaml",
                  env={"PATH": os.environ["PATH"]})
        self.assertIn("no errors", out)

    def test_itsUserIsMadeByTheToolOfSystemd(self):
        """Where root.py boots, its log folder and logrotate's file are tried out as well."""
        root = pathlib.Path(self.folder) / "users"
        (root / "etc").mkdir(parents=True)
        run("systemd-sysusers", f"--root={root}", self.root / "usr/lib/sysusers.d/sluice.conf")
        name, _, user, group, _, home, shell = \
            (root / "etc/passwd").read_text().splitlines()[-1].split(":")
        self.assertEqual((name, home, shell), ("sluice", "/var/lib/sluice", "/usr/sbin/nologin"))
        self.assertTrue(0 < int(user) < 1000 and 0 < int(group) < 1000, "a user of the system")

    def test_itsScriptsAreShell(self):
        for name in ("postinst", "prerm", "postrm"):
            run("sh", "-n", self.root / "DEBIAN" / name)


class Unit(unittest.TestCase):
    def test_leavesTheBufferOfAJournal(self):
        """It is POSIX shared memory, which RemoveIPC would take away at a kill."""
        self.assertIn("\nRemoveIPC=no\n", (PACKAGING / "sluice.service").read_text())

    def test_isExposedLittle(self):
        out = run("systemd-analyze", "security", "--offline=true", "--no-pager",
                  f"--threshold={int(EXPOSURE_MAX * 10)}", PACKAGING / "sluice.service")
        exposure = float(re.search(r"Overall exposure level for sluice.service: ([0-9.]+)", out)[1])
        print(f"exposure {exposure}", flush=True)
        self.assertLessEqual(exposure, EXPOSURE_MAX)

    def test_hasOnlyKeysThatSystemdKnows(self):
        with tempfile.TemporaryDirectory() as folder:
            # What it starts is not installed here.
            text = (PACKAGING / "sluice.service").read_text().replace("/usr/bin/sluice",
                                                                      shutil.which("true"))
            copy = pathlib.Path(folder) / "sluice.service"
            copy.write_text(text)
            out = subprocess.run(["systemd-analyze", "verify", "--man=no", str(copy)],
                                 capture_output=True, text=True, timeout=60).stderr
        mine = [line for line in out.splitlines() if "sluice.service" in line]
        self.assertEqual(mine, [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
