"""The Prometheus of docker-compose.yml, run natively from its configuration, and what it answers to the
expressions of the dashboard and of the alerts in docs/operating.md."""
import json
import pathlib
import re
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

import yaml

TOP = pathlib.Path(__file__).resolve().parents[2]
COMPOSE = TOP / "share" / "demo" / "compose"
DASHBOARD = COMPOSE / "grafana" / "dashboards" / "sluice.json"
SOURCE = COMPOSE / "grafana" / "datasources" / "prometheus.yaml"
# Grafana's own: four times the interval of scrapes.
RATE_INTERVAL = "20s"
WAIT_S = 60
# A node without a journal or without TLS has none of these.
ELSEWHERE = {"sluice_journal_failing", "sluice_tls_certificate_end_seconds"}


def command(service, folder):
    """That of the file, with its own configuration; the data go to a folder of ours."""
    places = {"/etc/prometheus/": f"{COMPOSE}/", "=/prometheus": f"={folder}/prometheus"}
    words = ["prometheus", "--web.listen-address=127.0.0.1:9090"]
    for word in service["command"]:
        for there, here in places.items():
            word = word.replace(there, here)
        words.append(word)
    return words


def address():
    """Where Grafana asks, by its data source."""
    return yaml.safe_load(SOURCE.read_text())["datasources"][0]["url"]


def get(path, **query):
    url = f"{address()}{path}?{urllib.parse.urlencode(query)}"
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)["data"]
    except urllib.error.HTTPError as error:
        raise SystemExit(f"Prometheus about {query}: {error.read().decode()}") from error


def is_healthy():
    try:
        with urllib.request.urlopen(f"{address()}/-/healthy", timeout=10) as answer:
            return answer.status == 200
    except OSError:
        return False


def dashboard():
    """(title, expression) of every query, with what Grafana puts in."""
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"].replace("$__rate_interval", RATE_INTERVAL)


def alerts():
    """The rules of docs/operating.md, as Prometheus reads them."""
    text = (TOP / "docs" / "operating.md").read_text()
    return re.search(r"```yaml\n(groups:\n.*?)```", text, re.S)[1]


def check_alerts(folder):
    """By Prometheus's own tool."""
    rules = folder / "alerts.yml"
    rules.write_text(alerts())
    subprocess.run(["promtool", "check", "rules", rules], check=True, stdout=subprocess.DEVNULL)


def answered(expression, patience):
    """Whether there are data, soon. What is drawn only above zero may be zero where all is well."""
    deadline = time.monotonic() + WAIT_S * patience
    expression = re.sub(r" > 0$", "", expression)
    while not get("/api/v1/query", query=expression)["result"]:
        if time.monotonic() > deadline:
            return False
        time.sleep(1)
    return True


def report(folder, patience):
    """What the dashboard asks for and gets, and what it gets nothing for; of the alerts the metrics,
    without their conditions."""
    check_alerts(folder)
    queries = list(dashboard())
    for rule in yaml.safe_load(alerts())["groups"][0]["rules"]:
        get("/api/v1/query", query=rule["expr"])
        for name in set(re.findall(r"sluice_\w+", rule["expr"])) - ELSEWHERE:
            queries.append((rule["alert"], name))
    found = {"answered": [], "empty": []}
    for title, expression in queries:
        kind = "answered" if answered(expression, patience) else "empty"
        found[kind].append(f"{title}: {expression}")
    return found
