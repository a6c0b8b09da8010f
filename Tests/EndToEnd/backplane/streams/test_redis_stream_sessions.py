"""Sessions at the key of the official Redis Streams adapter: after the death of a host, and from and to Node."""

import base64
import signal
import time

import msgpack
import pytest
from streams_peer import StreamsPeer

from packets import SocketIOWebSocket, compact
from redis_server import RedisServer
from test_host_recovery import is_same, presented
from waiting import let_time_pass, wait_until
from wire import Disconnected

pytestmark = pytest.mark.timeout(120)

NODE_ID, NODE_SECRET = "nodeSocket0123456789", "nodeSecret0123456789"


class Keys:
    """The keys of sessions, as an official server uses them."""

    def __init__(self, server, prefix):
        self.redis, self.prefix = server.client(), prefix

    def key(self, secret):
        return f"{self.prefix}:session:{secret}"

    def read(self, secret):
        value = self.redis.get(self.key(secret))
        return value and msgpack.unpackb(base64.b64decode(value))

    def wait_for(self, secret, condition):
        wait_until(lambda: (value := self.read(secret)) and condition(value), 20)
        return self.read(secret)

    def take(self, secret):
        """What an official server does when a client comes back to it."""
        value = self.redis.getdel(self.key(secret))
        return value and msgpack.unpackb(base64.b64decode(value))

    def write(self, secret, value):
        self.redis.set(self.key(secret), value, px=120_000)

    def write_session(self, rooms=(), data=None):
        session = {"sid": NODE_ID, "pid": NODE_SECRET, "rooms": [NODE_ID, *rooms], "data": data}
        self.write(NODE_SECRET, base64.b64encode(msgpack.packb(session)))


@pytest.fixture
def keys(redis_server, prefix):
    keys = Keys(redis_server, prefix)
    yield keys
    keys.redis.close()


@pytest.fixture
def url(redis_server, prefix):
    return redis_server.url("redis-streams", prefix=prefix, session_prefix=f"{prefix}:session:")


@pytest.fixture
def peer(redis_server, prefix):
    peer = StreamsPeer(redis_server, prefix)
    yield peer
    peer.close()


def resume(connect, client, host):
    again = connect(host, client.namespace, auth=presented(client))
    again.offset = client.offset
    return again


def prepare(host, connect, keys):
    """A client in a room with data, that has received one event. All of that is at the broker."""
    client = connect(host)
    client.call("join", "room")
    client.call("set data", {"name": "Zoë"})
    client.tell("emit", {}, "seen", 1)
    client.expect(["seen", 1])
    session = keys.wait_for(client.private_id, lambda value: value["data"])
    assert session["sid"] == client.sid and set(session["rooms"]) == {client.sid, "room"}
    assert session["data"] == {"name": "Zoë"}
    return client


def check_state(client):
    [[found]] = client.call("fetch", {"to": [client.sid]})
    assert set(found["rooms"]) == {client.sid, "room"} and found["data"] == {"name": "Zoë"}


@pytest.mark.parametrize("is_new", [False, True])
def test_a_session_survives_its_host(start, connect, keys, url, is_new):
    """The other host finds what the client has missed in its log, or, if it is new, in the stream."""
    hosts = [start(url), start(url)]
    client = prepare(hosts[0], connect, keys)
    other = connect(hosts[1])
    hosts[0].stop(signal.SIGKILL)
    for number in range(10):
        other.tell("emit", {}, "missed", number)
        other.tell("emit", {"to": ["elsewhere"]}, "elsewhere", number)
        other.tell("emit", {"to": ["room"]}, "in the room", number)
    other.read_until(lambda: ["missed", 9] in other.events)
    other.settle()
    host = start(url) if is_new else hosts[1]
    again = resume(connect, client, host)
    assert is_same(client, again)
    expected = [[name, number] for number in range(10) for name in ("missed", "in the room")]
    again.read_until(lambda: len(again.events) >= len(expected))
    assert again.events == expected
    check_state(again)
    # The session is an ordinary one from now on, and survives the next host too.
    keys.wait_for(client.private_id, lambda value: value["sid"] == client.sid)
    if is_new:
        host.stop(signal.SIGKILL)
        third = resume(connect, again, hosts[1])
        assert is_same(client, third)
        other.tell("emit", {}, "news", 1)
        third.expect(["news", 1])
        check_state(third)


def test_a_single_host_that_is_killed_finds_its_sessions(start, connect, keys, url):
    host = start(url)
    client, silent = prepare(host, connect, keys), connect(host)
    assert silent.offset is None
    keys.wait_for(silent.private_id, lambda value: value)
    host.stop(signal.SIGKILL)
    host = start(url)
    other = connect(host)
    other.tell("emit", {}, "missed", 1)
    other.expect(["missed", 1])
    for before in (client, silent):
        again = resume(connect, before, host)
        assert is_same(before, again)
        again.expect(["missed", 1])


def test_a_host_that_stops_keeps_its_sessions(start, connect, keys, url):
    hosts = [start(url), start(url)]
    client = prepare(hosts[0], connect, keys)
    hosts[0].stop(signal.SIGTERM)
    again = resume(connect, client, hosts[1])
    assert is_same(client, again)
    check_state(again)


def test_a_frozen_host_does_not_get_a_session_back(start, connect, keys, url):
    hosts = [start(url), start(url), start(url)]
    client, other = prepare(hosts[0], connect, keys), connect(hosts[2])
    hosts[0].freeze()
    other.tell("emit", {}, "missed", 1)
    again = resume(connect, client, hosts[1])
    assert is_same(client, again)
    again.expect(["missed", 1])
    hosts[0].process.send_signal(signal.SIGCONT)
    # The old host finds out that the session is taken, and ends its socket.
    with pytest.raises(Disconnected):
        client.read_until(lambda: not client.is_open, 30)
    other.tell("emit", {}, "news", 2)
    again.expect(["news", 2])
    third = resume(connect, again, hosts[2])
    assert is_same(client, third)
    other.tell("emit", {}, "news", 3)
    third.expect(["news", 3])


def test_a_session_of_an_official_server(start, connect, keys, url, peer):
    host = start(url)
    offset = peer.broadcast("seen", 1)
    peer.broadcast("missed", 1)
    peer.broadcast("missed", 2, rooms=["room"])
    peer.broadcast("missed", 3, rooms=["elsewhere"])
    peer.broadcast("missed", 4, excepted=["room"])
    peer.broadcast("volatile", 1, flags={"volatile": True})
    keys.write_session(rooms=["room"], data={"name": "Zoë"})
    client = connect(host, auth={"pid": NODE_SECRET, "offset": offset})
    assert (client.sid, client.private_id) == (NODE_ID, NODE_SECRET)
    client.expect(["missed", 1], ["missed", 2])
    # Nobody answers in its place.
    peer.subscription.close()
    check_state(client)
    peer.broadcast("news", 1, rooms=["room"])
    client.expect(["news", 1])


def test_a_session_for_an_official_server(start, connect, keys, url, peer):
    client = prepare(start(url), connect, keys)
    assert peer.redis.xrange(peer.prefix, client.offset, client.offset), "the offset is an entry"
    session = keys.take(client.private_id)
    assert session["sid"] == client.sid and session["pid"] == client.private_id
    # This host notices it at the next write, and ends its socket.
    client.tell("join", "another room")
    with pytest.raises(Disconnected):
        client.read_until(lambda: not client.is_open, 30)
    assert keys.read(client.private_id) is None


def test_a_session_that_ends_is_removed(start, connect, keys, url):
    host = start(url)
    client = prepare(host, connect, keys)
    client.send_text("41")
    wait_until(lambda: keys.read(client.private_id) is None, 20)
    mark = keys.key(client.private_id) + "-chatd:taken"
    assert keys.redis.get(mark) and keys.redis.pttl(mark) <= 120_000
    # One that is only lost stays.
    client = prepare(host, connect, keys)
    client.close()
    let_time_pass(0.5)
    assert keys.read(client.private_id)["sid"] == client.sid
    assert keys.redis.pttl(keys.key(client.private_id)) <= 120_000


def test_an_end_that_redis_refuses_is_repeated(start, connect, keys, url):
    client = prepare(start(url), connect, keys)
    keys.redis.config_set("min-replicas-to-write", 1)
    try:
        client.send_text("41")
        let_time_pass(1.5)
        assert keys.read(client.private_id) is not None
    finally:
        keys.redis.config_set("min-replicas-to-write", 0)
    wait_until(lambda: keys.read(client.private_id) is None, 20)


@pytest.mark.parametrize("offset", [None, "1-0", "nonsense", "99999999999999-0"])
def test_a_session_with_an_offset_that_says_nothing(start, connect, keys, url, peer, offset):
    host = start(url)
    peer.broadcast("before", 1)
    keys.write_session()
    auth = {"pid": NODE_SECRET} | ({"offset": offset} if offset else {})
    client = connect(host, auth=auth)
    assert client.sid != NODE_ID
    peer.broadcast("news", 1)
    client.expect(["news", 1])


@pytest.mark.parametrize("value", [
    b"", b"nonsense", base64.b64encode(b"\xc1"), base64.b64encode(msgpack.packb([])),
    base64.b64encode(msgpack.packb({"sid": NODE_ID, "pid": "another0123456789012", "rooms": [], "data": 1})),
    base64.b64encode(msgpack.packb({"sid": NODE_ID, "pid": NODE_SECRET, "rooms": 7, "data": 1})),
    base64.b64encode(msgpack.packb({"sid": "short", "pid": NODE_SECRET, "rooms": [], "data": 1})),
    base64.b64encode(msgpack.packb(
        {"sid": NODE_ID, "pid": NODE_SECRET, "rooms": [], "data": 1, "chatd": {"version": 1, "start": "x"}})),
])
def test_values_that_are_no_sessions(start, connect, keys, url, peer, value):
    host = start(url)
    offset = peer.broadcast("seen", 1)
    keys.write(NODE_SECRET, value)
    client = connect(host, auth={"pid": NODE_SECRET, "offset": offset})
    assert client.sid != NODE_ID
    peer.broadcast("news", 1)
    client.expect(["news", 1])


def test_a_key_of_another_type_is_not_touched(start, connect, keys, url, peer):
    host = start(url)
    offset = peer.broadcast("seen", 1)
    keys.redis.rpush(keys.key(NODE_SECRET), "x")
    client = connect(host, auth={"pid": NODE_SECRET, "offset": offset})
    assert client.sid != NODE_ID
    assert keys.redis.lrange(keys.key(NODE_SECRET), 0, -1) == [b"x"]


@pytest.mark.parametrize("is_new", [False, True])
def test_changes_by_others_while_nobody_has_the_session(start, connect, keys, url, is_new):
    hosts = [start(url), start(url)]
    client, other = prepare(hosts[0], connect, keys), connect(hosts[1])
    hosts[0].stop(signal.SIGKILL)
    other.tell("sockets join", {"to": ["room"]}, "joined late")
    other.tell("emit", {"to": ["joined late"]}, "late", 1)
    other.settle()
    again = resume(connect, client, start(url) if is_new else hosts[1])
    assert is_same(client, again)
    again.expect(["late", 1])


@pytest.fixture
def own_redis():
    """A server that loses its data when it restarts, unless it was told to save them."""
    server = RedisServer()
    yield server
    server.remove()


@pytest.mark.parametrize("loss", ["flush", "restart without data", "restart with older data"])
def test_live_clients_stay_when_redis_loses_data(start, connect, own_redis, loss):
    host = start(own_redis.url("redis-streams"), patience=60)
    client = connect(host)
    keys = Keys(own_redis, "sio")
    keys.wait_for(client.private_id, lambda value: value)
    if loss == "restart with older data":
        keys.redis.save()
    client.call("join", "room")
    keys.wait_for(client.private_id, lambda value: "room" in value["rooms"])
    if loss == "flush":
        keys.redis.flushall()
        # The host writes it before it knows of the loss.
        client.call("join", "another room")
    else:
        own_redis.restart()
    session = keys.wait_for(client.private_id, lambda value: "room" in value["rooms"])
    assert session["sid"] == client.sid
    client.tell("emit", {"to": ["room"]}, "alive", 1)
    client.expect(["alive", 1], timeout=20)


def test_without_the_right_to_scripts_sessions_move_between_live_hosts(start, connect, own_redis):
    with own_redis.client() as admin:
        admin.execute_command("ACL", "SETUSER", "chat", "on", ">secret", "+@all", "-@scripting", "~*", "&*")
    url = own_redis.url("redis-streams").replace("://", "://chat:secret@")
    hosts = [start(url, patience=60) for _ in range(2)]
    client, other = connect(hosts[0]), connect(hosts[1])
    other.tell("emit", {}, "seen", 1)
    client.expect(["seen", 1])
    client.close()
    other.tell("emit", {}, "missed", 1)
    again = resume(connect, client, hosts[1])
    assert is_same(client, again)
    again.expect(["missed", 1])
    assert "not kept" not in hosts[0].stderr_text()
    with own_redis.client() as admin:
        assert not admin.keys("sio:session:*")


def test_clients_of_other_hosts_do_not_delay_those_of_this_one(start, connect, own_redis):
    host = start(own_redis.url("redis-streams"), patience=60)
    client = connect(host)
    client.call("join", "room")
    own_redis.stop()
    strangers = [SocketIOWebSocket(host.port) for _ in range(40)]
    try:
        for number, stranger in enumerate(strangers):
            stranger.send_text("40" + compact({"pid": f"stranger{number:012}", "offset": "1-0"}))
        client.close()
        began_at = time.monotonic()
        assert is_same(client, resume(connect, client, host))
        # The others wait for Redis, half a minute at most.
        assert time.monotonic() - began_at < 15
        own_redis.start()
        for stranger in strangers:
            assert stranger.receive_packet(40).startswith("40{")
    finally:
        for stranger in strangers:
            stranger.close()
