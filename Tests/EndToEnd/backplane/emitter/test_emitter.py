"""`chatd emit` sends events to the clients of hosts and of peers, in the bytes of the official emitters."""

import json
import os
import subprocess

import msgpack
import pytest
from sharded_peer import ShardedPeer
from streams_peer import StreamsPeer
from test_redis_peers import Peer

import processes

pytestmark = pytest.mark.timeout(60)

USAGE, BAD_DATA, UNAVAILABLE, UNCONFIRMED, NOT_PERMITTED = 64, 65, 69, 75, 77


@pytest.fixture(params=["redis", "redis-sharded", "redis-streams", "postgres"])
def scheme(request):
    return request.param


@pytest.fixture
def url(request, scheme, prefix):
    if scheme == "postgres":
        return request.getfixturevalue("postgres_server").url(prefix=prefix)
    return request.getfixturevalue("redis_server").url(scheme, prefix=prefix)


@pytest.fixture
def hosts(start, url):
    """Two hosts, one of them with two workers."""
    return start(url), start(url, workers=2)


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


def test_the_bytes_of_a_streams_emitter(redis_server, prefix):
    peer = StreamsPeer(redis_server, prefix)
    emit(redis_server.url("redis-streams", prefix=prefix), "--to", "room", "--volatile", "news", "7")
    [entry] = peer.entries(1)
    peer.close()
    options = {"rooms": ["room"], "except": [], "flags": {"volatile": True}}
    assert entry == {
        "type": 3, "uid": "emitter", "nsp": "/", "data": {"packet": {"type": 2, "data": ["news", 7]}, "opts": options}}


def test_an_emitter_is_no_node(url, pair):
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


def call_emitter(client, url, operation, **settings):
    assert client.call("call emitter", {"url": url, "operation": operation, **settings}) == [True]


def test_the_calls_of_the_library(url, pair):
    """The emitter is one of the program, so its events come back to its host as those of others do."""
    one, other = pair
    call_emitter(one, url, "join", to=[other.sid], rooms=["a", "b"])
    one.tell("emit", {"to": ["a"]}, "joined", 1)
    call_emitter(one, url, "leave", rooms=["a"])
    one.tell("emit", {"to": ["a"]}, "left", 1)
    one.tell("emit", {}, "end", 1)
    other.expect(["joined", 1], ["end", 1])
    one.expect(["end", 1])
    call_emitter(one, url, "disconnect", to=["b"], close=True)
    other.read_until(lambda: not other.is_open)
    one.settle()


def test_an_event_for_servers(url, pair):
    """The second host has two workers, and the client gets the event from its own."""
    call_emitter(pair[0], url, "tell servers")
    for client in pair:
        client.expect(["told", "by the emitter"])


def test_binary_data(url, pair):
    one, other = pair
    ack = 500
    one.send_text(f"42{ack}" + json.dumps(["call emitter", {"url": url, "operation": "emit"}]))
    assert other.receive_packet(10).startswith("451-")


def test_the_bytes_of_the_calls_of_the_library(redis_server, prefix, start, connect):
    url = redis_server.url(prefix=prefix)
    client = connect(start(url))
    peer = Peer(redis_server, prefix)
    call_emitter(client, url, "join", to=["a"], rooms=["r"])
    call_emitter(client, url, "disconnect", to=["nobody"])
    call_emitter(client, url, "tell servers")
    requests = [json.loads(data) for _, data in peer.messages(3)]
    peer.close()
    assert requests == [
        {"type": 2, "opts": {"rooms": ["a"], "except": []}, "rooms": ["r"]},
        {"type": 4, "opts": {"rooms": ["nobody"], "except": []}, "close": False},
        {"uid": "emitter", "type": 6, "data": ["told", "by the emitter"]}]


@pytest.mark.parametrize(
    ("arguments", "text"), [
        (["--backplane", "redis://h"], "name is missing"), (["news"], "--backplane is needed"),
        (["--backplane", "redis://h", "news", "text"], "argument 1"),
        (["--backplane", "http://h", "news"], "--backplane: "),
        (["--backplane", "redis://u:secret@h:x", "news"], "--backplane: "),
        (["--backplane", "redis-cluster://h", "news"], "or with postgres://"),
        (["--backplane", "postgres://u:secret@h:x/d", "news"], "--backplane: a port"),
        (["--backplane", "postgres://u:secret@h/d?sslmode=require", "news"], "sslmode"),
        (["--backplane", "postgres", "news"], "needs the URL"),
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
    command = "chatd emit --backplane redis:"
    return [line.strip() for line in text.splitlines() if line.startswith("    ") and command in line]


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
