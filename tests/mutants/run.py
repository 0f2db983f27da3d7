#!/usr/bin/env python3
"""Breaks the source on purpose and sees that a test notices.

    run.py [NAME...]    all patches beside this file, or those named

Each patch's first line names the test that must kill it:
    Killed-by: TARGET [ARGS]
The tree is copied to build/mutants/tree (files that did not change keep their time, so only what a
patch touches is built again), one patch is applied at a time, TARGET is built in
build/mutants/build and run with ARGS. One line each; a mutant that survives fails the whole run.
That all of them apply is seen by tests/architecture/mutants.py, which every run of the tests has.
"""
import pathlib
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TREE = ROOT / "build" / "mutants" / "tree"
BUILD = ROOT / "build" / "mutants" / "build"
MARK = "Killed-by: "
TEST_TIMEOUT_S, BUILD_TIMEOUT_S = 300, 1800


def run(command, **options):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          **options)


def source_files():
    listed = run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True).stdout
    return [name for name in listed.splitlines() if (ROOT / name).is_file()]


def sync(names):
    """Makes the copy equal to the source again, touching only what differs."""
    for name in names:
        source, copy = ROOT / name, TREE / name
        if not copy.is_file() or copy.read_bytes() != source.read_bytes():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, copy)
    known = {TREE / name for name in names}
    for copy in [path for path in TREE.rglob("*") if path.is_file() and path not in known]:
        copy.unlink()


def configure():
    """Debug information is of no use here and half of the build."""
    done = run(["cmake", "-G", "Ninja", "-S", TREE, "-B", BUILD, "-DCMAKE_BUILD_TYPE=RelWithDebInfo",
                "-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O1"], timeout=BUILD_TIMEOUT_S)
    if done.returncode != 0:
        sys.exit("mutants: cmake failed\n" + done.stdout[-3000:])


def build(target):
    return run(["ninja", "-C", BUILD, target], timeout=BUILD_TIMEOUT_S)


def passes(target, arguments):
    try:
        return run([BUILD / target, *arguments], cwd=BUILD, timeout=TEST_TIMEOUT_S).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def killer(patch):
    first = patch.read_text().splitlines()[0]
    if not first.startswith(MARK):
        sys.exit(f"mutants: {patch.name} does not begin with '{MARK}'")
    target, *arguments = first[len(MARK):].split()
    return target, arguments


def touched(patch):
    return [TREE / line[6:].split("\t")[0] for line in patch.read_text().splitlines()
            if line.startswith("+++ b/")]


def verdict(patch):
    """'killed', or what is wrong. Leaves the copy as it was, whatever became of the source."""
    target, arguments = killer(patch)
    before = {path: path.read_bytes() for path in touched(patch)}
    applied = run(["patch", "-p1", "--fuzz=0", "--no-backup-if-mismatch", "-i", patch], cwd=TREE)
    try:
        if applied.returncode != 0:
            return "does not apply:\n" + applied.stdout
        built = build(target)
        if built.returncode != 0:
            return "does not compile:\n" + built.stdout[-2000:]
        return "SURVIVED" if passes(target, arguments) else "killed"
    finally:
        for path, content in before.items():
            path.write_bytes(content)
            path.with_name(path.name + ".rej").unlink(missing_ok=True)


def check_unbroken(patches):
    """A test that fails anyway kills nothing."""
    for command in sorted({(killer(patch)[0], *killer(patch)[1]) for patch in patches}):
        target, *arguments = command
        built = build(target)
        if built.returncode != 0:
            sys.exit("mutants: the source does not build\n" + built.stdout[-3000:])
        if not passes(target, arguments):
            sys.exit("mutants: fails without any mutant: " + " ".join(command))


def main():
    patches = sorted(HERE.glob("*.patch"))
    if sys.argv[1:]:
        patches = [patch for patch in patches if patch.stem in sys.argv[1:]]
    if not patches:
        sys.exit("mutants: no such patch")
    sync(source_files())
    configure()
    check_unbroken(patches)
    bad = 0
    for patch in patches:
        begin = time.monotonic()
        outcome = verdict(patch)
        bad += outcome != "killed"
        by = " ".join(map(str, [killer(patch)[0], *killer(patch)[1]]))
        print(f"{patch.stem:28} {outcome} by {by} ({time.monotonic() - begin:.0f} s)"
              if outcome == "killed" else f"{patch.stem:28} {outcome}", flush=True)
    print(f"{len(patches)} mutants, {bad} not killed")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
