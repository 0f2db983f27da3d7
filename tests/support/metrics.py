"""Reading /metrics with Prometheus' own parser, and a check that it is lenient about."""
import re

from prometheus_client.parser import text_string_to_metric_families

from sluice import wait_until


class Metrics:
    """One scrape."""

    def __init__(self, text):
        self.text = text
        self.families = {family.name: family for family in text_string_to_metric_families(text)}
        self.samples = [(sample.name, sample.labels, sample.value)
                        for family in self.families.values() for sample in family.samples]

    def total(self, name, **labels):
        """The sum over all series of that name that have these labels."""
        return sum(value for sample, its, value in self.samples
                   if sample == name and labels.items() <= its.items())

    def value(self, name, **labels):
        """As total(), where the series must be there."""
        if not any(sample == name and labels.items() <= its.items()
                   for sample, its, _ in self.samples):
            raise AssertionError(f"no {name} with {labels} in\n{self.text}")
        return self.total(name, **labels)

    def faults(self):
        """What Prometheus refuses or warns about; a list of texts."""
        found, series, types = [], set(), []
        for line in self.text.splitlines():
            if line.startswith("# TYPE"):
                types.append(line.split()[2])
            elif line and not line.startswith("#"):
                name = line.rsplit(" ", 1)[0]
                if name in series:
                    found.append(f"twice: {name}")
                series.add(name)
        found += [f"# TYPE twice: {name}" for name in set(types) if types.count(name) > 1]
        for name, family in self.families.items():
            if family.type == "counter" and not re.search(rf"^{name}_total", self.text, re.M):
                found.append(f"a counter without _total: {name}")
            if not family.documentation:
                found.append(f"no help: {name}")
        if not self.text.endswith("\n"):
            found.append("no line feed at the end")
        return found


def read(node):
    answer = node.admin_get("/metrics")
    if answer.status != 200:
        raise AssertionError(f"/metrics: {answer.status}")
    return Metrics(answer.text)


def wait_total(node, wanted, name, **labels):
    """Messages are counted after their events are in the logs, and what was written at the end of a
    loop's turn: a reader may have an event before it is counted."""
    try:
        wait_until(lambda: read(node).total(name, **labels) == wanted)
    except AssertionError:
        raise AssertionError(
            f"{name} {labels} is {read(node).total(name, **labels)}, not {wanted}") from None
