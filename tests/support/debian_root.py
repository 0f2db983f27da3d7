#!/usr/bin/env python3
"""A Debian system in a folder, made by debootstrap from the mirror that this machine's apt uses. Wants
root.

    debian_root.py FOLDER [PACKAGE...]
"""
import pathlib
import platform
import shutil
import subprocess
import sys

# Of /etc/apt: how this machine reaches its mirror, which may be the only one that is reached.
APT = ("sources.list.d", "apt.conf.d", "keyrings", "trusted.gpg.d", "auth.conf.d", "preferences.d")
TRUST = ("usr/share/keyrings", "usr/local/share/ca-certificates", "etc/ssl/certs")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def mirror(suite):
    """The address from which apt has a suite of Debian's."""
    known = subprocess.check_output(
        ["apt-get", "indextargets", "--format", "$(RELEASE) $(REPO_URI)", "Created-By: Packages"],
        text=True)
    for line in known.splitlines():
        release, address = line.split()
        if release == suite:
            return address
    raise SystemExit(f"debian_root: no source of apt has the suite {suite}")


def _take(name, root):
    source, target = pathlib.Path("/", name), root / name
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    elif source.exists():
        shutil.copy(source, target)


def make(root, suite=None, packages=()):
    """A minimal system in a new folder, of this machine's suite if no other is named. Its apt asks
    whom ours asks."""
    root = pathlib.Path(root)
    suite = suite or platform.freedesktop_os_release()["VERSION_CODENAME"]
    include = [f"--include={','.join(packages)}"] if packages else []
    subprocess.run(["debootstrap", "--variant=minbase", *include, suite, str(root),
                    mirror(suite)], check=True, stdout=subprocess.DEVNULL)
    if pathlib.Path("/etc/apt/sources.list").exists():
        _take("etc/apt/sources.list", root)
    elif pathlib.Path("/etc/apt/sources.list.d/debian.sources").exists():
        (root / "etc/apt/sources.list").unlink()  # the same once more
    for name in (*(f"etc/apt/{folder}" for folder in APT), *TRUST, "etc/resolv.conf"):
        _take(name, root)


def main():
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    make(sys.argv[1], packages=sys.argv[2:])


if __name__ == "__main__":
    main()
