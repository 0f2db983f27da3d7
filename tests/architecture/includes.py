#!/usr/bin/env python3
"""Layers point one way: fails when an #include in core/ or plugins/ looks the wrong way.

    includes.py [TOP]           checks the tree at TOP (default: this one)
    includes.py --self-test     plants wrong includes in a copy; each must be found, by its reason
"""
import pathlib
import re
import shutil
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parents[2]

# A folder of core -> the folders of core that it may include, itself apart. Directly or not: what
# stands here is also what the link lines of the CMake targets say.
MAY_USE = {
    "base": (),
    "process": ("base",),
    "expression": ("base",),
    "event": ("base",),
    "channel": ("event", "base"),
    "auth": ("channel", "expression", "event", "base"),
    "journal": ("channel", "event", "base"),
    "payload": ("expression", "base"),
    "filter": ("payload", "expression", "channel", "event", "base"),
    "mapping": ("payload", "expression", "event", "base"),
    "input": ("mapping", "payload", "expression", "channel", "event", "base"),
    "net": ("base",),
    "graphite": ("net", "base"),
    "delivery": ("channel", "net", "event", "base"),
    "http": ("delivery", "auth", "channel", "net", "expression", "event", "base"),
    "settings": ("http", "delivery", "input", "mapping", "filter", "payload", "auth", "expression",
                 "journal", "channel", "graphite", "net", "event", "base"),
    "cli": ("process", "settings", "http", "delivery", "input", "mapping", "filter", "payload",
            "auth", "expression", "journal", "channel", "net", "event", "base"),
    "console": ("settings", "http", "input", "mapping", "payload", "auth", "expression", "channel",
                "event", "base"),
    # Where the parts meet; main.cpp beside it alone knows of cli and node.
    "node": ("process", "console", "settings", "http", "delivery", "input", "mapping", "filter", "payload",
             "auth", "expression", "journal", "channel", "graphite", "net", "event", "base"),
}
PURE = ("base", "process", "expression", "event", "channel", "auth", "journal", "payload", "filter", "mapping")  # these know no socket
SOCKETS = r"(sys/socket|netinet/.*|arpa/.*|netdb|Poco/Net/.*|openssl/ssl)\.h"
# What an #include names -> the places that may name it.
ONLY_IN = (
    (r"sys/epoll\.h", ("net",)),
    (r"Poco/Net/HTTP.*", ("http",)),
    (r"dlfcn\.h", ("input",)),
    (r"yaml\.h", ("settings",)),
    (r"sqlite3\.h", ("journal",)),
    (r"prometheus/.*", ("node",)),
    (r"simdjson\.h", ("base", "payload", "http", "plugins/replay")),
    (r"librdkafka/.*", ("plugins/kafka",)),
    (r"mqtt/.*|MQTTAsync\.h", ("plugins/mqtt",)),
    (r"zmq(_addon)?\.hpp|zmq\.h", ("plugins/zeromq",)),
    (r"hiredis/.*", ("plugins/redis",)),
    (SOCKETS, tuple(sorted(set(MAY_USE) - set(PURE)))
     + ("main", "plugins/mqtt", "plugins/redis")),
)
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def place_of(path):
    """The folder whose rules a file follows: "channel", "main", "include", "plugins/kafka"."""
    parts = path.parts
    if parts[0] == "plugins":
        return "/".join(parts[:2])
    return parts[1] if len(parts) > 2 else "main"


def wrong(place, quote, name):
    """Why this place may not include that name, or None."""
    for pattern, places in ONLY_IN:
        if re.fullmatch(pattern, name) and place not in places:
            return f"only {' and '.join(places)} may"
    folder = name.split("/")[0] if "/" in name else ""
    if folder == "sluice":
        at_border = place in ("include", "input") or place.startswith("plugins/")
        return None if at_border else "only input and plugins stand at the plugin border"
    if place == "include" or place.startswith("plugins/"):
        outside = folder in MAY_USE or name.startswith("..")
        return "a plugin sees only sluice/ of ours" if outside else None
    if place == "main" or folder == place:
        return None
    if folder in MAY_USE:
        ok = folder in MAY_USE[place]
        return None if ok else f"{place} may use only {', '.join(MAY_USE[place]) or 'itself'}"
    return "write it from core/: \"folder/File.h\"" if quote == '"' else None


def findings(top):
    for tree in ("core", "plugins"):
        for path in sorted((top / tree).rglob("*")):
            if path.suffix not in (".h", ".hpp", ".cpp"):
                continue
            place = place_of(path.relative_to(top))
            for number, line in enumerate(path.read_text().splitlines(), 1):
                found = INCLUDE.match(line)
                reason = wrong(place, *found.groups()) if found else None
                if reason:
                    yield f"{path.relative_to(top)}:{number}: {line.strip()}: {reason}"


PLANTED = (
    ("core/channel/Planted.h", '#include "delivery/DeliveryPool.h"', "channel may use only"),
    ("core/event/Planted.cpp", '#include "channel/Hub.h"', "event may use only"),
    ("core/delivery/Planted.cpp", '#include "http/Front.h"', "delivery may use only"),
    ("core/delivery/Planted.cpp", "#include <sys/epoll.h>", "only net may"),
    ("core/net/Planted.cpp", "#  include <Poco/Net/HTTPServer.h>", "only http may"),
    ("core/http/Planted.cpp", '#include "input/InputHost.h"', "http may use only"),
    ("core/cli/Planted.cpp", "#include <yaml.h>", "only settings may"),
    ("core/mapping/Planted.cpp", "#include <dlfcn.h>", "only input may"),
    ("core/mapping/Planted.h", "#include <sys/socket.h>", "only "),
    ("core/http/Planted.cpp", "#include <sluice/plugin.h>", "plugin border"),
    ("core/base/Planted.cpp", '#include "Log.h"', "write it from core/"),
    ("plugins/ticker/Planted.cpp", '#include "event/Position.h"', "only sluice/ of ours"),
    ("plugins/ticker/Planted.cpp", '#include "../../core/base/Log.h"', "only sluice/ of ours"),
)


def self_test():
    failures = 0
    for name, line, reason in PLANTED:
        with tempfile.TemporaryDirectory(prefix="sluice-includes-") as folder:
            top = pathlib.Path(folder)
            for tree in ("core", "plugins"):
                shutil.copytree(HERE / tree, top / tree)
            (top / name).parent.mkdir(exist_ok=True)
            (top / name).write_text(f"#pragma once\n{line}\n")
            new = [text for text in findings(top) if text.startswith(f"{name}:2:")]
        if len(new) != 1 or reason not in new[0]:
            failures += 1
            print(f"{line} in {name}: expected '{reason}', found {new}")
    print(f"{len(PLANTED) - failures} of {len(PLANTED)} planted includes were found")
    return failures


def main():
    if sys.argv[1:] == ["--self-test"]:
        return 1 if self_test() else 0
    found = list(findings(pathlib.Path(sys.argv[1]) if sys.argv[1:] else HERE))
    print("\n".join(found) if found else "every #include points the right way")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
