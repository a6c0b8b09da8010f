"""`chatd admin` at one of two hosts: which clients a command is for."""

import json

import processes
import pytest
from packets import SocketIOWebSocket
from processes import run_chatd
from waiting import wait_until

pytestmark = pytest.mark.timeout(90)

OPTIONS = ("--trusted-proxies", "loopback", "--bans", "bans")


@pytest.fixture
def database(postgres_server, prefix):
    name = prefix.replace("-", "_")
    with postgres_server.connect("postgres") as admin:
        admin.execute(f"CREATE DATABASE {name}")
    yield postgres_server.url(name)
    with postgres_server.connect("postgres") as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def start_hosts(tmp_path, database):
    """Two hosts: one with a socket for its operator, and one with two workers and without a socket."""
    hosts = []

    def start(*options):
        for name in ("a", "b"):
            (tmp_path / name).mkdir()
        hosts.append(processes.chatd(
            tmp_path / "a", *OPTIONS, *options, "--admin-socket", tmp_path / "socket", db=database))
        hosts.append(processes.Supervisor(tmp_path / "b", 2, *OPTIONS, *options, db=database))
        return hosts

    yield start
    for host in hosts:
        host.end()


@pytest.fixture
def admin(tmp_path):
    return lambda *words: run_chatd("admin", "--socket", tmp_path / "socket", *words)


def client(port, address):
    client = SocketIOWebSocket(port, headers=[("X-Forwarded-For", address)])
    client.id = client.connect_namespace(auth={"details": 1})["sid"]
    return client


def listed(admin):
    result = admin("connections", "--json")
    assert result.returncode == 0 and result.stderr == "", result
    return {json.loads(line)["id"] for line in result.stdout.splitlines()}


def ends(client):
    wait_until(lambda: client.receive_packet(10) == "41", 10)
    return True


def test_disconnects_and_counts_the_clients_of_all_hosts(start_hosts, admin):
    one, other = start_hosts("--backplane", "postgres")
    near = client(one.port, "203.0.113.1")
    far = [client(port, "203.0.113.1") for port in other.ports]
    single = client(other.ports[1], "203.0.113.2")
    assert listed(admin) == {near.id}, "connections lists those of this host"
    counters = admin("counters", "--json").stdout.splitlines()
    assert len(counters) == 2, "the primary process and its one worker"
    result = admin("disconnect", "address:203.0.113.1")
    assert (result.returncode, result.stdout, result.stderr) == (0, "disconnected 3\n", "")
    assert all(ends(client) for client in [near, *far])
    result = admin("disconnect", single.id)
    assert (result.returncode, result.stdout) == (0, "disconnected 1\n") and ends(single)
    result = admin("disconnect", "address:203.0.113.1")
    assert (result.returncode, result.stdout) == (1, "disconnected 0\n")


def test_a_ban_is_kept_at_its_host_only(start_hosts, admin):
    one, other = start_hosts("--backplane", "postgres")
    far = client(other.port, "203.0.113.1")
    assert admin("ban", "203.0.113.1", "--for", "1h").stdout == "disconnected 1\n" and ends(far)
    assert client(other.port, "203.0.113.1").id
    with pytest.raises(Exception, match="403"):
        client(one.port, "203.0.113.1")


@pytest.mark.parametrize("backplane", [(), ("--backplane", "postgres")])
def test_an_announcement_reaches_other_hosts_through_a_backplane(start_hosts, admin, backplane):
    one, other = start_hosts(*backplane)
    near, far = client(one.port, "203.0.113.1"), client(other.port, "203.0.113.2")
    assert admin("announce", "hello").returncode == 0
    assert "chat announcement" in near.receive_packet(10)
    if backplane:
        assert "chat announcement" in far.receive_packet(10)
        return
    # A stored message reaches both hosts, and the announcement has not come before it.
    near.emit("chat message", "text", "offset")
    packet = far.receive_packet(10)
    assert "chat message" in packet and "announcement" not in packet, packet
