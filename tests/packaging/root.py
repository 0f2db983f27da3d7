#!/usr/bin/env python3
"""Installs the Debian package in a root made by debootstrap, boots that with its systemd, and has the
service started, asked, killed, upgraded and removed there. Wants root, and build/deps/debian, which
`./dev package --try` and `./dev test` make."""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests" / "support"))
import container  # noqa: E402
from package import make_package  # noqa: E402

BASE = TOP / "build" / "deps" / "debian" / "root"
START_S = 30
MINE = """listen: 127.0.0.1:80
admin: 127.0.0.1:9080
publish: { key: "${PUBLISH_KEY}" }
channels: { "news": { history: { journal: /var/lib/sluice } } }
"""
LOG = "/var/log/sluice/sluice.log"


@unittest.skipIf(container.why_not(), container.why_not())
class Root(unittest.TestCase):
    def setUp(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="sluice-test-root-"))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        self.root = folder / "root"
        # Not by Python, which would read its /dev/zero.
        subprocess.run(["cp", "--archive", BASE, self.root], check=True)
        shutil.copy(make_package(folder), self.root / "sluice.deb")
        self.machine = container.Container(self.root, folder / "boot.log")

    def path(self, name):
        return self.root / name.lstrip("/")

    def must(self, *command, run=None):
        result = (run or self.machine.run)(*command)
        self.assertEqual(result.returncode, 0,
                         f"{command}: {result.stdout[-2000:]}{result.stderr[-2000:]}")
        return result.stdout

    def test_itIsInstalledStartedUpgradedAndRemoved(self):
        self.install()
        with self.machine:
            self.start_as_delivered()
            self.try_own_file()
            self.refuse_broken_file()
            self.rotate()
            self.upgrade()
            self.remove()

    def install(self):
        """By apt, which brings what it depends on."""
        self.must("apt-get", "update", run=self.machine.chroot)
        self.must("apt-get", "install", "-y", "--no-install-recommends", "/sluice.deb",
                  run=self.machine.chroot)
        self.must("apt-get", "install", "-y", "--no-install-recommends", "curl", "logrotate",
                  run=self.machine.chroot)
        self.assertEqual(self.path("/etc/sluice/sluice.yaml").stat().st_mode & 0o777, 0o640)

    def start_as_delivered(self):
        inactive = self.machine.run("systemctl", "is-active", "sluice")
        self.assertEqual(inactive.stdout.strip(), "inactive", "nobody asked for it")
        self.must("systemctl", "enable", "--now", "sluice")
        self.wait_ready("http://127.0.0.1:8080")
        self.assertEqual(self.must("ps", "-o", "user=", "-p", self.main_process()).strip(), "sluice")
        stream = self.must("curl", "-sN", "http://127.0.0.1:8080/events/prices/acme?limit=1")
        self.assertIn("data: ", stream)

    def try_own_file(self):
        """A port below 1024, a secret, and a journal that outlives a kill: all in the sandbox."""
        self.path("/etc/sluice/sluice.yaml").write_text(MINE)
        self.path("/etc/sluice/environment").write_text("PUBLISH_KEY=hidden\n")
        self.must("systemctl", "restart", "sluice")
        self.wait_ready("http://127.0.0.1")
        self.must("curl", "-sf", "-H", "Authorization: Bearer hidden", "http://127.0.0.1/publish",
                  "-d", '{"channel": "news", "data": "remember me"}')
        self.assertNotIn("hidden", self.path(LOG).read_text())
        first = self.main_process()
        self.must("systemctl", "kill", "--signal=KILL", "sluice")
        self.wait(lambda: self.main_process() not in ("0", first), "systemd starts it again")
        self.wait_ready("http://127.0.0.1")
        self.assertIn("remember me", self.news())

    def news(self):
        return self.must("curl", "-sN", "http://127.0.0.1/events/news?from=earliest&limit=1")

    def refuse_broken_file(self):
        """A reload keeps the old one, a restart fails and says why."""
        self.path("/etc/sluice/sluice.yaml").write_text(MINE + "chanels: {}\n")
        self.must("systemctl", "reload", "sluice")
        self.wait(lambda: "chanels" in self.path(LOG).read_text(), "the log says what is wrong")
        self.wait_ready("http://127.0.0.1")
        self.assertNotEqual(self.machine.run("systemctl", "restart", "sluice").returncode, 0)
        status = self.machine.run("journalctl", "--no-pager", "-u", "sluice").stdout
        self.assertIn("sluice.yaml:5:1", status)
        self.wait(lambda: self.state() == "failed", "systemd stops to try")
        self.path("/etc/sluice/sluice.yaml").write_text(MINE)
        self.must("systemctl", "reset-failed", "sluice")
        self.must("systemctl", "start", "sluice")
        self.wait_ready("http://127.0.0.1")

    def rotate(self):
        self.must("logrotate", "--debug", "/etc/logrotate.d/sluice")
        self.must("logrotate", "--force", "/etc/logrotate.d/sluice")
        self.assertIn("listening", self.path(LOG + ".1").read_text())
        self.assertEqual(self.path(LOG).read_text(), "")
        self.must("systemctl", "reload", "sluice")
        self.wait(lambda: "SIGHUP" in self.path(LOG).read_text(), "the new file is written")

    def upgrade(self):
        """To the same version, which runs the same scripts."""
        before = self.main_process()
        self.must("dpkg", "--install", "/sluice.deb")
        self.assertNotIn(self.main_process(), ("0", before))
        self.wait_ready("http://127.0.0.1")
        self.assertIn("hidden", self.path("/etc/sluice/environment").read_text())
        self.assertEqual(self.path("/etc/sluice/sluice.yaml").read_text(), MINE)

    def remove(self):
        self.must("apt-get", "remove", "-y", "sluice")
        self.assertNotEqual(self.state(), "active")
        self.assertEqual(self.machine.run("pgrep", "-x", "sluice").stdout, "")
        self.assertFalse(self.path("/usr/bin/sluice").exists())
        self.assertTrue(self.path("/etc/sluice/sluice.yaml").exists())
        self.must("apt-get", "purge", "-y", "sluice")
        for name in ("/etc/sluice", "/var/lib/sluice", "/var/log/sluice", "/etc/logrotate.d/sluice",
                     "/usr/lib/sluice", "/usr/share/sluice", "/usr/share/doc/sluice",
                     "/etc/systemd/system/multi-user.target.wants/sluice.service"):
            self.assertFalse(self.path(name).is_symlink() or self.path(name).exists(), name)

    def main_process(self):
        return self.must("systemctl", "show", "-P", "MainPID", "sluice").strip()

    def state(self):
        return self.machine.run("systemctl", "is-active", "sluice").stdout.strip()

    def wait_ready(self, url):
        self.wait(lambda: self.machine.run("sluice", "health", url).returncode == 0,
                  f"{url} is ready")

    def wait(self, condition, what):
        deadline = time.monotonic() + START_S
        while not condition():
            if time.monotonic() > deadline:
                log = self.machine.run("tail", "-n", "20", LOG).stdout
                self.fail(f"not within {START_S} s: {what}\n{log}")
            time.sleep(0.2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
