"""`chatd emit` sends events to the clients of hosts and of peers, in the bytes of the official emitters."""

import json
import os
import subprocess
import time

import msgpack
import pytest
from sharded_peer import ShardedPeer
from test_redis_peers import Peer

import processes
from redis_server import RedisServer
from waiting import wait_until

pytestmark = pytest.mark.timeout(60)

USAGE, BAD_DATA, UNAVAILABLE, UNCONFIRMED, NOT_PERMITTED = 64, 65, 69, 75, 77


@pytest.fixture(params=["redis", "redis-sharded"])
def scheme(request):
    return request.param


@pytest.fixture
def url(redis_server, scheme, prefix):
    return redis_server.url(scheme, prefix=prefix)


@pytest.fixture
def pair(hosts, connect):
    """A client at each host."""
    return connect(hosts[0]), connect(hosts[1])


def run(url, *arguments, timeout=30, **settings):
    return processes.run_chatd("emit", "--backplane", url, *arguments, timeout=timeout, **settings)


def emit(url, *arguments):
    result = run(url, *arguments)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_events_reach_the_clients_of_all_hosts(url, pair):
    one, other = pair
    other.call("join", "room")
    emit(url, "news", '{"text":"hä","none":null}', "1.5")
    emit(url, "--to", "room", "room", "1")
    emit(url, "--to", "room", "--to", one.sid, "rooms", "2")
    emit(url, "--except", "room", "except", "3")
    emit(url, "--to", other.sid, "--volatile", "volatile")
    emit(url, "end")
    one.expect(["news", {"text": "hä", "none": None}, 1.5], ["rooms", 2], ["except", 3], ["end"])
    other.expect(["news", {"text": "hä", "none": None}, 1.5], ["room", 1], ["rooms", 2], ["volatile"], ["end"])


def test_a_namespace(url, hosts, connect):
    main, custom = connect(hosts[0]), connect(hosts[1], "/custom")
    emit(url, "--namespace", "/custom", "news", "1")
    emit(url, "end")
    custom.expect(["news", 1])
    main.expect(["end"])


def test_lines_of_standard_input(url, pair):
    lines = "".join(json.dumps(["news", number, "hä\n"]) + "\n" for number in range(500))
    result = subprocess.run(
        [processes.chatd_binary(), "emit", "--backplane", url, "-"], input="\n" + lines + '["last"]',
        capture_output=True, text=True, timeout=30)
    assert (result.returncode, result.stderr) == (0, "")
    for client in pair:
        client.expect(*(["news", number, "hä\n"] for number in range(500)), ["last"])


def test_a_line_that_is_no_event_ends_the_stream(url, pair):
    result = subprocess.run(
        [processes.chatd_binary(), "emit", "--backplane", url, "-"], input='["news", 1]\n["connect"]\n["news", 2]\n',
        capture_output=True, text=True, timeout=30)
    assert result.returncode == BAD_DATA and "line 2" in result.stderr and "reserved" in result.stderr
    for client in pair:
        client.expect(["news", 1])


def test_a_stream_sends_each_line_at_once(url, pair):
    process = subprocess.Popen(
        [processes.chatd_binary(), "emit", "--backplane", url, "-"], stdin=subprocess.PIPE, text=True)
    try:
        for number in range(3):
            process.stdin.write(json.dumps(["news", number]) + "\n")
            process.stdin.flush()
            for client in pair:
                client.expect(["news", number])
        process.stdin.close()
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()


def test_the_bytes_of_the_classic_emitter(redis_server, prefix):
    peer = Peer(redis_server, prefix)
    emit(redis_server.url(prefix=prefix), "--to", "room", "--except", "x", "news", "7")
    [(channel, data)] = peer.messages(1)
    peer.close()
    assert channel == "#/#room#"
    assert msgpack.unpackb(data) == [
        "emitter", {"type": 2, "data": ["news", 7], "nsp": "/"}, {"rooms": ["room"], "except": ["x"]}]


def test_the_bytes_of_a_sharded_emitter(redis_server, prefix):
    peer = ShardedPeer(redis_server, prefix)
    emit(redis_server.url("redis-sharded", prefix=prefix), "--to", "room", "--volatile", "news", "7")
    [message] = peer.messages(1)
    peer.close()
    options = {"rooms": ["room"], "except": [], "flags": {"volatile": True}}
    assert message == {
        "type": 3, "uid": "emitter", "nsp": "/", "data": {"packet": {"type": 2, "data": ["news", 7]}, "opts": options}}


def test_an_emitter_is_no_node(url, pair, redis_server, scheme, prefix):
    """The hosts do not wait for answers of emitters."""
    process = subprocess.Popen(
        [processes.chatd_binary(), "emit", "--backplane", url, "-"], stdin=subprocess.PIPE, text=True)
    try:
        process.stdin.write('["news"]\n')
        process.stdin.flush()
        for client in pair:
            client.expect(["news"])
        [found] = pair[0].call("fetch", {}, timeout=4)
        assert {entry["id"] for entry in found} == {client.sid for client in pair}
    finally:
        process.kill()
        process.wait()


# MARK: Failures


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
        admin.execute_command("ACL", "SETUSER", "job", "on", ">secret", "+@all", "~*", "resetchannels")
    result = run(own_redis.url(scheme).replace("://", "://job:secret@"), "news")
    assert result.returncode == NOT_PERMITTED and "NOPERM" in result.stderr and "secret" not in result.stderr


def test_a_server_that_starts_within_the_time(own_redis, scheme, connect, start):
    client = connect(start(own_redis.url(scheme), patience=60))
    own_redis.stop()
    process = subprocess.Popen(
        [processes.chatd_binary(), "emit", "--backplane", own_redis.url(scheme), "--timeout", "40000", "news"])
    try:
        time.sleep(0.5)
        assert process.poll() is None
        own_redis.start()
        assert process.wait(40) == 0
    finally:
        process.kill()
        process.wait()
    client.settle()


def test_a_server_that_hangs_leaves_the_outcome_unknown(own_redis, scheme):
    """The client is connected when the server stops to answer."""
    process = subprocess.Popen(
        [processes.chatd_binary(), "emit", "--backplane", own_redis.url(scheme), "-"], stdin=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True)
    try:
        process.stdin.write('["news", 1]\n')
        process.stdin.flush()
        with own_redis.client() as admin:
            wait_until(lambda: {"cmdstat_publish", "cmdstat_spublish"} & set(admin.info("commandstats")), 20)
        own_redis.pause()
        process.stdin.write('["news", 2]\n')
        process.stdin.flush()
        _, errors = process.communicate(timeout=30)
        assert process.returncode == UNCONFIRMED and "may have it or not" in errors
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


@pytest.mark.parametrize(
    ("arguments", "text"), [
        (["--backplane", "redis://h"], "name is missing"), (["news"], "--backplane is needed"),
        (["--backplane", "redis://h", "news", "text"], "argument 1"),
        (["--backplane", "http://h", "news"], "--backplane: "),
        (["--backplane", "redis://u:secret@h:x", "news"], "--backplane: "),
        (["--backplane", "redis-streams://h", "news"], "--backplane: "),
        (["--backplane", "redis://127.0.0.1:1", "disconnect"], "reserved")])
def test_a_wrong_command_line(arguments, text):
    result = processes.run_chatd("emit", *arguments)
    assert result.returncode == USAGE and text in result.stderr and "secret" not in result.stderr


def test_help():
    result = processes.run_chatd("emit", "--help")
    assert result.returncode == 0 and "EVENT [JSON]" in result.stdout
    for option in ("--backplane", "--namespace", "--to", "--except", "--volatile", "--timeout"):
        assert option in result.stdout
    assert "CHATD_BACKPLANE" in result.stdout and "CHATD_TO" not in result.stdout


# MARK: The documents


def documented_commands():
    """The commands of docs/hosts.md, without their indentation."""
    text = (processes.REPOSITORY / "docs" / "hosts.md").read_text()
    return [line.strip() for line in text.splitlines() if line.startswith("    ") and "chatd emit --backplane" in line]


@pytest.mark.parametrize("number", [0, 1])
def test_the_commands_in_the_documents(url, pair, tmp_path, number):
    for client in pair:
        client.call("join", "orders")
    (tmp_path / "chatd").symlink_to(processes.chatd_binary())
    command = documented_commands()[number].replace("redis://redis.example.com", f"'{url}'")
    path = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    subprocess.run(command, shell=True, check=True, env=processes.clean_environment(path), timeout=30)
    expected = [[["paid", 4711, {"currency": "EUR"}]], [["paid", 4711], ["paid", 4712]]][number]
    for client in pair:
        client.expect(*expected)
