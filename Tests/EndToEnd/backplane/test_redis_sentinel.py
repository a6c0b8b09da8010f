"""Hosts that ask a Sentinel which Redis server is the master."""

import contextlib
import subprocess

import pytest

import processes
from ports import free_port
from redis_sentinel import Sentinel
from redis_server import RedisServer
from waiting import let_time_pass, wait_until

pytestmark = pytest.mark.timeout(90)


@pytest.fixture(params=["redis", "redis-sharded"])
def scheme(request):
    return request.param


@pytest.fixture
def sentinel(own_redis):
    sentinel = Sentinel(own_redis.port)
    yield sentinel
    sentinel.remove()


def url_of(sentinel, scheme, name="main"):
    """The address of a Sentinel behind one that is not there."""
    return f"{scheme}://127.0.0.1:{free_port()},127.0.0.1:{sentinel.port}?sentinel={name}"


def expect_together(clients):
    """New events reach all clients, from each of them."""
    def works():
        for index, client in enumerate(clients):
            client.tell("emit", {}, "probe", index)
        let_time_pass(0.05)
        for client in clients:
            client.settle()
        return all(["probe", index] in client.events for client in clients for index in range(len(clients)))

    wait_until(works, 30)


def emit(url, *arguments):
    return subprocess.run(
        [processes.binary("CHATD", "chatd"), "emit", "--backplane", url, *arguments], capture_output=True, text=True,
        timeout=60)


def test_the_hosts_follow_the_master(start, connect, own_redis, sentinel, scheme):
    with contextlib.ExitStack() as stack:
        other = RedisServer(replicaof=f"127.0.0.1 {own_redis.port}")
        stack.callback(other.remove)
        clients = [connect(start(url_of(sentinel, scheme))) for _ in range(2)]
        expect_together(clients)
        wait_until(lambda: sentinel.replica_count() == 1, 30)
        own_redis.stop()
        wait_until(lambda: sentinel.master_port() == other.port, 30)
        expect_together(clients)

        def emitted_event_arrives():
            """The Sentinel ends the connections of a new master some time later, and an event may be lost then."""
            result = emit(url_of(sentinel, scheme), "news", "1")
            for client in clients:
                client.settle()
            return result.returncode == 0 and all(["news", 1] in client.events for client in clients)

        wait_until(emitted_event_arrives, 30)


def test_an_unknown_name_is_told(start, sentinel, scheme):
    host = start(url_of(sentinel, scheme, "other"))
    wait_until(lambda: "does not know a master with the name other" in host.stderr_text(), 20)


def test_a_url_that_does_not_say_that_the_server_is_a_sentinel(start, sentinel, scheme):
    host = start(f"{scheme}://127.0.0.1:{sentinel.port}")
    wait_until(lambda: "the URL needs the parameter sentinel=NAME" in host.stderr_text(), 20)


def test_a_sentinel_with_a_password_gets_that_of_the_servers(start, connect):
    with contextlib.ExitStack() as stack:
        master = RedisServer(requirepass="secret")
        stack.callback(master.remove)
        sentinel = Sentinel(master.port, "requirepass secret", "sentinel auth-pass main secret")
        stack.callback(sentinel.remove)
        clients = [connect(start(url_of(sentinel, "redis").replace("://", "://:secret@"))) for _ in range(2)]
        expect_together(clients)
        wrong = start(url_of(sentinel, "redis").replace("://", "://:wrong@"))
        wait_until(lambda: "the Sentinel does not accept the user" in wrong.stderr_text(), 20)
        assert "wrong@" not in wrong.stderr_text()


def test_a_sentinel_that_hangs_does_not_keep_a_program(sentinel, scheme):
    """The program ends at its own time limit."""
    sentinel.pause()
    result = emit(url_of(sentinel, scheme), "--timeout", "1500", "news")
    assert result.returncode == 69, result.stderr
    assert "continuation" not in result.stderr.lower()
