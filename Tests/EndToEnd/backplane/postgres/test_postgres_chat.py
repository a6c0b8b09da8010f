"""One PostgreSQL server for the messages and the events of a chat of several hosts."""

import cluster_peer
import processes
import pytest
from cluster_peer import ClusterPeer
from users import User
from waiting import wait_until

pytestmark = pytest.mark.timeout(90)


@pytest.fixture
def database(postgres_server, prefix):
    name = prefix.replace("-", "_")
    with postgres_server.connect("postgres") as admin:
        admin.execute(f"CREATE DATABASE {name}")
    yield name
    with postgres_server.connect("postgres") as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def start_host(tmp_path, postgres_server, database):
    hosts = []

    def start(*options):
        directory = tmp_path / f"host-{len(hosts)}"
        directory.mkdir()
        url = postgres_server.url(database)
        hosts.append(processes.chatd(directory, "--backplane", "postgres", *options, db=url))
        return hosts[-1]

    yield start
    for host in hosts:
        host.end()


def test_a_chat_of_two_hosts(start_host, postgres_server, database):
    hosts = [start_host(), start_host()]
    peer = ClusterPeer(postgres_server, "socket.io", database=database)
    peer.join()
    peer.wait_for_nodes(2)
    with User(hosts[0].port) as one, User(hosts[1].port) as other:
        for number in range(20):
            (one, other)[number % 2].client.emit("chat message", (f"message {number}", f"offset-{number}"))
        for user in (one, other):
            wait_until(lambda user=user: len(user.rows) == 20, 20)
        assert one.rows == other.rows
        received = []
        for user in (one, other):
            user.client.on("news", lambda text, *_: received.append(text))
        peer.broadcast("news", "by the peer")
        wait_until(lambda: received == ["by the peer"] * 2, 10)
    for host in hosts:
        assert "error" not in host.stderr_text()
    uids = set(peer.nodes)
    assert hosts[0].stop() == 0
    closed = peer.receive_type(cluster_peer.ADAPTER_CLOSE)["uid"]
    assert closed in uids and set(peer.nodes) == uids - {closed}
    peer.close()


def test_the_sessions_have_names(start_host, postgres_server, database):
    start_host()
    with postgres_server.connect(database) as admin:
        def names():
            return [name for (name,) in admin.execute(
                "SELECT application_name FROM pg_stat_activity WHERE datname = %s", [database]).fetchall()]

        roles = {"listener", "publisher"}
        wait_until(lambda: roles <= {name.split()[-1] for name in names() if name.startswith("chatd ")}, 10)


@pytest.mark.parametrize("arguments, reason", [
    (["--db", "chat.db", "--backplane", "postgres"], "--backplane: postgres means the database of --db"),
    (["--backplane", "postgres://a@b/c?attachments=a%20b"], "--backplane: the URL's parameter attachments is not"),
    (["--backplane", "postgres://a@b/c?prefix="], "--backplane: the URL's parameter prefix is not"),
    (["--backplane", "postgres://a:secret@b/c?sslmode=require"], "encrypted connections are not supported"),
])
def test_wrong_options_are_named(tmp_path, arguments, reason):
    result = processes.run_chatd("serve", "--port", "0", *arguments, cwd=tmp_path)
    assert result.returncode == 64 and reason in result.stderr and "secret" not in result.stderr
