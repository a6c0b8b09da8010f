"""The servers under test, as processes on free ports."""

import os
import queue
import re
import signal
import subprocess
import threading
import time
from pathlib import Path

from waiting import wait_until

REPOSITORY = Path(__file__).resolve().parents[3]
RUNNING_LINE = re.compile(r"server running at (?:http://\S+:(\d+)|unix:(\S+))")
START_TIMEOUT = 15.0
STOP_TIMEOUT = 15.0

#: Every running server of this test process, so that the report of a failed test can show their logs.
alive = set()


def binary(variable, name):
    """The path from the environment variable, else the release build, else the debug build."""
    if variable in os.environ:
        candidates = [Path(os.environ[variable])]
    else:
        candidates = [REPOSITORY / ".build" / kind / name for kind in ("release", "debug")]
    for candidate in candidates:
        if os.access(candidate, os.X_OK):
            return str(candidate.resolve())
    looked = " or ".join(str(candidate) for candidate in candidates)
    raise FileNotFoundError(f"no {name} at {looked}: build it (swift build) or set {variable} to its path")


def chatd_binary():
    return binary("CHATD", "chatd")


def example_binary(name):
    """The path of an example, below the directory in EXAMPLES or in the build directory of scripts/test."""
    path = Path(os.environ.get("EXAMPLES", REPOSITORY / ".build" / "examples" / "debug")) / name
    if os.access(path, os.X_OK):
        return str(path.resolve())
    raise FileNotFoundError(f"no {path}: run swift build --package-path Examples --scratch-path .build/examples")


def clean_environment(extra=()):
    """The caller's environment without variables that change a server's options. A stop closes all connections at
    once, unless a test says otherwise.
    """
    kept = {k: v for k, v in os.environ.items() if not k.startswith("CHATD") and k != "PORT"}
    return {**kept, "CHATD_DRAIN_TIMEOUT": "0", **dict(extra)}


def run_chatd(*arguments, cwd=None, environment=(), timeout=30):
    """Runs chatd until it exits, for commands that must not serve."""
    return subprocess.run(
        [chatd_binary(), *map(str, arguments)],
        cwd=cwd,
        env=clean_environment(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
    )


class ServerProcess:
    """A server. `ports` has the port, or the path of a Unix domain socket, from each running line."""

    def __init__(self, command, directory, environment=(), ports=1, **popen):
        self.command = [str(part) for part in command]
        self.stderr_path = Path(directory) / f"stderr-{time.monotonic_ns()}.log"
        self._lines = queue.Queue()
        self.stdout = []
        self.was_asked_to_end = False
        with open(self.stderr_path, "wb") as stderr:
            self.process = subprocess.Popen(
                self.command,
                cwd=directory,
                env=clean_environment(environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                # A process group per server, so that a test can send it signals as a terminal does.
                process_group=0,
                **popen,
            )
        alive.add(self)
        threading.Thread(target=self._collect, daemon=True).start()
        try:
            self.ports = [self._wait_for_running_line() for _ in range(ports)]
        except BaseException:
            self.kill()
            raise

    def _collect(self):
        for line in self.process.stdout:
            self.stdout.append(line)
            self._lines.put(line)
        self._lines.put(None)

    def _wait_for_running_line(self):
        try:
            line = self._lines.get(timeout=START_TIMEOUT)
        except queue.Empty:
            raise AssertionError(f"{self} did not print its running line in {START_TIMEOUT} s") from None
        if line is None:
            code = self.process.wait(STOP_TIMEOUT)
            raise AssertionError(f"{self} ended with {code} before it served:\n{self.stderr_text()}")
        match = RUNNING_LINE.fullmatch(line.rstrip("\n"))
        assert match, f"{self} printed {line!r} instead of its running line"
        return int(match[1]) if match[1] else match[2]

    def __str__(self):
        return " ".join([Path(self.command[0]).name, *self.command[1:]])

    @property
    def port(self):
        return self.ports[0]

    @property
    def pid(self):
        return self.process.pid

    @property
    def is_running(self):
        return self.process.poll() is None

    def stderr_text(self):
        return self.stderr_path.read_text(errors="replace")

    def status(self, key):
        """A value of /proc/PID/status in bytes: VmRSS is the current memory, VmHWM its peak."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(key + ":"):
                return int(line.split()[1]) * 1024
        raise KeyError(key)

    def cpu_seconds(self):
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def send_signal(self, number):
        self.was_asked_to_end = self.was_asked_to_end or number in (signal.SIGTERM, signal.SIGINT, signal.SIGKILL)
        self.process.send_signal(number)

    def freeze(self):
        """Stops all threads, and returns when they have stopped: on a busy machine, some run on for a moment."""
        self.send_signal(signal.SIGSTOP)
        threads = Path(f"/proc/{self.pid}/task")
        wait_until(lambda: all(
            (thread / "stat").read_text().rpartition(")")[2].split()[0] == "T" for thread in threads.iterdir()), 20)

    def wait(self, timeout=STOP_TIMEOUT):
        """The exit code; raises `subprocess.TimeoutExpired` if the process is still running."""
        code = self.process.wait(timeout)
        alive.discard(self)
        return code

    def stop(self, number=signal.SIGTERM):
        """Sends the server a stop signal and returns its exit code."""
        self.send_signal(number)
        return self.wait()

    def kill(self):
        if self.is_running:
            self.process.kill()
        self.process.wait()
        alive.discard(self)

    def end(self):
        """For fixtures: ends the server, which must still run unless the test stopped it."""
        code = self.process.poll()
        if code is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_TIMEOUT)
            except subprocess.TimeoutExpired:
                pass
        self.kill()
        ended_by_itself = code is not None and not self.was_asked_to_end
        assert not ended_by_itself, f"{self} ended by itself with {code}:\n{self.stderr_text()[-4000:]}"


def conformance_server(directory):
    return ServerProcess([binary("CONFORMANCE_SERVER", "ConformanceServer"), "--port", "0"], directory)


def chatd(directory, *options, port=0, db="chat.db", environment=()):
    """Starts `chatd serve` in `directory`, on a free port by default."""
    command = [chatd_binary(), "serve", "--port", port, "--db", db, *options]
    return ServerProcess(command, directory, environment)


class Supervisor(ServerProcess):
    """`chatd supervise`, with information about its workers' processes."""

    def __init__(self, directory, workers, *options, port=0, db="chat.db", environment=()):
        command = [chatd_binary(), "supervise", "--workers", workers, "--port", port, "--db", db, *options]
        self.workers = workers
        super().__init__(command, directory, environment, ports=1 if "shared" in options else workers)

    def worker_pid(self, slot):
        """The current process of a slot; None if there is none."""
        for child in children(self.pid):
            words = command_line(child)
            if len(words) > 2 and words[1:3] == ["worker", str(slot)] and state(child) not in ("Z", None):
                return child
        return None

    def counters(self):
        """The counters that all processes log for SIGUSR1: those of the primary, and a list of those of its workers."""
        known = len(self._counter_lines())
        self.send_signal(signal.SIGUSR1)
        wait_until(lambda: len(self._counter_lines()) == known + 1 + self.workers)
        lines = self._counter_lines()[known:]
        found = [dict(field.split("=") for field in line.split("counters ")[1].split()) for line in lines]
        return found[0], found[1:]

    def _counter_lines(self):
        return [line for line in self.stderr_text().split("\n")[:-1] if " counters " in line]

    def worker_pids(self):
        return [self.worker_pid(slot) for slot in range(self.workers)]


def children(pid):
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def command_line(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return []


def state(pid):
    """The letter of the process's state, such as Z for a zombie; None if there is no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return None


def is_alive(pid):
    return state(pid) not in ("Z", "X", None)


def descriptors(pid):
    """The open descriptors: numbers and kinds."""
    found = {}
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found[int(entry.name)] = os.readlink(entry).split(":")[0]
        except FileNotFoundError:
            continue
    return found
