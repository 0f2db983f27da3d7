"""What a machine runs out of, or gets wrong: its disk, its descriptors, its clock."""
import os
import pathlib
import resource
import struct
import subprocess
import tempfile

from sluice import PROGRAM

_CLOCK_LIBRARY = pathlib.Path(PROGRAM).parent / "tests" / "support" / "clock_shift.so"


class FullDisk:
    """`path` is a file on a disk of 64 KiB that fill() fills, or, where nothing may be mounted, one
    that can be written to only after free()."""

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="sluice-disk-")
        mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", self._folder.name]
        self._is_disk = subprocess.run(mount, stderr=subprocess.DEVNULL).returncode == 0
        self.path = pathlib.Path(self._folder.name, "file")
        return self

    def __exit__(self, *_):
        if self._is_disk:
            subprocess.run(["umount", self._folder.name], check=True)
        self._folder.cleanup()

    def fill(self, but):
        """All but so many bytes."""
        if not self._is_disk:
            self.path.unlink(missing_ok=True)
            return self.path.symlink_to("/dev/full")
        rest = os.statvfs(self._folder.name)
        with open(self.path.parent / "filler", "wb") as filler:
            filler.write(bytes(rest.f_bavail * rest.f_frsize - but))

    def free(self):
        if self._is_disk:
            (self.path.parent / "filler").unlink()
        else:
            self.path.unlink()


class OtherClock:
    """A program that is started with `environment` has a wall clock that step() moves."""

    def __enter__(self):
        self._file = tempfile.NamedTemporaryFile(prefix="sluice-clock-")
        self.step(0)
        asan = os.environ.get("ASAN_OPTIONS", "")
        self.environment = {"LD_PRELOAD": str(_CLOCK_LIBRARY),
                            "SLUICE_CLOCK_SHIFT": self._file.name,
                            "ASAN_OPTIONS": f"{asan}:verify_asan_link_order=0"}
        return self

    def __exit__(self, *_):
        self._file.close()

    def step(self, seconds):
        """To so many seconds from the true time."""
        os.pwrite(self._file.fileno(), struct.pack("q", int(seconds * 1000)), 0)


def limit_files(pid, count):
    """The soft limit of a running program; what it was."""
    soft, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (count, hard))
    return soft


def open_files(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
