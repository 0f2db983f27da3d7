#!/usr/bin/env python3
"""Mutants apply: fails when a patch in tests/mutants no longer fits the source that it breaks.

    mutants.py                  checks this tree, its uncommitted changes included
    mutants.py --self-test      changes, in copies, what patches need; each must be found

Running mutants takes long and CI does not; that they could run takes no time. With git where there
is one, else with patch, which tests/mutants/run.py uses: neither takes a hunk whose lines changed.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parents[2]
FOLDER = "tests/mutants"
MARK = "Killed-by: "
TOOLS = {
    "git": ["git", "apply", "--check"],
    "patch": ["patch", "-p1", "--fuzz=0", "--dry-run", "--batch", "--forward", "-i"],
}


def tool_here():
    for name in TOOLS:
        if shutil.which(name):
            return name
    sys.exit("neither git nor patch is installed: nothing can say whether the mutants apply")


def environment():
    """git must find no repository, neither the tree's own, which may be that of somebody else or a
    broken one, nor one above: there it would look for the files, not find them, and say nothing."""
    return os.environ | {"GIT_DIR": os.devnull, "LC_ALL": "C"}


def touched(patch):
    return [line[6:].split("\t")[0] for line in patch.read_text().splitlines()
            if line.startswith("+++ b/")]


def findings(top, tool):
    patches = sorted((top / FOLDER).glob("*.patch"))
    if not patches:
        yield f"{FOLDER}: no patch is there"
    for patch in patches:
        name = f"{FOLDER}/{patch.name}"
        first = patch.read_text().split("\n", 1)[0]
        if not first.startswith(MARK) or not first[len(MARK):].strip():
            yield f"{name}: the first line is not '{MARK}TARGET [ARGS]'"
        if not touched(patch):
            yield f"{name}: changes no file"
        done = subprocess.run([*TOOLS[tool], patch], cwd=top, env=environment(), text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            said = "".join(f"\n    {line}" for line in done.stdout.strip().splitlines())
            yield f"{name}: does not apply any more{said}"


def copy(top):
    """With patches as git writes them, which it passes over where ours would fail."""
    (top / FOLDER).mkdir(parents=True)
    for patch in (HERE / FOLDER).glob("*.patch"):
        (top / FOLDER / patch.name).write_text(
            re.sub(r"^--- a/(.*)$", r"diff --git a/\1 b/\1\n\g<0>", patch.read_text(), flags=re.M))
        for name in touched(patch):
            (top / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(HERE / name, top / name)


def change_source(top):
    """Every line of it: no patch applies then."""
    for path in (top / "core").rglob("*.*"):
        path.write_text("".join(f"{line} //\n" for line in path.read_text().splitlines()))


def lose_source(top):
    shutil.rmtree(top / "core")


def rename_marks(top):
    for path in (top / FOLDER).glob("*.patch"):
        path.write_text("By: " + path.read_text())


def empty_patches(top):
    for path in (top / FOLDER).glob("*.patch"):
        path.write_text(path.read_text().split("diff --git")[0])


def lose_patches(top):
    shutil.rmtree(top / FOLDER)


def self_test():
    patches = len(list((HERE / FOLDER).glob("*.patch")))
    planted = (
        (change_source, "does not apply", patches),
        (lose_source, "does not apply", patches),
        (rename_marks, "the first line is not", patches),
        (empty_patches, "changes no file", patches),
        (lose_patches, "no patch is there", 1),
    )
    tools = [name for name in TOOLS if shutil.which(name)]
    failures = 0
    for tool in tools:
        for plant, reason, expected in planted:
            with tempfile.TemporaryDirectory(prefix="sluice-mutants-") as folder:
                # In a repository, as a copy in build/ is.
                top = pathlib.Path(folder).resolve() / "tree"
                if tool == "git":
                    plain = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
                    subprocess.run(["git", "init", "-q", folder], check=True, env=plain)
                copy(top)
                plant(top)
                found = [text for text in findings(top, tool) if reason in text]
            if len(found) != expected:
                failures += 1
                print(f"{plant.__name__}, {tool}: '{reason}' {len(found)} times, not {expected}")
    count = len(tools) * len(planted)
    print(f"{count - failures} of {count} changes were found"
          f" ({' and '.join(tools) or 'neither git nor patch is installed'})")
    return failures or not tools


def main():
    if sys.argv[1:] == ["--self-test"]:
        return 1 if self_test() else 0
    tool = tool_here()
    found = list(findings(HERE, tool))
    count = len(list((HERE / FOLDER).glob("*.patch")))
    print("\n".join([*found, "Write them again, so that they break the same thing where it is now: "
                             "./dev mutants NAME"])
          if found else f"all {count} mutants apply (asked {tool})")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
