"""Measures what several hosts cost that share a PostgreSQL database and a broker; see `scripts/bench`.

The database's files are on the disk of the checkout, and commits wait for it.
"""

import argparse
import itertools
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

from compare import BUILD, CHATD, machine, print_rows, running, spread

sys.path[:0] = [str(Path(__file__).parents[1] / "Tests/EndToEnd" / folder) for folder in (
    "support", "support/postgres", "support/redis")]

from host_client import HostClient  # noqa: E402
from packets import SocketIOWebSocket  # noqa: E402
from postgres_server import Template, environment, program  # noqa: E402
from redis_server import RedisServer  # noqa: E402
from wire import Disconnected  # noqa: E402

HOST = BUILD.parent / ".build/release/ConformanceServer"
COMMIT_DELAYS = (0, 5)
IN_FLIGHT = 128
DURABLE_SECONDS = 3
EVENTS = 2000
CLIENTS = 200
OUTAGE_SECONDS = 30
OUTAGE_RATE = 1000

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


# Durable messages.


def single_inserts(server):
    """Single INSERTs a second of one pgbench client, into the tutorial's table without chatd's trigger."""
    with server.connect("postgres") as connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS messages (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
            " client_offset text UNIQUE, content text)")
    script = BUILD / "insert.sql"
    script.write_text("INSERT INTO messages (client_offset, content) VALUES (gen_random_uuid(), 'hello');\n")
    done = subprocess.run(
        [program("pgbench"), "--no-vacuum", "--client", "1", "--time", str(DURABLE_SECONDS), "--protocol", "prepared",
         "--file", script, "--host", "127.0.0.1", "--port", str(server.port), "--username", "chatd", "postgres"],
        capture_output=True, text=True, env=environment(), check=True)
    return float(next(line.split("=")[1].split()[0] for line in done.stdout.splitlines() if line.startswith("tps")))


def chat_messages(server, count):
    """Messages a second that `count` hosts acknowledge together, each with 128 messages in flight."""
    with servers(count, [CHATD, "serve", "--port", "0", "--db", database(server)]) as hosts:
        loads = [
            subprocess.Popen(
                [BUILD / "load", "exchange", "--clients", "1", "--in-flight", str(IN_FLIGHT), "--acknowledged",
                 "--seconds", str(DURABLE_SECONDS), "--port", str(host.port), "--pid", str(host.pid),
                 "--sender", str(number)],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for number, host in enumerate(hosts)]
        figures = []
        for load in loads:
            output, errors = load.communicate(timeout=60)
            if load.returncode != 0:
                sys.exit(f"{count} hosts: {errors}")
            figures.append({name: float(value) for name, value in map(str.split, output.splitlines())})
    return sum(figure["messages_per_s"] for figure in figures)


def durable_rows(rounds):
    yield "commit delay", "single INSERTs a second", "one host", "ratio", "two hosts", "ratio"
    for delay in COMMIT_DELAYS:
        runs = []
        with postgres(delay) as server:
            for _ in range(rounds):
                runs.append((single_inserts(server), chat_messages(server, 1), chat_messages(server, 2)))
        single, one, two = zip(*runs)
        ratios = [f"{statistics.median(b / a for a, b in zip(single, rates)):.1f}" for rates in (one, two)]
        yield f"{delay} ms", spread(single), spread(one), ratios[0], spread(two), ratios[1]


# Events.


@contextmanager
def brokers():
    """The backplanes to measure, by name: their URLs; None for a single host."""
    with postgres() as server:
        redis_server = RedisServer()
        try:
            yield {
                "none": None, "redis": redis_server.url(), "redis-sharded": redis_server.url("redis-sharded"),
                "redis-streams": redis_server.url("redis-streams"),
                "postgres": database(server)}
        finally:
            redis_server.remove()


def host_words(url, patience=2):
    return [HOST, "--port", "0", "--patience", str(patience), "--backplane", url or "none"]


def percentile(values, share):
    return sorted(values)[min(int(len(values) * share), len(values) - 1)] * 1000


def latencies(hosts):
    """The times from sending an event until it arrives at a client of the last host, in seconds, one at a time."""
    sender, receiver = HostClient(hosts[0]), HostClient(hosts[-1])
    found = []
    for number in range(EVENTS):
        began_at = time.perf_counter()
        sender.tell("emit", {}, "n", number)
        receiver.read_until(lambda: receiver.events)
        found.append(time.perf_counter() - began_at)
        receiver.events.clear()
        sender.read_until(lambda: sender.events)
        sender.events.clear()
    return found


def cpu_per_event(hosts):
    """CPU of an event at the sending host, with the client's part, in microseconds. 64 events are in flight."""
    client = HostClient(hosts[0])
    before = hosts[0].cpu()
    for number in range(0, EVENTS * 5, 64):
        for index in range(64):
            client.tell("emit", {}, "n", number + index)
        client.read_until(lambda: len(client.events) >= 64)
        client.events.clear()
    return (hosts[0].cpu() - before) / (EVENTS * 5) * 1e6


def event_rows():
    yield "backplane", "latency p50, ms", "p99, ms", "CPU of an event, µs"
    with brokers() as urls:
        for name, url in urls.items():
            with servers(2 if url else 1, host_words(url)) as hosts:
                wait_for_exchange(hosts)
                times, cpu = latencies(hosts), cpu_per_event(hosts)
            yield name, f"{percentile(times, 0.5):.2f}", f"{percentile(times, 0.99):.2f}", f"{cpu:.0f}"


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


# A host that dies.


def move(port, other, moments):
    """A client that connects to the other host when its own has died."""
    client = SocketIOWebSocket(port)
    client.connect_namespace()
    moments["ready"].release()
    try:
        while True:
            client.receive_packet(60)
    except (Disconnected, OSError):
        pass
    with SocketIOWebSocket(other) as client:
        client.connect_namespace()
        moments["back"].append(time.monotonic())


def takeover_seconds():
    """How long it takes until the clients of a killed host are connected to another one."""
    with postgres() as server, servers(2, [CHATD, "serve", "--port", "0", "--db", database(server)]) as hosts:
        moments = {"ready": threading.Semaphore(0), "back": []}
        threads = [
            threading.Thread(target=move, args=(hosts[0].port, hosts[1].port, moments)) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for _ in threads:
            moments["ready"].acquire(timeout=30)
        killed_at = time.monotonic()
        hosts[0].process.kill()
        for thread in threads:
            thread.join(60)
        assert len(moments["back"]) == CLIENTS
        return max(moments["back"]) - killed_at


# A broker that is away.


def outage_memory():
    """The memory of a host in MB before, at most during, and after 30 s without Redis at 1 000 events a second."""
    redis_server = RedisServer()
    try:
        with servers(2, host_words(redis_server.url())) as hosts:
            wait_for_exchange(hosts)
            client = HostClient(hosts[0])
            figures = [hosts[0].memory()]
            redis_server.stop()
            peak, sent, began_at = 0, 0, time.monotonic()
            while (elapsed := time.monotonic() - began_at) < OUTAGE_SECONDS:
                for _ in range(int(elapsed * OUTAGE_RATE) - sent):
                    client.tell("emit", {}, "n", sent)
                    sent += 1
                peak = max(peak, hosts[0].memory())
                try:
                    client.read_until(lambda: False, 0.01)
                except AssertionError:
                    client.events.clear()
            redis_server.start()
            wait_for_exchange(hosts)
            return [figure / 1e6 for figure in (*figures, peak, hosts[0].memory())]
    finally:
        redis_server.remove()


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench hosts", description=__doc__.split(";")[0] + ".")
    parser.add_argument("part", nargs="*", help="durable, events, takeover, outage; default: all")
    parser.add_argument("--rounds", type=int, default=5, help="number of rounds of durable and takeover (default 5)")
    arguments = parser.parse_args()
    parts = arguments.part or ["durable", "events", "takeover", "outage"]
    if "durable" in parts:
        print("Durable messages a second:")
        print_rows(durable_rows(arguments.rounds))
    if "events" in parts:
        print("\nEvents from a client of one host to a client of another:")
        print_rows(event_rows())
    if "takeover" in parts:
        times = [takeover_seconds() for _ in range(arguments.rounds)]
        print(f"\n{CLIENTS} clients of a killed host are connected to another one after {spread(times)} s.")
    if "outage" in parts:
        before, peak, after = outage_memory()
        print(f"\nMemory of a host without Redis for {OUTAGE_SECONDS} s at {OUTAGE_RATE} events a second: "
              f"{before:.1f} MB before, {peak:.1f} MB at most, {after:.1f} MB after.")
    print(f"\nMedians of {arguments.rounds} rounds on {machine()}. Servers, broker and clients share the cores.")


if __name__ == "__main__":
    main()
