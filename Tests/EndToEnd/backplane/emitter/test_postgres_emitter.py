"""`chatd emit` through PostgreSQL: the bytes of the official emitter, and what is known when an event is not sent."""

import socket
import subprocess
import threading
import time

import cluster_peer
import psycopg
import pytest
from cluster_peer import ClusterPeer
from test_emitter import NOT_PERMITTED, UNAVAILABLE, UNCONFIRMED, emit, run

import processes
from waiting import let_time_pass, wait_until

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def make_peer(postgres_server, prefix):
    peers = []

    def make(namespace="/"):
        peers.append(ClusterPeer(postgres_server, prefix, namespace))
        peers[-1].publisher.execute(cluster_peer.TABLE)
        return peers[-1]

    yield make
    for peer in peers:
        peer.close()


@pytest.fixture
def peer(make_peer):
    return make_peer()


@pytest.fixture
def url(postgres_server, prefix):
    return postgres_server.url(prefix=prefix)


def test_the_bytes_of_the_official_emitter(url, peer):
    emit(url, "--to", "room", "--except", "x", "--volatile", "news", "7", '{"text":"hä"}')
    options = {"rooms": ["room"], "except": ["x"], "flags": {"volatile": True}}
    packet = {"type": 2, "data": ["news", 7, {"text": "hä"}]}
    assert peer.receive() == {
        "type": 3, "uid": "emitter", "nsp": "/", "data": {"packet": packet, "opts": options}}


def test_a_namespace(url, make_peer):
    custom = make_peer("/custom")
    emit(url, "--namespace", "custom", "news")
    assert custom.receive()["nsp"] == "/custom"


@pytest.mark.parametrize("size", [10, 7800, 7900, 8100, 900_000])
def test_large_events_are_attachments(url, peer, size):
    text = "ä" * (size // 2)
    process = subprocess.run(
        [processes.chatd_binary(), "emit", "--backplane", url, "-"], input=f'["news","{text}"]', text=True, timeout=30)
    assert process.returncode == 0
    message = peer.receive()
    assert message["uid"] == "emitter" and message["data"]["packet"]["data"] == ["news", text]
    assert message.get("was attached", False) == (size > 7850)


def test_equal_events_are_not_merged(url, peer):
    process = subprocess.run(
        [processes.chatd_binary(), "emit", "--backplane", url, "-"], input='["news"]\n' * 50, text=True, timeout=30)
    assert process.returncode == 0
    for _ in range(50):
        assert peer.receive()["data"]["packet"]["data"] == ["news"]


def test_a_namespace_without_channels_is_an_error(url):
    result = run(url, "--namespace", "x" * 60, "news")
    assert result.returncode == 64 and "63 bytes" in result.stderr


# MARK: Failures


def test_a_server_that_is_not_there():
    result = run("postgres://chatd:secret@127.0.0.1:1/chat", "--timeout", "500", "news")
    assert result.returncode == UNAVAILABLE and "127.0.0.1:1" in result.stderr and "secret" not in result.stderr


def test_passwords(own_postgres, tmp_path):
    with own_postgres.connect("postgres") as admin:
        admin.execute("ALTER ROLE chatd PASSWORD 'right'")
        (own_postgres.data / "pg_hba.conf").write_text(
            "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n")
        admin.execute("SELECT pg_reload_conf()")
        # The server reads the file a moment later.
        wait_until(lambda: "reload" in own_postgres.log_text(), 20)
    url = own_postgres.url()
    started = time.monotonic()
    for wrong in (url.replace("chatd@", "chatd:wrong@"), url.replace("chatd@", "nobody:wrong@"), url):
        result = run(wrong, "--timeout", "50000", "news")
        assert result.returncode == NOT_PERMITTED and "password" in result.stderr and "wrong" not in result.stderr
    assert time.monotonic() - started < 40
    file = tmp_path / "passwords"
    file.write_text(f"127.0.0.1:{own_postgres.port}:*:chatd:right\n")
    file.chmod(0o600)
    for address, environment in (
            (url.replace("chatd@", "chatd:right@"), {}), (url, {"PGPASSWORD": "right"}),
            (url, {"PGPASSFILE": str(file)})):
        result = run(address, "news", environment=environment)
        assert (result.returncode, result.stderr) == (0, "")


def test_a_database_that_does_not_exist(postgres_server):
    result = run(postgres_server.url("missing"), "--timeout", "50000", "news")
    assert result.returncode == NOT_PERMITTED and '"missing" does not exist' in result.stderr


def test_an_attachment_without_its_table_is_refused(postgres_server, prefix):
    url = postgres_server.url(prefix=prefix, attachments="missing")
    result = run(url, "news", f'"{"x" * 9000}"')
    assert result.returncode == NOT_PERMITTED and "42P01" in result.stderr
    emit(url, "news", '"small"')


def test_a_server_that_starts_within_the_time(own_postgres, connect, start):
    client = connect(start(own_postgres.url(), patience=60))
    own_postgres.stop()
    process = subprocess.Popen(
        [processes.chatd_binary(), "emit", "--backplane", own_postgres.url(), "--timeout", "40000", "news"])
    try:
        let_time_pass(0.5)
        assert process.poll() is None
        own_postgres.start()
        assert process.wait(40) == 0
    finally:
        process.kill()
        process.wait()
    client.settle()


def test_a_standby_is_left(own_postgres, start, connect):
    standby = own_postgres.standby()
    try:
        client = connect(start(own_postgres.url()))
        emit(own_postgres.url().replace("127.0.0.1:", f"127.0.0.1:{standby.port},127.0.0.1:"), "news", "1")
        client.expect(["news", 1])
        result = run(standby.url(), "--timeout", "1000", "news")
        assert result.returncode == UNAVAILABLE and "in recovery" in result.stderr
    finally:
        standby.remove()


def test_a_locked_table_leaves_the_outcome_unknown(own_postgres):
    """The server may insert the row when the lock is gone."""
    with own_postgres.connect("postgres") as admin:
        admin.execute(cluster_peer.TABLE)
    with psycopg.connect(own_postgres.address("postgres")) as other:
        other.execute("LOCK TABLE socket_io_attachments")
        result = run(own_postgres.url(), "news", f'"{"x" * 9000}"')
    assert result.returncode == UNCONFIRMED and "did not answer in time" in result.stderr


class BreakingProxy:
    """Passes bytes to a server, and ends the connection in place of passing a notification on."""

    def __init__(self, server):
        self.server = server
        self.notifications = 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            upstream = socket.create_connection(("127.0.0.1", self.server.port))
            threading.Thread(target=self._pass_answers, args=[upstream, client], daemon=True).start()
            threading.Thread(target=self._pass_requests, args=[client, upstream], daemon=True).start()

    def _pass_answers(self, upstream, client):
        try:
            while data := upstream.recv(65536):
                client.sendall(data)
        except OSError:
            return

    def _pass_requests(self, client, upstream):
        with client, upstream:
            while data := client.recv(65536):
                if b"pg_notify" in data:
                    self.notifications += 1
                    client.shutdown(socket.SHUT_RDWR)
                    return
                upstream.sendall(data)


def test_a_connection_that_breaks_leaves_the_outcome_unknown(postgres_server):
    """The event is not sent again, because the server may have passed it on."""
    proxy = BreakingProxy(postgres_server)
    with proxy.socket:
        result = run(f"postgres://chatd@127.0.0.1:{proxy.port}/postgres", "news")
    assert result.returncode == UNCONFIRMED and "may have it or not" in result.stderr
    assert proxy.notifications == 1
