"""Events and messages over two hosts, while processes and connections are killed and frozen: a minute with Redis, with
and without a stream, and less with the other backplanes.

CHATD_FAULT_RUN_SECONDS=3600 makes each an hour; CHATD_FAULT_RUN_SEED=N repeats the choices of another run.
"""

import os
import random

import pytest

from fault_clients import Reader, Writer
from fault_injection import DATABASE, Faults, Host
from fault_rules import check_events, check_gaps, check_messages, check_order, check_recovery, sure_events
from redis_server import RedisServer
from waiting import wait_until

SECONDS = {
    backplane: int(os.environ.get("CHATD_FAULT_RUN_SECONDS", seconds))
    for backplane, seconds in (("redis", 60), ("redis-sharded", 20), ("redis-streams", 60), ("postgres", 20))}
SEED = int(os.environ.get("CHATD_FAULT_RUN_SEED", random.randrange(1 << 30)))
#: How long a host keeps the session of a lost client, less what the clients themselves may take.
RECOVERY_WINDOW = 60.0

pytestmark = pytest.mark.timeout(1.2 * max(SECONDS.values()) + 240)


@pytest.fixture
def postgres(postgres_template):
    server = postgres_template.server()
    with server.connect("postgres") as connection:
        connection.execute(f"CREATE DATABASE {DATABASE}")
    yield server
    server.remove()


@pytest.fixture(params=list(SECONDS))
def backplane(request):
    return request.param


@pytest.fixture
def broker(backplane):
    """A server that keeps a stream over a restart, and nothing else."""
    server = RedisServer(**({"appendonly": "yes", "appendfsync": "always"} if backplane == "redis-streams" else {}))
    yield server
    server.remove()


@pytest.fixture
def hosts(tmp_path, broker, postgres, backplane):
    started = []
    try:
        for number in range(2):
            directory = tmp_path / f"host-{number}"
            directory.mkdir()
            database = f"postgres://chatd@127.0.0.1:{postgres.port}/{DATABASE}"
            url = database if backplane == "postgres" else broker.url(backplane)
            started.append(Host(directory, url, database))
        yield started
    finally:
        for host in started:
            host.end()


def test_nothing_is_lost_doubled_or_reordered(hosts, postgres, broker, backplane):
    print(f"CHATD_FAULT_RUN_SEED={SEED}")
    readers = [Reader(hosts, f"{SEED} reader {number}") for number in range(8)]
    writers = [Writer(hosts, number, f"{SEED} writer {number}") for number in range(4)]
    faults = Faults(hosts, postgres, broker, backplane, SEED)
    for client in readers + writers:
        client.start()
    faults.run(SECONDS[backplane])
    for writer in writers:
        writer.is_done = True
    for writer in writers:
        writer.join(60)
        assert not writer.is_alive(), f"a message of writer {writer.number} is not acknowledged"
    for reader in readers:
        reader.is_calm = True
    with postgres.connect(DATABASE) as connection:
        rows = connection.execute("SELECT id, content FROM messages ORDER BY id").fetchall()
    wait_until(lambda: all(reader.rows and reader.rows[-1] == rows[-1] for reader in readers), 60, lambda: str(
        [(len(reader.rows), reader.rows[-1:]) for reader in readers]) + f" instead of {len(rows)} rows, {rows[-1:]}")
    for reader in readers:
        reader.is_done = True
        reader.join(30)

    attempts = [attempt for reader in readers for attempt in reader.attempts]
    seen = sum(len(stay.events) for reader in readers for stay in reader.stays)
    sure = sure_events(writers, faults)
    print(f"{len(rows)} messages, {sum(len(writer.events) for writer in writers)} events, {len(sure)} without a fault "
          f"near them, {seen} times seen, "
          f"{len(attempts)} connections, {sum(attempt.is_recovered for attempt in attempts)} of them recovered; "
          f"{faults.counts}")
    problems = [
        *check_messages(readers, writers, rows), *check_order(readers), *check_events(readers, writers, faults),
        *check_gaps(readers, writers, faults), *check_recovery(readers, faults, RECOVERY_WINDOW),
    ]
    assert not problems, "\n".join(problems[:20])
    # The run was worth it.
    assert len(rows) > 2 * SECONDS[backplane] and sure
    assert SECONDS[backplane] < 60 or len(faults.counts) == len(set(faults.kinds))
