"""The journal row: 200-byte events into a hub whose channels are all kept on disk, with an fsync a
second, beside the same hub without a journal."""
import json
import tempfile

from input_rows import run_loop
from report import Line, limit_line, median
from servers import SERVER_CORE

RATE, RATE_MIN = 120_000, 100_000


def _run(seconds):
    with tempfile.TemporaryDirectory(prefix="sluice-bench-journal-") as folder:
        return json.loads(run_loop("sluice_bench_journal", SERVER_CORE, folder, str(seconds),
                                   str(RATE)))


def journal(plan):
    runs = [_run(plan.seconds) for _ in range(plan.repeats)]
    results, rate = {"sluice": runs}, median(runs, "rate")

    def beside(figure, name):
        return Line(figure, {"without": f"{median(runs, name + '_without'):.3g}",
                             "sluice": f"{median(runs, name):.3g}"})

    return [Line("events/s, one fsync a second", {"sluice": f"{rate:,.0f}"},
                 f"at least {RATE_MIN:,}", f"{rate:,.0f}", rate >= RATE_MIN),
            limit_line("events that were not kept", results, "dropped", 0, "events"),
            beside("CPU, us an event", "cpu_us"),
            beside("longest publish of 100, us", "longest_us"),
            Line("start with what was kept, s",
                 {"sluice": f"{median(runs, 'restart_s'):.2f} "
                            f"({median(runs, 'restored_mib'):.0f} MiB)"})], results, []
