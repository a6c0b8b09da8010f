"""Hosts that reach the database through PgBouncer."""

import random
import time

import pytest

import processes
from connection_pool import ConnectionPool
from packets import ChatClient
from talk import Talk
from waiting import wait_until

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def run_pool(empty_database):
    pools = []

    def run(mode):
        pools.append(ConnectionPool(empty_database.server, mode))
        return pools[-1]

    yield run
    for pool in pools:
        pool.remove()


@pytest.fixture
def start_host(tmp_path, empty_database):
    hosts = []

    def start(pool):
        directory = tmp_path / f"host-{len(hosts)}"
        directory.mkdir()
        hosts.append(processes.chatd(directory, "--backplane", "postgres", db=pool.url(empty_database.name)))
        return hosts[-1]

    yield start
    for host in hosts:
        host.end()


def test_two_hosts_are_one_chat(run_pool, start_host, empty_database, tmp_path):
    pool = run_pool("session")
    hosts = [start_host(pool) for _ in range(2)]
    with ChatClient(hosts[0].port) as one, ChatClient(hosts[1].port) as other:
        for number in range(20):
            assert (one, other)[number % 2].say(f"m{number}", f"tab-{number}") == []
        assert other.say("m0", "tab-0") == []
        for client in (one, other):
            client.read_rows(20)
            assert client.rows == [(number + 1, f"m{number}") for number in range(20)]
        emitted = processes.run_chatd(
            "emit", "--backplane", pool.url(empty_database.name), "chat message", '"to all"', "99", cwd=tmp_path)
        assert (emitted.returncode, emitted.stderr) == (0, "")
        for client in (one, other):
            client.read_until(lambda client=client: client.rows[-1] == (99, "to all"))


def test_nothing_is_lost_or_doubled_when_the_pool_and_sessions_behind_it_are_killed(
        run_pool, start_host, empty_database):
    pool = run_pool("session")
    talk = Talk([start_host(pool) for _ in range(2)])
    for _ in range(2):
        begin, killed = time.monotonic(), 0
        # A busy machine needs more time for enough.
        while (passed := time.monotonic() - begin) < 2 or (passed < 30 and killed <= 5):
            time.sleep(random.uniform(0.02, 0.2))
            killed += empty_database.kill_sessions()
        assert killed > 5
        talk.wait_for_more()
        pool.restart()
        talk.wait_for_more()
    talk.end()


def test_the_log_says_how_a_pool_must_pool(run_pool, start_host):
    host = start_host(run_pool("transaction"))
    wait_until(
        lambda: "notifications do not come back; a pool of connections must pool by session" in host.stderr_text(), 30)
    wait_until(
        lambda: 'prepared statement "poll" does not exist (a pool of connections must pool by session)'
        in host.stderr_text(), 30, host.stderr_text)
