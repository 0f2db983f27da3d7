#!/usr/bin/env python3
"""`sluice run` as a daemon: in the background, as another user, with its number and its log in files."""
import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import unittest

from system import PATIENCE, SystemTest, ask, main, wait_until
from sluice import PROGRAM

CONFIG = """
publish: {key: test-key}
log: {format: text}
delivery: {drain: 2s}
"""
ROOT = os.geteuid() == 0


def identity(pid):
    """Real, effective, saved and file-system user, and what it may do beyond that."""
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return (re.search(r"Uid:\s+(.*)", text)[1].split(), re.search(r"CapEff:\s+(\w+)", text)[1],
            re.search(r"CapPrm:\s+(\w+)", text)[1])


class DaemonTest(SystemTest):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="sluice-test-")))
        self.folder.chmod(0o755)
        self.configure(CONFIG)
        self.pid_file, self.log_file = self.folder / "sluice.pid", self.folder / "sluice.log"
        self.addCleanup(self.kill)

    def configure(self, text):
        (self.folder / "sluice.yaml").write_text(text)

    def run_sluice(self, *options, port=0, preexec=None):
        command = [PROGRAM, "run", "sluice.yaml", "--listen", f"127.0.0.1:{port}",
                   "--admin", "127.0.0.1:0", *options]
        return subprocess.run(command, capture_output=True, text=True, cwd=self.folder,
                              stdin=subprocess.DEVNULL, preexec_fn=preexec, timeout=60 * PATIENCE)

    def daemon(self, *options, **more):
        return self.run_sluice("--daemon", "--pidfile", "sluice.pid", "--log-file", "sluice.log",
                               *options, **more)

    def pid(self):
        try:
            return int(self.pid_file.read_text() or 0)
        except FileNotFoundError:
            return 0

    def kill(self):
        if self.pid() and pathlib.Path(f"/proc/{self.pid()}").exists():
            os.kill(self.pid(), signal.SIGKILL)

    def address(self, word="listening"):
        text = self.log_file.read_text()
        host, port = re.search(word + r" on http://([0-9.]+):(\d+)", text).groups()
        return host, int(port)

    def end(self, how=signal.SIGTERM):
        pid = self.pid()
        os.kill(pid, how)
        wait_until(lambda: not pathlib.Path(f"/proc/{pid}").exists(), 20, "the end of the daemon")


class Background(DaemonTest):
    def test_servesWhenTheCommandReturns(self):
        done = self.daemon()
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        self.assertEqual(ask(self.address(), "GET", "/readyz").status, 200)
        pid = self.pid()
        self.assertNotEqual(os.getsid(pid), os.getsid(0), "it has a session of its own")
        self.assertNotEqual(os.getsid(pid), pid, "which it does not lead")
        self.assertEqual(os.readlink(f"/proc/{pid}/fd/0"), "/dev/null")
        for number in (1, 2):
            self.assertEqual(os.readlink(f"/proc/{pid}/fd/{number}"), str(self.log_file))
        self.end()
        self.assertFalse(self.pid_file.exists())
        self.assertRegex(self.log_file.read_text(), r"info node: Terminated: ending the streams")

    def test_isOnlyThereOnce(self):
        self.assertEqual(self.daemon().returncode, 0)
        again = self.daemon()
        self.assertEqual(again.returncode, 1)
        self.assertRegex(again.stderr, rf"the pid file \S+/sluice.pid is that of a running Sluice, "
                                       rf"process {self.pid()} \(sluice\); stop it first")
        os.kill(self.pid(), signal.SIGKILL)
        wait_until(lambda: self.daemon().returncode == 0, 20, "a start beside the file that was left")

    def test_leavesOthersPidFilesAlone(self):
        self.pid_file.write_text(f"{os.getpid()}\n")
        done = self.daemon()
        self.pid_file.unlink()
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"names process {os.getpid()} (", done.stderr)

    def test_tellsWhyItDoesNotServe(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            done = self.daemon(port=taken.getsockname()[1])
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"^sluice: cannot start: .*[Aa]ddress already in use")
        self.assertFalse(self.pid_file.exists())
        self.assertIn("cannot start", self.log_file.read_text())

    def test_tellsWhatIsWrongWithItsOptionsAndItsFile(self):
        self.configure("inputs: [")
        wrong = self.daemon()
        self.assertEqual(wrong.returncode, 2)
        self.assertIn("sluice.yaml:1:", wrong.stderr)
        self.configure(CONFIG)
        for options, status, text in (
                (["--daemon"], 2, "say where the log goes, --log-file FILE"),
                (["--daemon", "--log-file", "no/such.log"], 1, "/no/such.log cannot be written: No such"),
                (["--pidfile", "no/such.pid"], 1, "/no/such.pid cannot be written: No such"),
                (["--user", "no-such-user"], 2, "--user: there is no user `no-such-user`"),
                (["--pidfile="], 2, "pidfile")):
            done = self.run_sluice(*options)
            self.assertEqual((done.returncode, text in done.stderr), (status, True), done.stderr)
        self.assertFalse(self.pid_file.exists())


class Log(DaemonTest):
    def test_goesOnInANewFileAfterSigusr1(self):
        self.assertEqual(self.daemon().returncode, 0)
        old = self.log_file.rename(self.folder / "sluice.log.1")
        os.kill(self.pid(), signal.SIGUSR1)
        wait_until(lambda: self.log_file.exists() and "was opened again" in self.log_file.read_text(),
                   20, "the new file")
        os.kill(self.pid(), signal.SIGHUP)
        wait_until(lambda: "SIGHUP" in self.log_file.read_text(), 20, "a line in the new file")
        self.assertNotIn("SIGHUP", old.read_text())

    def test_isAFileInTheForegroundToo(self):
        process = subprocess.Popen([PROGRAM, "run", "sluice.yaml", "--listen", "127.0.0.1:0", "--admin",
                                    "127.0.0.1:0", "--log-file", "sluice.log", "--pidfile", "sluice.pid"],
                                   cwd=self.folder)
        wait_until(lambda: self.log_file.exists() and "admin on" in self.log_file.read_text(), 20, "the log")
        self.assertEqual(self.pid(), process.pid)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(20 * PATIENCE), 0)
        self.assertFalse(self.pid_file.exists())

    def test_signalsWithoutAFileChangeNothing(self):
        process = subprocess.Popen([PROGRAM, "run", "sluice.yaml", "--listen", "127.0.0.1:0", "--admin",
                                    "127.0.0.1:0"], cwd=self.folder, stderr=subprocess.PIPE, text=True)
        with process:
            while "admin on" not in process.stderr.readline():
                self.assertIsNone(process.poll())
            process.send_signal(signal.SIGUSR1)
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(20 * PATIENCE), 0)


@unittest.skipUnless(ROOT, "only root may become another user")
class User(DaemonTest):
    def test_isNotRootInAnyThread(self):
        journal = self.folder / "journal"
        journal.mkdir()
        os.chown(journal, 33, 33)
        self.configure(CONFIG + f"channels: {{'{{any**}}': {{history: {{journal: {journal}}}}}}}\n")
        done = self.daemon("--user", "www-data")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for thread in os.listdir(f"/proc/{self.pid()}/task"):
            self.assertEqual(identity(thread), (["33"] * 4, "0" * 16, "0" * 16))
        self.assertEqual({file.stat().st_uid for file in journal.iterdir()}, {33})
        answer = ask(self.address(), "POST", "/publish", '{"channel": "a", "data": 1}',
                     {"Authorization": "Bearer test-key"})
        self.assertEqual(answer.status, 200)
        # The log is his, so that he can open it again; the folder is not.
        os.kill(self.pid(), signal.SIGUSR1)
        wait_until(lambda: "was opened again" in self.log_file.read_text(), 20, "the log")
        self.log_file.unlink()
        held = os.open(f"/proc/{self.pid()}/fd/2", os.O_RDONLY)
        self.addCleanup(os.close, held)
        os.kill(self.pid(), signal.SIGUSR1)
        wait_until(lambda: b"cannot be opened again: Permission denied" in os.pread(held, 1 << 20, 0),
                   20, "a line in the old one")
        self.end()
        self.assertEqual(self.pid_file.read_text(), "", "the folder is not his: it is emptied")

    def test_hasTheGroupThatIsNamed(self):
        self.assertEqual(self.daemon("--user", "www-data:nogroup").returncode, 0)
        status = pathlib.Path(f"/proc/{self.pid()}/status").read_text()
        self.assertEqual(re.search(r"Gid:\s+(.*)", status)[1].split(), ["65534"] * 4)

    def test_listensBelow1024(self):
        if int(pathlib.Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text()) < 1024:
            self.skipTest("here everybody may")
        port = next(port for port in range(700, 1000) if self.is_free(port))
        done = self.daemon("--user", "nobody", port=port)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(ask(("127.0.0.1", port), "GET", "/readyz").status, 200)
        self.assertEqual(identity(self.pid())[0], ["65534"] * 4)

    @staticmethod
    def is_free(port):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) != 0

    def test_isRefusedToWhoIsNotRoot(self):
        os.chown(self.folder, 65534, 65534)

        def become_nobody():
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
        program = pathlib.Path(PROGRAM)
        if not all(parent.stat().st_mode & 0o1 for parent in program.resolve().parents):
            self.skipTest("nobody cannot run the program here")
        done = self.run_sluice("--user", "www-data", preexec=become_nobody)
        self.assertEqual(done.returncode, 2)
        self.assertIn("only root may become another user (`www-data`)", done.stderr)


if __name__ == "__main__":
    main()
