"""The ZeroMQ row: a PUSH socket sends as fast as it is read, to Sluice and to a bare cppzmq loop."""
import contextlib
import pathlib
import subprocess
import tempfile

from input_rows import (interleaved, lines, mapping_of, read_by_loop, read_by_sluice,
                        start_cost_s)
from servers import SERVER_CORE, TESTER_CORE, Sluice, program, start

LOOP, TOPIC, BYTES = "sluice_zeromq_loop", "bench", 200
STOP_S = 10


@contextlib.contextmanager
def _publisher(messages):
    """Where so many messages wait to be taken; PUSH drops none."""
    with tempfile.TemporaryDirectory(prefix="sluice-bench-") as folder:
        endpoint = f"ipc://{pathlib.Path(folder) / 'push'}"
        process = start([program("zeromq_publisher"), endpoint, "--push", "--topic", TOPIC,
                         "--bytes", str(BYTES), "--count", str(messages)], TESTER_CORE,
                        stdout=subprocess.PIPE, text=True)
        try:
            process.stdout.readline()  # it says where it listens
            yield endpoint
        finally:
            process.kill()
            process.wait(STOP_S)
            process.stdout.close()


def _sluice(endpoint, variant):
    return Sluice(inputs=f'z: {{plugin: zeromq, connect: "{endpoint}", socket: pull}}',
                  mapping=mapping_of(f"z:{TOPIC}", variant))


def _read_by_loop(messages):
    with _publisher(messages) as endpoint:
        return read_by_loop(LOOP, SERVER_CORE, messages, endpoint, str(messages))


def _read_by_sluice(messages, variant):
    with tempfile.TemporaryDirectory(prefix="sluice-bench-") as folder:
        before = start_cost_s(_sluice(f"ipc://{folder}/nobody", variant))
    with _publisher(messages) as endpoint:
        return read_by_sluice(_sluice(endpoint, variant), messages, before)


def zeromq(plan):
    messages = 3_000_000 if plan.repeats > 1 else 1_000_000
    results, notes = interleaved(plan, lambda: _read_by_loop(messages),
                                 lambda variant: _read_by_sluice(messages, variant))
    return lines(results), results, notes
