"""Measures what several hosts cost that share a PostgreSQL database and a broker; see `scripts/bench`.

The database's files are on the disk of the checkout, and commits wait for it.
"""

import argparse
import asyncio
import statistics
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

from compare import BUILD, CHATD, machine, print_rows, spread
from host_servers import HostClient, database, host_words, postgres, servers, wait_for_exchange
from moving_clients import CLIENTS as MOVING_CLIENTS, EVENTS as MISSED, come_back, join
from packets import SocketIOWebSocket
from postgres_server import environment, program
from redis_server import RedisServer
from wire import Disconnected

COMMIT_DELAYS = (0, 5)
IN_FLIGHT = 128
DURABLE_SECONDS = 3
EVENTS = 2000
CLIENTS = 200
OUTAGE_SECONDS = 30
OUTAGE_RATE = 1000


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


# Sessions that survive their host.


async def resumption(comes_late, resumes):
    """What it costs when all clients of a killed host come back to another one: to one that was there, or to one that
    started after the events that they missed."""
    redis_server = RedisServer()
    try:
        words = host_words(redis_server.url("redis-streams"))
        with servers(2, words) as hosts, redis_server.client() as redis:
            wait_for_exchange(hosts)
            emitter = HostClient(hosts[1])

            def emit(name, values):
                for value in values:
                    emitter.tell("emit", {}, name, value)
                emitter.read_until(lambda: [name, values[-1]] in emitter.events)

            clients = await join(hosts[0], emit, lambda: redis.dbsize() - 1)
            hosts[0].process.kill()
            hosts[0].process.wait()
            emit("missed", range(MISSED))
            if not comes_late:
                return await come_back(clients, hosts[1], resumes)
            with servers(1, words) as late:
                wait_for_exchange([*late, hosts[1]])
                return await come_back(clients, late[0], resumes)
    finally:
        redis_server.remove()


def resumption_rows(rounds):
    yield "clients connect to", "seconds", "CPU of a client, µs", "sessions resumed"
    for title, comes_late, resumes in (
            ("another host, with new sessions", False, False), ("another host", False, True),
            ("a host that started later", True, True)):
        runs = [asyncio.run(resumption(comes_late, resumes)) for _ in range(rounds)]
        seconds, cpu, resumed = zip(*runs)
        yield title, spread(seconds), spread(cpu), f"{min(resumed)} of {MOVING_CLIENTS}"


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
    parser.add_argument("part", nargs="*", help="durable, events, takeover, sessions, outage; default: all")
    parser.add_argument(
        "--rounds", type=int, default=5, help="number of rounds, except of events and outage (default 5)")
    arguments = parser.parse_args()
    parts = arguments.part or ["durable", "events", "takeover", "sessions", "outage"]
    if "durable" in parts:
        print("Durable messages a second:")
        print_rows(durable_rows(arguments.rounds))
    if "events" in parts:
        print("\nEvents from a client of one host to a client of another:")
        print_rows(event_rows())
    if "takeover" in parts:
        times = [takeover_seconds() for _ in range(arguments.rounds)]
        print(f"\n{CLIENTS} clients of a killed host are connected to another one after {spread(times)} s.")
    if "sessions" in parts:
        print(f"\n{MOVING_CLIENTS} clients of a killed host that missed {MISSED} events, with Redis Streams:")
        print_rows(resumption_rows(arguments.rounds))
    if "outage" in parts:
        before, peak, after = outage_memory()
        print(f"\nMemory of a host without Redis for {OUTAGE_SECONDS} s at {OUTAGE_RATE} events a second: "
              f"{before:.1f} MB before, {peak:.1f} MB at most, {after:.1f} MB after.")
    print(f"\nMedians of {arguments.rounds} rounds on {machine()}. Servers, broker and clients share the cores.")


if __name__ == "__main__":
    main()
