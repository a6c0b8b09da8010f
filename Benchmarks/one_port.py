"""Measures `chatd supervise --ports shared`: what it costs to pass a connection to another worker, and how many
connections a second the workers accept on one port and on a port each. `scripts/bench one-port` builds the programs.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

from compare import BUILD, CHATD, LOAD_TIMEOUT, machine, print_rows, running, spread

WORKER_COUNTS = (1, 2, 4)
PASSES = 4000
CONNECTIONS = 20000


def children(pid):
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


@contextmanager
def supervisor(workers, ports):
    """Runs `chatd supervise`. Yields its ports and the processes of primary and workers."""
    words = [CHATD, "supervise", "--workers", str(workers), "--ports", ports, "--port", "0", "--db", "bench.db"]
    with tempfile.TemporaryDirectory(dir=BUILD) as directory:
        with running(words, Path(directory), 1 if ports == "shared" else workers) as (numbers, process):
            yield numbers, [str(process.pid), *children(process.pid)]


def run(scenario, workers, ports, count):
    with supervisor(workers, ports) as (numbers, processes):
        words = [BUILD / "requests", scenario, "--count", str(count)]
        words += ["--ports", ",".join(numbers), "--pids", ",".join(processes)]
        load = subprocess.run(words, capture_output=True, text=True, timeout=LOAD_TIMEOUT)
    if load.returncode != 0:
        sys.exit(f"{scenario}, {workers} workers, {ports}: {load.stderr}")
    return {name: float(value) for name, value in map(str.split, load.stdout.splitlines())}


def pass_rows(rounds):
    """What a request costs when its connection stays, and when it is passed on."""
    yield "request", "measure, µs", "stays (range)", "passed on (range)", "difference"
    for scenario in ("post", "upgrade"):
        runs = [run(scenario, 2, "shared", PASSES) for _ in range(rounds)]
        for measure, title in (("p50", "median time"), ("p99", "99 % within"), ("cpu", "CPU, all processes")):
            stays, passed = ([figures[f"{case}_{measure}_us"] for figures in runs] for case in ("stays", "passed"))
            difference = statistics.median(map(float.__sub__, passed, stays))
            yield scenario, title, spread(stays), spread(passed), f"{difference:.0f}"


def accept_rows(rounds):
    """How many connections a second are accepted."""
    yield "workers", "measure", "shared (range)", "distinct (range)", "ratio"
    for workers in WORKER_COUNTS:
        runs = {"shared": [], "distinct": []}
        for number in range(rounds):
            for ports in sorted(runs, reverse=number % 2 == 1):
                runs[ports].append(run("accept", workers, ports, CONNECTIONS))
        for name, title in (("accepts_per_s", "connections a second"), ("accept_cpu_us", "CPU of a connection, µs")):
            shared, distinct = ([figures[name] for figures in runs[ports]] for ports in ("shared", "distinct"))
            ratio = statistics.median(one / other for one, other in zip(shared, distinct))
            yield str(workers), title, spread(shared), spread(distinct), f"{ratio:.2f}"


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench one-port", description=__doc__.split(".")[0] + ".")
    parser.add_argument("--rounds", type=int, default=5, help="number of rounds (default 5)")
    arguments = parser.parse_args()
    if arguments.rounds < 1:
        parser.error("at least one round is needed")
    print_rows(pass_rows(arguments.rounds))
    print()
    print_rows(accept_rows(arguments.rounds))
    print(f"\nMedians of {arguments.rounds} rounds on {machine()}.")
    print("The measuring program shares the cores with the server.")


if __name__ == "__main__":
    main()
