"""Compares the cost of chatd and the floor under the same load.

Each round runs the two servers one after the other; the order alternates between rounds. Each ratio is computed from
two consecutive runs, so that other load on the machine affects both. `scripts/bench` builds the programs.
"""

import argparse
import os
import re
import select
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
BUILD = REPOSITORY / ".build-bench"
CHATD = REPOSITORY / ".build/release/chatd"
RUNNING_LINE = re.compile(r"server running at http://\S+:(\d+)")
START_TIMEOUT = 10.0
LOAD_TIMEOUT = 60.0
STOP_TIMEOUT = 10.0


@dataclass(frozen=True)
class Measure:
    """A figure of the load generator.

    `limit` is the greatest allowed ratio; None for a figure that depends too much on the disk.
    """

    name: str
    title: str
    limit: float | None
    is_rate: bool = False

    def ratio(self, chatd, floor):
        """chatd's cost divided by the floor's; for a rate, the floor's rate divided by chatd's."""
        return floor / chatd if self.is_rate else chatd / floor


@dataclass(frozen=True)
class Scenario:
    group: str
    title: str
    load: str
    measures: tuple
    floor_stores: bool = False


CPU_PER_DELIVERY = "cpu_us_per_delivery", "CPU of a delivery, µs"
SCENARIOS = [
    Scenario(
        "fanout",
        "fanout, 16 in flight",
        "exchange --clients 100 --in-flight 16 --seconds 2",
        (Measure(*CPU_PER_DELIVERY, limit=2.2),),
    ),
    Scenario(
        "fanout",
        "fanout, 1 in flight",
        "exchange --clients 100 --in-flight 1 --seconds 2",
        (Measure(*CPU_PER_DELIVERY, limit=2.2),),
    ),
    Scenario(
        "idle",
        "idle, 10000 clients",
        "idle --clients 10000 --seconds 0.5",
        (Measure("bytes_per_connection", "memory of a client, bytes", limit=26),),
    ),
    Scenario(
        "durable",
        "durable, 128 in flight",
        "exchange --clients 1 --in-flight 128 --acknowledged --seconds 2",
        (
            Measure("cpu_us_per_message", "CPU of a message, µs", limit=4),
            Measure("messages_per_s", "messages a second", limit=None, is_rate=True),
        ),
        floor_stores=True,
    ),
]
GROUPS = list(dict.fromkeys(scenario.group for scenario in SCENARIOS))
SERVERS = ("chatd", "floor")


def command(server, scenario):
    if server == "chatd":
        return [CHATD, "serve", "--port", "0", "--db", "bench.db"]
    return [BUILD / "floor", *(["bench.db"] if scenario.floor_stores else [])]


@contextmanager
def running(words, directory, count=1):
    """Runs a server in a new directory until it has printed `count` running lines. Yields its ports and process."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("CHATD") and key != "PORT"}
    with open(directory / "log", "wb") as log:
        process = subprocess.Popen(
            words, cwd=directory, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log
        )
    try:
        ports = read_ports(process, count)
        if ports is None:
            sys.exit(f"{words[0]} does not start:\n{(directory / 'log').read_text()}")
        yield ports, process
    finally:
        # chatd waits for its clients after the first signal, and ends after the second.
        process.terminate()
        process.terminate()
        try:
            process.wait(STOP_TIMEOUT)
        finally:
            process.kill()
            process.stdout.close()


def read_ports(process, count):
    """The ports of the running lines; None if they do not come in time."""
    text, deadline = b"", time.monotonic() + START_TIMEOUT
    output = select.poll()
    output.register(process.stdout, select.POLLIN)
    while len(ports := RUNNING_LINE.findall(text.decode())) < count:
        can_read = output.poll(max(0, deadline - time.monotonic()) * 1000)
        more = os.read(process.stdout.fileno(), 4096) if can_read else b""
        if not more:
            return None
        text += more
    return ports


def run(server, scenario):
    """The figures of one run, by name."""
    with tempfile.TemporaryDirectory(dir=BUILD) as directory:
        with running(command(server, scenario), Path(directory)) as ([port], process):
            words = [BUILD / "load", *scenario.load.split(), "--port", port, "--pid", str(process.pid)]
            load = subprocess.run(words, capture_output=True, text=True, timeout=LOAD_TIMEOUT)
            if load.returncode != 0 or process.poll() is not None:
                sys.exit(f"{scenario.title}, {server}: {load.stderr}")
    return {name: float(value) for name, value in map(str.split, load.stdout.splitlines())}


def run_rounds(scenarios, rounds):
    """The figures of each server in each round, by scenario."""
    results = {scenario: {server: [] for server in SERVERS} for scenario in scenarios}
    for number in range(rounds):
        for scenario in scenarios:
            for server in SERVERS if number % 2 == 0 else reversed(SERVERS):
                print(f"\rround {number + 1} of {rounds}: {scenario.title}, {server:<20}", end="", file=sys.stderr)
                results[scenario][server].append(run(server, scenario))
    print(f"\r{'':60}\r", end="", file=sys.stderr)
    return results


def spread(values):
    """The median with the least and the greatest value."""
    digits = 2 if max(values) < 100 else 0
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def print_rows(rows):
    """Prints a table whose first row has the titles."""
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


def print_table(results):
    """Prints a row for each measure. Returns the rows above their limits."""
    rows, exceeded = [("scenario", "measure", "chatd (range)", "floor (range)", "ratio", "limit")], []
    for scenario, runs in results.items():
        for measure in scenario.measures:
            chatd, floor = ([figures[measure.name] for figures in runs[server]] for server in SERVERS)
            ratio = statistics.median(map(measure.ratio, chatd, floor))
            limit = "" if measure.limit is None else f"{measure.limit:.1f}"
            rows.append((scenario.title, measure.title, spread(chatd), spread(floor), f"{ratio:.2f}", limit))
            if measure.limit is not None and ratio > measure.limit:
                exceeded.append(f"{scenario.title}: {measure.title} is {ratio:.2f} times the floor's, over {limit}")
    print_rows(rows)
    return exceeded


def machine():
    models = re.findall(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    cores = len(os.sched_getaffinity(0))
    return f"{cores} cores of {models[0] if models else os.uname().machine}, Linux {os.uname().release}"


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__.splitlines()[0])
    parser.add_argument("scenario", nargs="*", help=f"{', '.join(GROUPS)}; default: all")
    parser.add_argument("--rounds", type=int, default=5, help="number of rounds (default 5)")
    parser.add_argument("--check", action="store_true", help="exit with 1 if a ratio is above its limit")
    arguments = parser.parse_args()
    unknown = set(arguments.scenario) - set(GROUPS)
    if unknown or arguments.rounds < 1:
        parser.error(f"no scenario is called {unknown.pop()}" if unknown else "at least one round is needed")
    scenarios = [scenario for scenario in SCENARIOS if not arguments.scenario or scenario.group in arguments.scenario]

    began_at = time.monotonic()
    results = run_rounds(scenarios, arguments.rounds)
    exceeded = print_table(results)
    print(f"\nMedians of {arguments.rounds} rounds in {time.monotonic() - began_at:.0f} s on {machine()}.")
    print("The ratio is chatd's cost divided by the floor's.")
    print("chatd stores every message; the floor stores them for durable only.")
    if arguments.check:
        sys.exit("\n".join(exceeded) or 0)


if __name__ == "__main__":
    main()
