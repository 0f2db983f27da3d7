"""A Debian root, booted with its own systemd by systemd-nspawn, in a network of its own. Wants root."""
import os
import pathlib
import signal
import subprocess
import time

from debian_root import PATH

BOOT_S = 60
# Machines without systemd have no cgroups that a container could have: it gets some of its own.
PREPARE = """
if [ ! -d /run/systemd/system ]; then
    mount -t tmpfs none /run
    umount -l /sys/fs/cgroup
    mount -t cgroup2 none /sys/fs/cgroup
    set -- "$@" --keep-unit
fi
exec "$@" --boot
"""
ENVIRONMENT = {"PATH": PATH, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}


def why_not():
    """What this machine lacks for it, or None."""
    if os.geteuid() != 0:
        return "only root may make a Debian root and boot it"
    if subprocess.run(["unshare", "--mount", "true"], stderr=subprocess.DEVNULL).returncode != 0:
        return "this machine allows no namespaces"
    return None


class Container:
    """Booted while the `with` lasts; before and after it is a folder."""

    def __init__(self, root, log):
        self.root, self._log = pathlib.Path(root), pathlib.Path(log)
        self._process, self._init = None, None

    def __enter__(self):
        command = ["systemd-nspawn", "--quiet", f"--directory={self.root}", "--register=no",
                   "--private-network", "--console=pipe", f"--machine=sluice{os.getpid()}"]
        with open(self._log, "wb") as log:
            self._process = subprocess.Popen(
                ["unshare", "--mount", "--propagation", "private", "sh", "-ec", PREPARE, "sh",
                 *command], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            self._wait_booted()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self._init:
            try:
                os.kill(self._init, signal.SIGRTMIN + 4)  # systemd's word for: power off
                self._process.wait(BOOT_S)
            except (OSError, subprocess.TimeoutExpired):
                pass
        self._process.kill()
        self._process.wait()

    def _wait_booted(self):
        deadline = time.monotonic() + BOOT_S
        while self._state() not in ("running", "degraded"):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError("it did not boot: " + self._log.read_text(errors="replace"))
            time.sleep(0.2)

    def _state(self):
        self._init = self._init or self._find_init()
        return self.run("systemctl", "is-system-running").stdout.strip() if self._init else None

    def _find_init(self):
        """Its process 1, which nspawn starts as its only child."""
        try:
            children = pathlib.Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
            child = int(children.read_text().split()[0])
            # Before it is in its own root it is nspawn still.
            name = pathlib.Path(f"/proc/{child}/comm").read_text().strip()
            return child if name == "systemd" else None
        except (OSError, IndexError):
            return None

    def run(self, *command, **options):
        """In the booted system, as root."""
        return subprocess.run(
            ["nsenter", f"--target={self._init}", "--mount", "--uts", "--ipc", "--net", "--pid",
             "--root", "--wd=/", "env", "-i", *(f"{k}={v}" for k, v in ENVIRONMENT.items()),
             *command], capture_output=True, text=True, timeout=120, cwd="/", **options)

    def chroot(self, *command):
        """In the folder, without a booted system."""
        return subprocess.run(["chroot", str(self.root), *command], capture_output=True, text=True,
                              timeout=900, env=ENVIRONMENT)
