"""The servers that are measured: each is a process of its own, pinned to SERVER_CORE, on a port that
was free, with its files in a folder that is removed; it ends by its process id.

    with Floor(rate=100, size=200) as server:
        load(server, subscribers=1000)

Every server has `pids` (what to measure), `url` (with {i} where a channel's number goes) and `name`.
"""
import json
import os
import pathlib
import re
import resource
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("SLUICE_BUILD", TOP / "build" / "release"))
CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, TESTER_CORE = CORES[0], CORES[-1]
NCHAN = pathlib.Path("/usr/lib/nginx/modules/ngx_nchan_module.so")
START_S, STOP_S, BEYOND_S = 20.0, 12.0, 200.0


class Unavailable(Exception):
    """A program that is needed is not there."""


def program(name):
    path = BUILD / name
    if not path.exists():
        raise Unavailable(f"{path.relative_to(TOP) if path.is_relative_to(TOP) else path} "
                          "is not built")
    return str(path)


def prepare():
    """10,000 sockets on both sides; this process keeps off the server's core."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    os.sched_setaffinity(0, {TESTER_CORE})


def start(command, core, **options):
    return subprocess.Popen(command, stdin=subprocess.DEVNULL,
                            preexec_fn=lambda: os.sched_setaffinity(0, {core}), **options)


def stop(process):
    process.terminate()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(STOP_S)


def load(server, subscribers, seconds, **options):
    """Runs the load tester against a server; options are its own, with _ for -."""
    command = [program("sluice_load"), "--url", options.pop("url", server.url), "--json",
               "--subscribers", str(subscribers), "--seconds", str(seconds),
               "--pid", ",".join(str(pid) for pid in server.pids)]
    for name, value in options.items():
        command.append("--" + name.replace("_", "-"))
        if value is not True:
            command.append(str(value))
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + BEYOND_S,
                          preexec_fn=lambda: os.sched_setaffinity(0, {TESTER_CORE}))
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{server.name}: {done.stderr.strip()}; its log ends in: "
                           + server.log()[-600:])
    return json.loads(done.stdout)


class Server:
    """What they have in common. Subclasses fill command() and may find more than `address`."""
    name = ""

    def __init__(self):
        self._folder = self._process = None
        self.address = ""

    def __enter__(self):
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="sluice-bench-"))
        try:
            with open(self._folder / "log", "wb") as log:
                self._process = start(self.command(self._folder), SERVER_CORE, stdout=log,
                                      stderr=log)
            self.ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self._process is not None:
            stop(self._process)
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def pids(self):
        return [self._process.pid]

    def command(self, folder):
        raise NotImplementedError

    def ready(self):
        self.address = self.printed("listening on ")

    def log(self):
        return (self._folder / "log").read_text(errors="replace")

    def printed(self, before):
        """The URL that follows `before` in the log, as soon as its line is complete."""
        url = re.compile(before + r"(https?://[0-9.]+:[0-9]+).*\n")
        return self.wait(lambda: url.search(self.log()), f"'{before}' in its log")[1]

    def wait(self, condition, what):
        deadline = time.monotonic() + START_S
        while not (value := condition()):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self.name}: no {what}:\n{self.log()[-2000:]}")
            time.sleep(0.01)
        return value


class Floor(Server):
    name = "floor"

    def __init__(self, mode="each", **options):
        super().__init__()
        self._options = {"mode": mode, **options}

    def command(self, folder):
        return [program("sluice_floor"),
                *(text for name, value in self._options.items() for text in (f"--{name}", str(value)))]

    @property
    def url(self):
        return self.address + "/{i}"


class Sluice(Server):
    """`sluice run` with the ticker, or with the inputs given. Replayable: ids are as long, and cost
    as much, as with a broker."""
    name = "sluice"

    def __init__(self, rate=1, size=200, channels=1, inputs=None, mapping=None, tls=False):
        """tls: with a certificate of its own, P-256."""
        super().__init__()
        self._tls = tls
        self._waits = inputs is None  # a long first read is a long start
        self._inputs = inputs or (f"tick: {{plugin: ticker, rate: {rate}, size: {size}, "
                                  f"channels: {channels}, scheduled: true, "
                                  "replayable: true, rewind: 1s}")
        self._mapping = mapping or '{from: "tick:{topic**}", channel: "{topic}"}'
        self._channels = channels
        self.admin = ""

    def command(self, folder):
        config = folder / "sluice.yaml"
        tls = self._certificate(folder) if self._tls else ""
        config.write_text(tls + f"listen: 127.0.0.1:0\nadmin: http://127.0.0.1:0\ninputs:\n  {self._inputs}\n"
                          f"mappings:\n  - {self._mapping}\n")
        return [program("sluice"), "run", str(config)]

    @staticmethod
    def _certificate(folder):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=bench",
                        "-keyout", folder / "key.pem", "-out", folder / "certificate.pem"],
                       check=True, capture_output=True, timeout=30)
        return f"tls: {{certificate: {folder}/certificate.pem, key: {folder}/key.pem}}\n"

    def ready(self):
        super().ready()
        self.admin = self.printed("admin on ")
        if self._waits:
            self.wait(self._is_ready, "readiness")

    def _is_ready(self):
        try:
            with urllib.request.urlopen(self.admin + "/readyz", timeout=START_S):
                return True
        except OSError:  # refused, or not 200
            return False

    @property
    def url(self):
        return self.address + "/events/" + ("tick" if self._channels == 1 else "tick.{i}")


_NGINX = """load_module {nchan};
user {user};
daemon off;
worker_processes 1;
worker_rlimit_nofile {files};
pid {folder}/pid;
error_log {folder}/log warn;
events {{ worker_connections {connections}; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  keepalive_requests 1000000000;
  nchan_shared_memory_size 512M;
  nchan_message_buffer_length 4096;
  nchan_message_timeout 1h;
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location ~ ^/pub/(\\w+)$ {{ nchan_publisher http; nchan_channel_id $1; }}
    location ~ ^/sub/(\\w+)$ {{
      nchan_subscriber eventsource; nchan_channel_id $1; nchan_subscriber_first_message newest;
    }}
  }}
}}
"""


class Nchan(Server):
    """nginx with nchan, fed by sluice_post from the tester's core (rate 0: not fed)."""
    name = "nchan"

    def __init__(self, rate, size, channels=1):
        super().__init__()
        self._feed = [str(rate), str(size), str(channels)] if rate else None
        self._feeder = None
        self._port = _free_port()

    def command(self, folder):
        if not NCHAN.exists() or not shutil.which("nginx"):
            raise Unavailable("nginx with libnginx-mod-nchan is not installed")
        files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        (folder / "nginx.conf").write_text(_NGINX.format(
            nchan=NCHAN, user="root" if os.getuid() == 0 else "nobody", folder=folder, files=files,
            connections=files - 1000, port=self._port))
        return ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e",
                str(folder / "log")]

    def ready(self):
        self.address = f"http://127.0.0.1:{self._port}"
        self.wait(self._accepts, "listening socket")
        if self._feed:
            self._feeder = start([program("sluice_post"), self.address + "/pub/{i}", *self._feed],
                                 TESTER_CORE)

    def _accepts(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self._port)) == 0

    def __exit__(self, *_):
        if self._feeder is not None:
            stop(self._feeder)
        super().__exit__()

    @property
    def pids(self):
        master = self._process.pid
        children = pathlib.Path(f"/proc/{master}/task/{master}/children").read_text().split()
        return [master, *children]

    @property
    def url(self):
        return self.address + "/sub/{i}"


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
