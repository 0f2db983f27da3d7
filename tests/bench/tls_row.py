"""The row of TLS: the same fan-out by plain sockets and by TLS, on one core."""
from report import Line, clean_line, median
from rows import STREAM, run_once
from servers import Sluice

SUBSCRIBERS, RATE = 1000, 100


def tls(plan):
    def one(is_tls):
        return run_once(Sluice(rate=RATE, size=STREAM, tls=is_tls), SUBSCRIBERS, plan.seconds, RATE)
    results, notes = plan.interleaved({"sluice": lambda: one(False),
                                       "sluice, TLS": lambda: one(True)})
    lines = [Line("delivered events/s a core",
                  {name: f"{1e6 / median(runs, 'server_cpu_us_per_event'):,.0f}"
                   for name, runs in results.items() if runs}),
             Line("server CPU, us a delivered event",
                  {name: f"{median(runs, 'server_cpu_us_per_event'):.2f}"
                   for name, runs in results.items() if runs}),
             clean_line(results)]
    return lines, results, notes
