#!/usr/bin/env python3
"""docs/mappings.md is true: every whole file in it is right, and does what its `tests:` say."""
import json
import pathlib
import re
import subprocess
import tempfile
from datetime import datetime

import yaml

from system import PATIENCE, TOP, Sluice, SystemTest, main, wait_until
import metrics
from sluice import PROGRAM

PAGE = TOP / "docs" / "mappings.md"


def whole_files():
    """{heading: YAML} of the page's blocks that are whole configurations."""
    files, heading, block = {}, "", None
    for line in PAGE.read_text().splitlines():
        if line.startswith("```"):
            if block is None:
                block = [] if line == "```yaml" else False
                continue
            if block and block[0].startswith("inputs:"):
                files[heading] = "\n".join(block) + "\n"
            block = None
        elif block is not None:
            if block is not False:
                block.append(line)
        elif line.startswith("#"):
            heading = line.lstrip("# ")
    return files


def fragments():
    """Blocks that show a key of a mapping."""
    return re.findall(r"^```yaml\n(    .*?)^```$", PAGE.read_text(), re.M | re.S)


class CoreLoader(yaml.SafeLoader):
    """YAML 1.2's core schema has no dates."""
    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}


class Page(SystemTest):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def check(self, text):
        (self.folder / "sluice.yaml").write_text(text)
        return subprocess.run([PROGRAM, "check", "sluice.yaml"], cwd=self.folder, text=True,
                              capture_output=True, timeout=20 * PATIENCE)

    def test_itsFilesHaveNeitherErrorsNorWarnings(self):
        self.assertGreaterEqual(len(whole_files()), 11)
        for heading, text in whole_files().items():
            with self.subTest(heading):
                result = self.check(text)
                self.assertEqual((result.returncode, result.stderr), (0, ""))
                self.assertRegex(result.stdout, r"no errors .*, \d+ tests? passed")

    def test_itsFragmentsAreKeysOfAMapping(self):
        self.assertEqual(len(fragments()), 1)
        for text in fragments():
            result = self.check("inputs: {shop: {plugin: kafka}}\nmappings:\n"
                                "  - from: shop:orders.{region}\n    channel: c\n" + text)
            self.assertEqual((result.returncode, result.stderr), (0, ""))


def _line(name, given):
    """A message as a recording has it."""
    line = {"kind": "message", "input": name, "receivedMs": 0, "topic": given["topic"]}
    payload = given.get("payload")
    if "payload" in given and payload is None:
        line["tombstone"] = True
    else:
        line["payload"] = payload if isinstance(payload, str) else json.dumps(payload)
    if "key" in given:
        line["key"] = given["key"]
    if "time" in given:
        line["timeMs"] = int(datetime.fromisoformat(given["time"]).timestamp() * 1000)
    line["headers"] = [list(header) for header in given.get("headers", {}).items()]
    return json.dumps(line)


class Recipes(SystemTest):
    """The messages of `tests:` go through a node whose inputs play them back in a broker's place."""

    def played(self, config, tests):
        """The file with `plugin: replay` in the place of brokers, and the recordings."""
        recordings = {}
        for name, options in config["inputs"].items():
            lines = [json.dumps({"kind": "header", "version": 1}),
                     json.dumps({"kind": "input", "input": name, "receivedMs": 0, "plain": True})]
            lines += [_line(name, test["given"]) for test in tests
                      if test["given"]["input"] == name]
            recordings[name + ".ndjson"] = "\n".join(lines) + "\n"
            separator = {"kafka": ".", "mqtt": "/", "redis": ":", "zeromq": "."}
            config["inputs"][name] = {
                "plugin": "replay", "file": name + ".ndjson", "speed": "max",
                "separator": separator[options["plugin"]], "format": options.get("format", "json")}
        return yaml.safe_dump(config, sort_keys=False, allow_unicode=True), recordings

    @staticmethod
    def told(event):
        """An event in the words of `expect`."""
        found = json.loads(event.data)
        words = {"channel": found["channel"], "data": found.get("text", found.get("data"))}
        if found["event"] != "message":
            words["event"] = found["event"]
        if found["key"]:
            words["key"] = found["key"]
        return json.dumps(words, sort_keys=True)

    def test_makeOfMessagesWhatTheirTestsSay(self):
        for heading, text in whole_files().items():
            config = yaml.load(text, CoreLoader)
            tests = config.pop("tests")
            expected = sorted(json.dumps(event, sort_keys=True) for test in tests
                              if isinstance(test["expect"], list) for event in test["expect"])
            self.assertTrue(expected, heading)
            played, recordings = self.played(config, tests)
            with self.subTest(heading), Sluice(played, files=recordings) as node:
                wait_until(lambda: metrics.read(node).total("sluice_messages_total") >= len(tests),
                           20, "the last message")
                def balanced():
                    page = metrics.read(node)
                    return (page.total("sluice_appended_total") == len(expected)
                            + page.total("sluice_dead_letters_total", result="kept") and page)
                page = wait_until(balanced, 10, "as many events as expected, and dead letters")
                appended = int(page.total("sluice_appended_total"))
                with node.stream("/events?channels={any**}&from=earliest&envelope=json") as stream:
                    got = [self.told(e) for e in stream.read_events(appended, 20)]
                self.assertEqual(sorted(e for e in got if '"mapping"' not in e), expected)


if __name__ == "__main__":
    main()
