#!/usr/bin/env python3
"""docker-compose.yml and the Dockerfiles, where there is no Docker: the files by the tools that read
them, what they promise, and the services run natively from the same files. tests/docker/steps.py runs
the steps of the Dockerfile itself."""
import functools
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

import yaml

from system import PATIENCE, PROGRAM, TOP, Sluice, SystemTest, main
import metrics

COMPOSE = TOP / "docker-compose.yml"
SERVICES = yaml.safe_load(COMPOSE.read_text())["services"]
DOCKERFILES = [TOP / "Dockerfile", TOP / "share" / "demo" / "feeders" / "Dockerfile"]
DASHBOARD = TOP / "share" / "demo" / "compose" / "grafana" / "dashboards" / "sluice.json"


class Files(SystemTest):
    def test_composeReadsTheFile(self):
        done = subprocess.run(["/usr/bin/docker-compose", "-f", str(COMPOSE), "config", "-q"],
                              capture_output=True, text=True, timeout=60 * PATIENCE)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_hadolintFindsNothingInTheDockerfiles(self):
        hadolint = pathlib.Path(sys.executable).parent / "hadolint"
        done = subprocess.run([hadolint, *DOCKERFILES], capture_output=True, text=True,
                              timeout=60 * PATIENCE)
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)

    def test_theImageIsBuiltWithWhatDevBuildsWith(self):
        script = ". tests/support/packages.sh; echo ${build_packages[@]}"
        wanted = subprocess.run(["bash", "-c", script], capture_output=True, text=True, cwd=TOP,
                                check=True).stdout.split()
        first, _ = DOCKERFILES[0].read_text().split("\nFROM debian:12-slim\n")
        there = set(re.findall(r"[\w.+-]+", first))
        self.assertEqual(set(wanted) - {"ccache", "mold"} - there, set())

    def test_theImageThatIsRunHasTheLibrariesThatItsProgramLoads(self):
        _, second = DOCKERFILES[0].read_text().split("\nFROM debian:12-slim\n")
        there = with_dependencies(re.findall(r"[\w.+-]+", second.split("COPY")[0]))
        program = pathlib.Path(PROGRAM)
        for file in (program, *program.parent.glob("plugins/*.so")):
            out = subprocess.check_output(["readelf", "--dynamic", file], text=True)
            for library in re.findall(r"\(NEEDED\) .*\[((?!lib\w+san\.).*)\]", out):
                with self.subTest(file=file.name, library=library):
                    self.assertTrue(packages_with(library) & there)


@functools.cache
def packages_with(library):
    out = subprocess.check_output(["dpkg", "--search", f"*/{library}"], text=True)
    return {line.split(":")[0] for line in out.splitlines()}


def with_dependencies(names):
    """Of the packages among the names, and all that they bring; minbase brings the C++ runtime."""
    names, found = [*names, "libc6", "libgcc-s1", "libstdc++6"], set()
    while names:
        if (name := names.pop()) not in found:
            done = subprocess.run(["dpkg-query", "-W", "-f", "${Depends}", name], text=True,
                                  capture_output=True)
            if done.returncode == 0:
                found.add(name)
                names += re.findall(r"(?:^|, )([\w.+-]+)", done.stdout)
    return found


class Promises(SystemTest):
    def test_everyServiceIsHardened(self):
        for name, service in SERVICES.items():
            with self.subTest(name):
                self.assertTrue(service["read_only"])
                self.assertEqual(service["cap_drop"], ["ALL"])
                self.assertIn("no-new-privileges:true", service["security_opt"])
                self.assertRegex(service["user"], r"^[1-9]\d*:\d+$")
                self.assertIn("test", service["healthcheck"])
                self.assertTrue(all(port.startswith("127.0.0.1:")
                                    for port in service.get("ports", [])))
                self.assertNotRegex(json.dumps(service.get("environment", {})),
                                    "(?i)password|secret|token")
                for other in service.get("depends_on", {}).values():
                    self.assertEqual(other["condition"], "service_healthy")

    def test_whatIsMountedIsThere(self):
        named = yaml.safe_load(COMPOSE.read_text())["volumes"]
        for service in SERVICES.values():
            for volume in service.get("volumes", []):
                source = volume.split(":")[0]
                self.assertTrue(source in named or (TOP / source).exists(), volume)

    def test_theDashboardAsksForWhatANodeHas(self):
        with Sluice() as node:
            page = metrics.read(node).text
        for panel in json.loads(DASHBOARD.read_text())["panels"]:
            for target in panel["targets"]:
                for name in re.findall(r"sluice_\w+", target["expr"]):
                    self.assertRegex(page, rf"(?m)^{name}[{{ ]", panel["title"])
                for by in re.findall(r"by \((.*?)\)", target["expr"]):
                    for label in by.split(", "):
                        self.assertIn(f'{label}="', page, panel["title"])


class Natively(SystemTest):
    """In a network of its own, where the names of the services lead here."""

    @unittest.skipUnless(subprocess.run(["unshare", "-rmn", "true"]).returncode == 0,
                         "this machine allows no namespaces")
    def test_theServicesWorkFromTheSameFiles(self):
        script = TOP / "tests" / "support" / "compose_natively.py"
        done = subprocess.run(["unshare", "-rmn", sys.executable, str(script)], text=True,
                              capture_output=True, timeout=240 * PATIENCE, env=os.environ)
        self.assertEqual(done.returncode, 0, done.stdout[-3000:] + done.stderr[-3000:])
        report = json.loads(done.stdout.splitlines()[-1])
        self.assertEqual(set(report["healthy"]), set(SERVICES) - {"kafka", "grafana"})
        self.assertEqual(set(report["types"]), {"order", "reading", "price", "flight"})
        self.assertGreater(len(report["metrics"]["answered"]), 20)
        self.assertEqual(report["metrics"]["empty"], [])


if __name__ == "__main__":
    main()
