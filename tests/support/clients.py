"""Clients that Sluice's users use, each run as they run it: curl, npm packages, Chromium, httpx."""
import json
import os
import pathlib
import subprocess

import sse

HERE = pathlib.Path(__file__).resolve().parent
BROWSER = HERE.parent / "browser"
PATIENCE = float(os.environ.get("SLUICE_PATIENCE", "1"))


def run_node(script, *arguments, seconds=60):
    """What a script of tests/browser printed; fails with its errors if it failed."""
    result = subprocess.run(["node", str(BROWSER / script), *map(str, arguments)],
                            capture_output=True, text=True, timeout=seconds * PATIENCE)
    if result.returncode != 0:
        raise AssertionError(f"{script}: {result.stdout[-2000:]}{result.stderr[-4000:]}")
    return result.stdout


def start_node(script, *arguments):
    """The same beside the test: the process; its standard output is a pipe."""
    return subprocess.Popen(["node", str(BROWSER / script), *map(str, arguments)],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def events_of_lines(text):
    return [sse.Event(event["type"], event["data"], event["id"])
            for event in map(json.loads, text.splitlines())]


def read_with(client, url, count, seconds=60):
    """client: eventsource, eventsource-client, chromium. All events until `count` of users came."""
    return events_of_lines(run_node("read.mjs", client, url, count, seconds=seconds))


def read_with_curl(url, *arguments, seconds=20):
    """What `curl -N` printed until the server closed."""
    result = subprocess.run(["curl", "-sSN", "--max-time", str(seconds * PATIENCE), *arguments,
                             url], capture_output=True, timeout=(seconds + 10) * PATIENCE)
    if result.returncode not in (0, 18, 56):  # 18, 56: the connection was cut
        raise AssertionError(f"curl: {result.returncode} {result.stderr.decode()}")
    return result.stdout


def read_with_httpx(url, count):
    """httpx-sse does not reconnect: as its README shows, the caller does, with the last id."""
    import httpx
    import httpx_sse
    events, last_id = [], ""
    with httpx.Client(timeout=20 * PATIENCE) as client:
        while sum(not event.is_control for event in events) < count:
            headers = {"Last-Event-ID": last_id} if last_id else {}
            try:
                with httpx_sse.connect_sse(client, "GET", url, headers=headers) as source:
                    for event in source.iter_sse():
                        last_id = event.id or last_id
                        events.append(sse.Event(event.event, event.data, event.id))
                        if sum(not one.is_control for one in events) >= count:
                            break
            except (httpx.RemoteProtocolError, httpx.ReadError):
                pass
    return events
