"""Kafka's jars, by Maven, and the class archive that halves its start; under build/deps."""
import contextlib
import fcntl
import hashlib
import os
import pathlib
import subprocess
import sys

_HERE = pathlib.Path(__file__).resolve().parent
_DEPS = pathlib.Path(os.environ.get("SLUICE_DEPS", _HERE.parent.parent / "build" / "deps"))


def say(text):
    print(f"kafka: {text}", file=sys.stderr, flush=True)


@contextlib.contextmanager
def locked():
    """Test processes start side by side; one of them downloads."""
    _DEPS.mkdir(parents=True, exist_ok=True)
    with open(_DEPS / ".kafka.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def class_path(version):
    # Sorted: the class archive checks the order.
    return ":".join(sorted(str(jar) for jar in (_DEPS / f"kafka-{version}").glob("*.jar")))


def fetch(version):
    folder = _DEPS / f"kafka-{version}"
    if (folder / f"kafka_2.13-{version}.jar").exists() and (folder / ".complete").exists():
        return
    say(f"downloading Kafka {version} (about 45 MB, once)")
    subprocess.run(["mvn", "-q", "-B", "-ntp", "-f", str(_HERE / "kafka" / "pom.xml"),
                    f"-Dkafka.version={version}", "-DincludeScope=runtime",
                    f"-DoutputDirectory={folder}", "dependency:copy-dependencies"],
                   check=True, stdout=sys.stderr, timeout=600)
    (folder / ".complete").touch()


def archive_of(version):
    """AppCDS halves the start; the archive fits one Java and one list of jars only."""
    java = subprocess.run(["java", "-version"], capture_output=True, check=True, timeout=60).stderr
    names = "\n".join(path.rsplit("/", 1)[-1] for path in class_path(version).split(":"))
    mark = hashlib.sha256(java + names.encode() + str(_DEPS).encode()).hexdigest()[:12]
    return _DEPS / f"kafka-{version}" / f"classes-{mark}.jsa"
