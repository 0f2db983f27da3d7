#!/usr/bin/env python3
"""Installs, starts and removes the Debian package in a root of its own, made by debootstrap from the
mirror that this machine uses. Takes minutes and wants root: `./dev package --try` runs it."""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from package import make_package, run  # noqa: E402

START_S = 60


def mirror():
    """The first that apt is configured with, and its suite."""
    lists = [pathlib.Path("/etc/apt/sources.list"),
             *pathlib.Path("/etc/apt/sources.list.d").glob("*")]
    for file in filter(pathlib.Path.is_file, lists):
        text = file.read_text()
        if found := re.search(r"^deb (?:\[[^\]]*\] )?(\S+) (\S+) ", text, re.M):
            return found.groups()
        uris, suites = (re.search(rf"^{key}: (\S+)", text, re.M) for key in ("URIs", "Suites"))
        if uris and suites:
            return uris[1], suites[1]
    raise AssertionError("apt has no mirror")


class Root(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="sluice-test-root-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.root = cls.folder / "root"
        url, suite = mirror()
        subprocess.run(["debootstrap", "--variant=minbase", suite, str(cls.root), url], check=True,
                       timeout=900, stdout=subprocess.DEVNULL)
        for name in ("etc/apt", "etc/resolv.conf"):  # how this machine reaches its mirror
            target = cls.root / name
            if pathlib.Path("/", name).is_dir():
                shutil.copytree(f"/{name}", target, dirs_exist_ok=True, symlinks=True)
            else:
                shutil.copy(f"/{name}", target)
        # Nobody starts services here.
        policy = cls.root / "usr/sbin/policy-rc.d"
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
        cls.package = make_package(cls.folder)
        shutil.copy(cls.package, cls.root / "sluice.deb")

    def inside(self, *command):
        return subprocess.run(["chroot", str(self.root), *command], capture_output=True, text=True,
                              timeout=900, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
                                                "DEBIAN_FRONTEND": "noninteractive"})

    def must(self, *command):
        result = self.inside(*command)
        self.assertEqual(result.returncode, 0, result.stdout[-3000:] + result.stderr[-3000:])
        return result.stdout

    def test_itIsInstalledStartedAndRemoved(self):
        self.must("apt-get", "update")
        self.must("apt-get", "install", "-y", "--no-install-recommends", "/sluice.deb")
        entry = self.must("getent", "passwd", "sluice").split(":")
        self.assertNotEqual(entry[2], "0")
        self.assertEqual((self.root / "etc/sluice/sluice.yaml").stat().st_mode & 0o777, 0o640)
        self.start(int(entry[2]), int(entry[3]))
        self.must("apt-get", "remove", "-y", "sluice")
        self.assertFalse((self.root / "usr/bin/sluice").exists())
        self.assertTrue((self.root / "etc/sluice/sluice.yaml").exists())
        self.must("apt-get", "purge", "-y", "sluice")
        self.assertFalse((self.root / "etc/sluice").exists())

    def start(self, user, group):
        """As the unit does it, but for the sandbox: as its user, with its file."""
        def enter():
            os.chroot(self.root)
            os.chdir("/")
            os.setgroups([])
            os.setgid(group)
            os.setuid(user)
        process = subprocess.Popen(["/usr/bin/sluice", "run", "/etc/sluice/sluice.yaml",
                                    "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"],
                                   preexec_fn=enter, stderr=subprocess.PIPE, text=True)
        try:
            url = next(found[1] for line in process.stderr
                       if (found := re.search(r"listening on (http://[0-9.:]+)", line)))
            self.wait_ready(url)
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(30), 0)
        finally:
            process.kill()
            process.stderr.close()

    def wait_ready(self, url):
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{url}/readyz", timeout=10) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                time.sleep(0.1)
        self.fail("it did not become ready")


if __name__ == "__main__":
    unittest.main(verbosity=2)
