#!/usr/bin/env python3
"""What README.md and docs/ show is so: links lead somewhere, JSON and YAML can be read, the commands of
docs/http.md and docs/operating.md do what is said, and names of metrics and settings exist."""
import json
import re
import shlex
import subprocess

import yaml

from system import PATIENCE, TOP, Sluice, SystemTest, main
from pages import page, pages

# What the commands of the pages meet: the inputs that they name, without a broker.
CONFIG = """
    inputs:
      tick: {plugin: ticker, rate: 200, topics: [orders/eu], replayable: true}
    mappings:
      - {from: "tick:{all**}", channel: "{topic}", event: order}
    publish: {key: SECRET}
    channels:
      "{any**}": {filter: true}
    delivery: {poll: 1s}
"""
PUBLIC, ADMIN = "http://127.0.0.1:8080", "http://127.0.0.1:9080"


def commands(text):
    """Of a block for the shell, one a line or up to the end of a quoted text, each with the status that
    its comment expects (200)."""
    begun = ""
    for line in text.replace("\\\n", " ").splitlines(keepends=True):
        begun += line
        if begun.count("'") % 2:
            continue
        words = shlex.split(begun, comments=True)
        status = re.search(r"# (\d{3})$", begun.rstrip())
        begun = ""
        if words:
            yield words, int(status[1]) if status else 200


class Pages(SystemTest):
    def test_linksLeadSomewhere(self):
        broken = []
        for one in pages():
            for target, anchor in one.links():
                path = (one.path.parent / target).resolve() if target else one.path
                if not path.exists():
                    broken.append(f"{one.name}: {target}")
                elif anchor and path.suffix == ".md":
                    if anchor not in page(str(path.relative_to(TOP))).anchors():
                        broken.append(f"{one.name}: {target}#{anchor}")
        self.assertEqual(broken, [])

    def test_whatIsJsonOrYamlCanBeRead(self):
        read = 0
        for block in (block for one in pages() for block in one.blocks()):
            with self.subTest(block=str(block)):
                if block.language == "json":
                    json.loads(block.text)
                elif block.language == "yaml":
                    list(yaml.safe_load_all(block.text))
                read += block.language in ("json", "yaml")
        self.assertGreater(read, 20)

    def test_scriptsAreJavaScript(self):
        for block in (block for one in pages() for block in one.blocks("js")):
            with self.subTest(block=str(block)):
                done = subprocess.run(["node", "--input-type=module", "--check"], input=block.text,
                                      text=True, capture_output=True, timeout=20 * PATIENCE)
                self.assertEqual(done.returncode, 0, done.stderr)


class Http(SystemTest):
    """The curls of the two pages, against a node."""

    def test_commandsDoWhatIsSaid(self):
        ran = 0
        with Sluice(CONFIG) as node:
            node.wait_ready()
            with node.stream("/events/orders/eu") as stream:
                stream.read_events(1)
            for name in ("docs/http.md", "docs/operating.md"):
                for block in page(name).blocks("sh"):
                    for words, expected in commands(block.text):
                        with self.subTest(block=str(block), command=words):
                            self.assertEqual(self.status(node, words), expected)
                            ran += 1
        self.assertGreaterEqual(ran, 6)

    def status(self, node, words):
        self.assertEqual(words[0], "curl")
        words = [word.replace(PUBLIC, node.url).replace(ADMIN, node.admin_url) for word in words]
        without = [word for word in words if word != "-fsS"]
        done = subprocess.run([*without, "-s", "-o", "/dev/null", "-w", "%{http_code}"], text=True,
                              capture_output=True, timeout=20 * PATIENCE)
        self.assertEqual(done.returncode, 0, done.stderr)
        return int(done.stdout)

    def test_blocksAreAsShown(self):
        with Sluice(CONFIG) as node, node.stream("/events/orders/eu?from=-1&limit=1") as stream:
            stream.read_events(1)
            opened = json.loads(stream.reader.controls("open")[0].data)
        shown = re.search(r"^event: sluice.open\ndata: (.*)$", page("docs/http.md").text, re.M)
        self.assertEqual(set(opened), set(json.loads(shown[1])))


class Names(SystemTest):
    NO_METRICS = {"sluice_plugin", "sluice_add_plugin"}  # what writers of plugins see

    def test_metricsExist(self):
        with Sluice("""
                inputs: {tick: {plugin: ticker}}
                channels: {"kept": {history: {journal: ./journal}}}
                graphite: {server: "127.0.0.1:9"}
                """) as node:
            scrape = node.admin_get("/metrics").text
        known = set(re.findall(r"^# TYPE (\w+)", scrape, re.M))
        named = set(re.findall(r"\bsluice_[a-z_]+", "".join(one.text for one in pages())))
        self.assertEqual({name for name in named - self.NO_METRICS
                          if re.sub(r"_(bucket|sum|count)$", "", name) not in known}, set())
        operating = page("docs/operating.md").text
        self.assertEqual({name for name in known if name not in operating}, set())

    def test_settingsExist(self):
        reference = (TOP / "config" / "sluice.yaml").read_text()
        for group in ("limits", "delivery", "journal", "publish", "cors", "graphite"):
            body = re.search(rf"^{group}:.*\n((?: +.*\n|\n)+)", reference, re.M)[1]
            known = set(re.findall(r"^ +#?(\w+):", body, re.M))
            named = {(one.name, key) for one in pages()
                     for key in re.findall(rf"`{group}\.(\w+)[`:]", one.text)}
            self.assertTrue(known and named, group)
            self.assertEqual({(name, key) for name, key in named if key not in known}, set())

    def test_everyErrorCodeIsListed(self):
        codes = set()
        for path in (TOP / "core").rglob("*.cpp"):
            codes |= set(re.findall(r"errorResponse\(\s*\d+,\s*\{\"([a-z-]+)\"", path.read_text()))
        self.assertGreater(len(codes), 10)
        listed = page("docs/http.md").text
        self.assertEqual({code for code in codes if f"`{code}`" not in listed}, set())


if __name__ == "__main__":
    main()
