"""How the rows tell what they found: figures with their medians, targets, and a table."""
import dataclasses
import statistics

CONTENDERS = ("floor", "sluice", "nchan")


@dataclasses.dataclass
class Line:
    """One figure of one row: its value per server, and the target when it has one."""
    figure: str
    values: dict  # server -> text
    target: str = ""
    measured: str = ""
    reached: bool | None = None  # None: nothing to reach, printed for comparison only

    @property
    def verdict(self):
        return "" if not self.target else "reached" if self.reached else "NOT REACHED"


def median(runs, name):
    return statistics.median(run[name] for run in runs)


def medians(results, name, form="{:.3g}"):
    """server -> text, of servers that have runs."""
    return {server: form.format(median(runs, name)) for server, runs in results.items() if runs}


def ratio_line(figure, results, name, below, limit, form="{:.3g}"):
    """Sluice's median over that of `below` (the name of a server), to be at most `limit`."""
    line = Line(figure, medians(results, name, form), f"at most {limit:g} x {below}", "not measured",
                False)
    if results.get("sluice") and results.get(below):
        base = median(results[below], name)
        ratio = median(results["sluice"], name) / base if base else float("inf")
        line.measured, line.reached = f"{ratio:.2f} x", ratio <= limit
    return line


def limit_line(figure, results, name, limit, unit, form="{:,.0f}"):
    """Sluice's median, to be at most `limit`."""
    line = Line(figure, medians(results, name, form), f"at most {limit:,} {unit}", "not measured",
                False)
    if results.get("sluice"):
        value = median(results["sluice"], name)
        line.measured, line.reached = form.format(value) + " " + unit, value <= limit
    return line


def faults(run):
    return run["missing"] + run["doubled"] + run["reordered"] + run["gaps"] + run["closed"]


def is_clean(run):
    """Nothing wrong, nobody behind, and the source was as fast as asked (where that is known)."""
    return faults(run) == 0 and run["behind"] == 0 and offered(run) >= 0.999


def offered(run):
    """Share of the deliveries that were due in the measured time and came."""
    return run["delivered"] / run["wanted"] if run.get("wanted") else 1.0


def clean_line(results, target="none missing"):
    """Every run of Sluice must be clean."""
    def told(runs):
        worst = max(runs, key=lambda run: (faults(run), run["behind"], -offered(run)))
        text = f"{worst['missing']} missing, {worst['doubled']} doubled"
        for name in ("reordered", "gaps", "closed", "behind"):
            text += f", {worst[name]} {name}" if worst[name] else ""
        if offered(worst) < 0.999:
            text += f", {offered(worst):.1%} of what was due"
        return text
    line = Line("audit (worst run)", {server: told(runs) for server, runs in results.items() if runs},
                target, "not measured", False)
    if results.get("sluice"):
        line.measured = told(results["sluice"])
        line.reached = all(is_clean(run) for run in results["sluice"])
    return line


def disturbances(results):
    """Servers whose runs were not alone on the machine: their latencies are not to be trusted."""
    told = []
    for server, runs in results.items():
        # nchan's feeder is a process of its own and counts as another
        shares = [run["other_cpu_s"] / run["seconds"] for run in runs if run.get("other_cpu_s")]
        if server != "nchan" and shares and max(shares) > 0.15:
            told.append(f"{server}: other processes used up to {max(shares):.0%} of a core")
        busy = [run["tester_cpu_s"] / run["seconds"] for run in runs if run.get("tester_cpu_s")]
        if busy and max(busy) > 0.95:
            told.append(f"{server}: the tester was at its own limit ({max(busy):.0%} of its core)")
    return told


def print_row(name, work, lines, notes):
    print(f"\n{name}: {work}")
    for line in lines:
        if not line.values and not line.target:
            continue
        values = "   ".join(f"{server} {line.values[server]}" for server in line.values)
        print(f"    {line.figure:<34} {values}")
        if line.target:
            print(f"    {'':<34} -> {line.measured} (target: {line.target}): {line.verdict}")
    for note in notes:
        print(f"    note: {note}")


def print_table(rows):
    """rows: [(name, lines)]; only what has a target."""
    print(f"\n{'row':<10} {'figure':<34} {'measured':<34} {'target':<28} verdict")
    for name, lines in rows:
        for line in lines:
            if line.target:
                print(f"{name:<10} {line.figure:<34} {line.measured:<34} {line.target:<28} "
                      f"{line.verdict}")
