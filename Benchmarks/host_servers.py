"""Servers, databases and brokers for the measurements of several hosts."""

import itertools
import os
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path

from compare import BUILD, running

sys.path[:0] = [str(Path(__file__).parents[1] / "Tests/EndToEnd" / folder) for folder in (
    "support", "support/postgres", "support/redis")]

from host_client import HostClient  # noqa: E402
from postgres_server import Template  # noqa: E402

HOST = BUILD.parent / ".build/release/ConformanceServer"

numbers = itertools.count()


@contextmanager
def postgres(commit_delay=0):
    """A server whose commits wait for the disk, and before that `commit_delay` milliseconds for other commits."""
    os.environ["TMPDIR"] = str(BUILD)
    template = Template()
    try:
        server = template.server(
            fsync=True, commit_delay=commit_delay * 1000, commit_siblings=0, max_connections=100)
        try:
            yield server
        finally:
            server.remove()
    finally:
        template.remove()


def database(server):
    """The URL of a new database."""
    name = f"chat_{next(numbers)}"
    with server.connect("postgres") as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"postgres://chatd@127.0.0.1:{server.port}/{name}"


@contextmanager
def servers(count, words):
    """Runs servers with the same arguments. Yields their ports and processes."""
    with ExitStack() as stack:
        started = []
        for _ in range(count):
            directory = stack.enter_context(tempfile.TemporaryDirectory(dir=BUILD))
            [port], process = stack.enter_context(running(words, Path(directory)))
            started.append(Served(int(port), process))
        yield started


class Served:
    def __init__(self, port, process):
        self.port, self.process, self.pid = port, process, process.pid

    def cpu(self):
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self):
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def host_words(url, patience=2):
    return [HOST, "--port", "0", "--patience", str(patience), "--backplane", url or "none"]


def wait_for_exchange(hosts):
    sender, receiver = HostClient(hosts[0]), HostClient(hosts[-1])
    for _ in range(100):
        sender.tell("emit", {}, "probe", 1)
        try:
            receiver.read_until(lambda: receiver.events, 0.2)
            return
        except AssertionError:
            continue
    sys.exit("the hosts do not reach each other")
