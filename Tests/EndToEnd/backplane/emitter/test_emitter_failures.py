"""`chatd emit` when Redis is away, refuses it, or does not answer: the exit code says what is known."""

import contextlib
import socket
import subprocess
import threading
import time

import pytest
from test_emitter import NOT_PERMITTED, UNAVAILABLE, UNCONFIRMED, emit, run

import processes
from redis_server import RedisServer
from waiting import let_time_pass, wait_until

pytestmark = pytest.mark.timeout(60)


@pytest.fixture(params=["redis", "redis-sharded", "redis-streams"])
def scheme(request):
    return request.param


def test_a_server_that_is_not_there(redis_server):
    result = run("redis://:secret@127.0.0.1:1", "--timeout", "500", "news")
    assert result.returncode == UNAVAILABLE and "127.0.0.1:1" in result.stderr and "secret" not in result.stderr


def test_a_wrong_password_is_an_error_at_once(scheme):
    server = RedisServer(requirepass="right")
    try:
        started = time.monotonic()
        url = server.url(scheme).replace("://", "://:wrong@")
        result = run(url, "--timeout", "50000", "news")
        assert time.monotonic() - started < 25
        assert result.returncode == NOT_PERMITTED and "WRONGPASS" in result.stderr and "wrong@" not in result.stderr
    finally:
        server.remove()


def test_a_user_without_the_right_to_publish(own_redis, scheme):
    with own_redis.client() as admin:
        admin.execute_command("ACL", "SETUSER", "job", "on", ">secret", "+@all", "-xadd", "~*", "resetchannels")
    result = run(own_redis.url(scheme).replace("://", "://job:secret@"), "news")
    assert result.returncode == NOT_PERMITTED and "NOPERM" in result.stderr and "secret" not in result.stderr


def test_a_server_that_starts_within_the_time(own_redis, scheme, connect, start):
    client = connect(start(own_redis.url(scheme), patience=60))
    own_redis.stop()
    process = subprocess.Popen(
        [processes.chatd_binary(), "emit", "--backplane", own_redis.url(scheme), "--timeout", "40000", "news"])
    try:
        let_time_pass(0.5)
        assert process.poll() is None
        own_redis.start()
        assert process.wait(40) == 0
    finally:
        process.kill()
        process.wait()
    client.settle()


class FakeServer:
    """A server of an early version that answers a message to publish with these bytes, or closes the connection."""

    def __init__(self, answer=None):
        self.answer = answer
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.published = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.socket.accept()
                with connection, connection.makefile("rb") as reader:
                    self._answer(connection, reader)

    def _answer(self, connection, reader):
        while line := reader.readline():
            words = []
            for _ in range(int(line[1:])):
                words.append(reader.read(int(reader.readline()[1:])))
                reader.readline()
            if words[0] in (b"PUBLISH", b"SPUBLISH", b"XADD"):
                self.published += 1
                if not self.answer:
                    return
                connection.sendall(self.answer)
                continue
            connection.sendall(b"+PONG\r\n" if words[0] == b"PING" else b"-ERR unknown command\r\n")


def test_a_connection_that_breaks_leaves_the_outcome_unknown(scheme):
    """The event is not sent again, because the server may have passed it on."""
    server = FakeServer()
    with server.socket:
        result = run(f"{scheme}://127.0.0.1:{server.port}", "news")
    assert result.returncode == UNCONFIRMED and "may have it or not" in result.stderr
    assert server.published == 1


@pytest.mark.parametrize(
    ("answer", "code"), [
        (b"-BUSY Redis is busy running a script.\r\n", UNAVAILABLE), (b"-NOPERM no permissions\r\n", NOT_PERMITTED),
        (b"-MOVED 3999 127.0.0.1:6381\r\n", UNAVAILABLE), (b"$-1\r\n", 0), (b"*-7\r\n", UNCONFIRMED),
        (b"\x00\xff\r\n", UNCONFIRMED), (b":1\r\n" * 3, 0)])
def test_the_answers_of_a_server(scheme, answer, code):
    server = FakeServer(answer)
    with server.socket:
        result = run(f"{scheme}://127.0.0.1:{server.port}", "news")
    assert result.returncode == code


def test_a_server_that_hangs_is_noticed(own_redis, scheme):
    """The client is connected when the server stops to answer."""
    process = subprocess.Popen(
        [processes.chatd_binary(), "emit", "--backplane", own_redis.url(scheme), "-"], stdin=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True)
    try:
        process.stdin.write('["news", 1]\n')
        process.stdin.flush()
        with own_redis.client() as admin:
            commands = {"cmdstat_publish", "cmdstat_spublish", "cmdstat_xadd"}
            wait_until(lambda: commands & set(admin.info("commandstats")), 20)
        own_redis.pause()
        process.stdin.write('["news", 2]\n')
        process.stdin.flush()
        _, errors = process.communicate(timeout=30)
        # On a machine that is busy for seconds, the connection may end before the second event.
        assert process.returncode in (UNCONFIRMED, UNAVAILABLE) and "answer in time" in errors
    finally:
        own_redis.resume()
        process.kill()
        process.wait()


def test_a_paused_server_delays_an_event(own_redis, scheme):
    with own_redis.client() as admin:
        admin.execute_command("CLIENT", "PAUSE", "1000")
        emit(own_redis.url(scheme), "news")


def test_a_replica_is_left(own_redis, scheme, start, connect):
    replica = RedisServer()
    try:
        with replica.client() as admin:
            admin.execute_command("REPLICAOF", "127.0.0.1", own_redis.port)
        client = connect(start(own_redis.url(scheme)))
        emit(f"{scheme}://127.0.0.1:{replica.port},127.0.0.1:{own_redis.port}", "news", "1")
        client.expect(["news", 1])
        result = run(replica.url(scheme), "--timeout", "1000", "news")
        assert result.returncode == UNAVAILABLE and "is a replica" in result.stderr
    finally:
        replica.remove()
