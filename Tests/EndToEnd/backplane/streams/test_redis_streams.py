"""Redis Streams: peers that speak the bytes of the official adapter."""

import re

import pytest
from streams_peer import StreamsPeer

from waiting import wait_until

pytestmark = pytest.mark.timeout(60)

EVERYONE = {"rooms": [], "except": []}
HANDSHAKE = {"headers": {}, "time": "", "address": "", "xdomain": False, "secure": False, "issued": 1, "url": "/",
             "query": {}, "auth": {}}


@pytest.fixture
def scheme():
    return "redis-streams"


@pytest.fixture
def host(start, redis_server, prefix, scheme):
    return start(redis_server.url(scheme, prefix=prefix))


@pytest.fixture
def client(host, connect):
    return connect(host)


@pytest.fixture
def peer(client, redis_server, prefix):
    peer = StreamsPeer(redis_server, prefix)
    yield peer
    peer.close()


@pytest.mark.parametrize("uid", ["0123456789abcdef", "emitter"])
def test_events_of_a_peer(peer, client, uid):
    client.call("join", "room")
    ids = [
        peer.broadcast("news", {"a": [1, 2.5, None, "hä"]}, uid=uid),
        peer.broadcast("packed", {"a": [1, 2.5, None, "hä"]}, uid=uid, is_packed=True),
        peer.broadcast("room", 1, rooms=["room"], uid=uid)]
    peer.broadcast("elsewhere", 1, rooms=["other"], uid=uid)
    peer.broadcast("except", 1, excepted=["room"], uid=uid)
    value = {"a": [1, 2.5, None, "hä"]}
    client.expect(["news", value], ["packed", value], ["room", 1])
    assert client.offset == ids[2], "the offset is the id of the entry"
    peer.broadcast("volatile", 1, flags={"volatile": True, "unknown": 7}, uid=uid)
    client.expect(["volatile", 1])


def test_binary_data_of_a_peer(peer, client):
    peer.broadcast("length", b"1234", is_packed=True)
    wait_until(lambda: client.receive_packet(10).startswith("451-"))


def test_events_for_a_peer(peer, client):
    client.tell("emit", {}, "news", {"text": "hä"})
    client.tell("emit", {"to": ["room"], "except": ["x"]}, "one room", 1)
    client.tell("emit", {"to": ["a", "b"]}, "two rooms", 1)
    entries = peer.entries(3)
    assert {entry["type"] for entry in entries} == {3} and len({entry["uid"] for entry in entries}) == 1
    assert [entry["data"]["packet"]["data"] for entry in entries] == [
        ["news", {"text": "hä"}], ["one room", 1], ["two rooms", 1]]
    assert [entry["data"]["opts"]["rooms"] for entry in entries] == [[], ["room"], ["a", "b"]]
    assert entries[1]["data"]["opts"]["except"] == ["x"]
    client.expect(["news", {"text": "hä"}])
    assert client.offset.count("-") == 1 and client.offset.replace("-", "").isdigit()


def test_changes_of_a_peer(peer, client):
    peer.add(4, opts=EVERYONE, rooms=["joined"])
    peer.broadcast("room", 1, rooms=["joined"])
    client.expect(["room", 1])
    peer.add(5, opts={"rooms": [client.sid], "except": []}, rooms=["joined"])
    peer.broadcast("room", 2, rooms=["joined"])
    peer.broadcast("end")
    client.expect(["end"])
    peer.add(6, opts=EVERYONE, close=False)
    client.read_until(lambda: not client.is_open)


def test_events_between_servers(peer, client, redis_server, prefix):
    """Nodes publish them, and emitters add them to the stream."""
    peer.publish(9, packet=["told", "published"])
    client.expect(["told", "published"])
    peer.add(9, uid="emitter", packet=["told", "added"])
    client.expect(["told", "added"])


def test_a_peer_asks(peer, client):
    client.call("join", "room")
    peer.publish(7, opts={"rooms": ["room"], "except": []}, requestId="r1")
    (answer,) = peer.answers(1)
    assert answer["type"] == 8 and [socket["id"] for socket in answer["data"]["sockets"]] == [client.sid]


def test_a_question_waits_for_the_entries_before_it(hosts, connect):
    """Each host has read what the asker did before it asked."""
    one, other = connect(hosts[0]), connect(hosts[1])
    for number in range(50):
        one.tell("sockets join", {}, f"room {number}")
        [found] = one.call("fetch", {"to": [f"room {number}"]})
        assert len(found) == 2, number


def test_hostile_entries_are_ignored(peer, client, redis_server, prefix):
    for fields in [
            {"x": "y"}, {"uid": "a", "nsp": "/", "type": "3"}, {"uid": "a", "nsp": "/", "type": "3", "data": "{"},
            {"uid": "a", "nsp": "/", "type": "99999", "data": "{}"}, {"uid": b"\xff", "nsp": "/", "type": "3"},
            {"uid": "a", "nsp": "chatd#/", "type": "0", "data": "{}"},
            {"uid": "a", "nsp": "chatd#" + "x" * 5000, "type": "0", "data": "{}"},
            {"uid": "a", "nsp": "/", "type": "3", "data": "!" * 100_000}]:
        peer.redis.xadd(prefix, fields)
    peer.broadcast("after them")
    client.expect(["after them"])


def test_entries_with_odd_ids(peer, client, prefix):
    """Their events arrive, without an offset that another server would understand."""
    peer.broadcast("usual")
    client.expect(["usual"])
    usual = client.offset
    fields = {"uid": "emitter", "nsp": "/", "type": "3",
              "data": '{"packet":{"type":2,"data":["odd"]},"opts":{"rooms":[],"except":[]}}'}
    last = int(usual.split("-")[0])
    peer.redis.xadd(prefix, fields, id=f"{last + 60_000}-70000")
    peer.redis.xadd(prefix, fields, id=f"{last + 60_000}-70001")
    client.expect(["odd"], ["odd"])
    assert client.offset == usual or not re.fullmatch(r"\d+-\d+", client.offset)


def test_large_entries(peer, client):
    """They are read, a few at once."""
    for number in range(30):
        peer.broadcast("large", number, "x" * 4_000_000, rooms=["nobody"])
        peer.broadcast("small", number)
    client.expect(*(["small", number] for number in range(30)), timeout=50)


@pytest.mark.parametrize("has_scripts", [True, False])
def test_an_entry_that_is_too_large_is_skipped(start, connect, own_redis, prefix, has_scripts):
    rights = [] if has_scripts else ["-@scripting"]
    with own_redis.client() as admin:
        admin.execute_command("ACL", "SETUSER", "chat", "on", ">secret", "+@all", *rights, "~*", "&*")
    url = own_redis.url("redis-streams", prefix=prefix).replace("://", "://chat:secret@")
    host = start(url, patience=60)
    client = connect(host)
    peer = StreamsPeer(own_redis, prefix)
    peer.broadcast("before")
    client.expect(["before"], timeout=50)
    peer.redis.xadd(prefix, {"uid": "emitter", "nsp": "/", "type": "3", "data": b"x" * (80 << 20)})
    peer.broadcast("after")
    client.expect(["after"], timeout=50)
    wait_until(lambda: "an entry of the stream is too large" in host.stderr_text(), 10)
    late = connect(start(url, patience=60))
    for each in (client, late):
        each.tell("emit", {}, "from", 1)
    late.read_until(lambda: late.events.count(["from", 1]) == 2, 50)
    peer.close()


def test_a_session_in_a_namespace_that_another_host_lacks(start, connect, redis_server, prefix, scheme):
    """All hosts read the question for the session, and the one that lacks the namespace is the first to answer."""
    url = redis_server.url(scheme, prefix=prefix)
    owner, asker, _ = [start(url, patience=60) for _ in range(3)]
    for number in range(8):
        client = connect(owner, f"/room-{number}")
        client.tell("emit", {}, "seen", number)
        client.expect(["seen", number])
        auth = {"pid": client.private_id, "offset": client.offset}
        client.close()
        again = connect(asker, f"/room-{number}", auth=auth)
        assert (again.sid, again.private_id) == (client.sid, client.private_id), number
