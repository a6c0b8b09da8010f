"""Sharded pub/sub: peers that speak the bytes of the official sharded adapter."""

import json
import os

import msgpack
import pytest
from sharded_peer import ShardedPeer, room_channels

from ports import free_port
from redis_server import RedisServer
from waiting import wait_until

pytestmark = pytest.mark.timeout(60)

EVERYONE = {"rooms": [], "except": []}
HANDSHAKE = {"headers": {}, "time": "", "address": "", "xdomain": False, "secure": False, "issued": 1, "url": "/",
             "query": {}, "auth": {}}


@pytest.fixture
def peer(redis_server, prefix):
    peer = ShardedPeer(redis_server, prefix)
    yield peer
    peer.close()


@pytest.fixture
def host(start, redis_server, prefix):
    return start(redis_server.url("redis-sharded", prefix=prefix))


@pytest.fixture
def client(host, connect):
    return connect(host)


@pytest.mark.parametrize("uid", ["0123456789abcdef", "emitter"])
def test_events_of_a_peer(peer, client, uid):
    client.call("join", "room")
    assert peer.broadcast("news", {"a": [1, 2.5, None, "hä"]}, uid=uid) == 2, "the host and the peer itself"
    assert peer.broadcast("room", 1, rooms=["room"], channel="room#", uid=uid) == 1
    assert peer.broadcast("elsewhere", 1, rooms=["other"], channel="other#", uid=uid) == 0
    peer.broadcast("except", 1, excepted=["room"], uid=uid)
    client.expect(["news", {"a": [1, 2.5, None, "hä"]}], ["room", 1])
    peer.broadcast("volatile", 1, flags={"volatile": True, "unknown": 7}, uid=uid)
    client.expect(["volatile", 1])


def test_binary_data_of_a_peer(peer, client):
    data = {"packet": {"type": 2, "data": ["length", b"1234"]}, "opts": EVERYONE}
    peer.publish(msgpack.packb({"type": 3, "data": data, "uid": peer.uid, "nsp": "/"}))
    wait_until(lambda: client.receive_packet(10).startswith("451-"))


def test_events_for_a_peer(peer, client):
    """What a host publishes is in the channel of all nodes, so that no node can miss it."""
    client.tell("emit", {}, "news", {"text": "hä"})
    client.tell("emit", {"to": ["room"], "except": ["x"]}, "one room", 1)
    client.tell("emit", {"to": ["a", "b"]}, "two rooms", 1)
    messages = peer.messages(3)
    assert len({message["uid"] for message in messages}) == 1 and len(messages[0]["uid"]) == 16
    assert [(message["type"], message["nsp"]) for message in messages] == [(3, "/")] * 3
    assert messages[0]["data"]["packet"] == {"type": 2, "data": ["news", {"text": "hä"}]}
    assert all("requestId" not in message["data"] for message in messages)
    options = [{key: message["data"]["opts"][key] for key in ("rooms", "except")} for message in messages]
    assert options == [EVERYONE, {"rooms": ["room"], "except": ["x"]}, {"rooms": ["a", "b"], "except": []}]


def test_changes_of_a_peer(peer, client):
    peer.send(4, opts=EVERYONE, rooms=["room"])
    peer.broadcast("joined", 1, rooms=["room"])
    peer.send(5, opts={"rooms": [client.sid], "except": []}, rooms=["room"])
    peer.broadcast("left", 1, rooms=["room"])
    peer.broadcast("end", 1)
    client.expect(["joined", 1], ["end", 1])
    peer.send(6, uid="emitter", opts=EVERYONE, close=False)
    client.read_until(lambda: not client.is_open)


def test_changes_for_a_peer(peer, client):
    client.tell("sockets join", {"to": ["a"], "except": ["b"]}, "room")
    client.tell("disconnect sockets", {"to": ["a"]}, True)
    joined, disconnected = peer.messages(2)
    assert (joined["type"], joined["data"]["rooms"]) == (4, ["room"])
    assert joined["data"]["opts"]["rooms"] == ["a"] and joined["data"]["opts"]["except"] == ["b"]
    assert (disconnected["type"], disconnected["data"]["close"]) == (6, True)


def test_events_between_servers(peer, client):
    peer.send(9, packet=["told", "by the peer"])
    client.expect(["told", "by the peer"])
    client.tell("tell servers", "by chatd")
    [message] = peer.messages(1)
    assert (message["type"], message["data"]) == (9, {"packet": ["told", "by chatd"]})


def test_a_peer_asks_for_sockets(peer, client):
    client.call("join", "room")
    peer.send(7, opts={"rooms": ["room"], "except": []}, requestId="r")
    [answer] = peer.answers(1)
    assert (answer["type"], answer["nsp"], answer["data"]["requestId"]) == (8, "/", "r")
    [socket] = answer["data"]["sockets"]
    assert socket["id"] == client.sid and sorted(socket["rooms"]) == sorted(["room", client.sid])
    assert set(HANDSHAKE) <= set(socket["handshake"])


def test_a_peer_asks_servers(peer, client):
    peer.send(9, packet=["question", "peer"], requestId="r")
    [answer] = peer.answers(1)
    assert (answer["type"], answer["data"]) == (10, {"requestId": "r", "packet": "answer to peer"})


def test_a_peer_asks_clients(peer, client):
    packet = {"type": 2, "data": ["question", 1]}
    peer.send(3, packet=packet, opts=EVERYONE, requestId="r")
    question = client.receive_packet(10)
    digits = question[2 : question.index("[")]
    client.send_text(f"43{digits}" + json.dumps([7, "second"]))
    count, answer = peer.answers(2)
    assert (count["type"], count["data"]) == (11, {"requestId": "r", "clientCount": 1})
    assert (answer["type"], answer["data"]) == (12, {"requestId": "r", "packet": 7})


def test_a_peer_answers(peer, client):
    """The peer counts as a node, so the host waits for its answer."""
    client.send_text("42100" + json.dumps(["fetch", {}]))
    [request] = peer.messages(1)
    assert request["type"] == 7 and request["data"]["opts"]["rooms"] == []
    sid = "peer-socket-12345678"
    socket = {"id": sid, "handshake": HANDSHAKE, "rooms": [sid, "r"], "data": {"a": 1}}
    peer.answer(request, 8, sockets=[socket])
    client.read_until(lambda: 100 in client._acks)
    [found] = client._acks[100]
    assert {entry["id"] for entry in found} == {sid, client.sid}


def test_clients_of_a_peer_acknowledge(peer, client):
    client.send_text("42100" + json.dumps(["ask clients", {"to": ["elsewhere"]}, "how many?"]))
    [request] = peer.messages(1)
    assert request["type"] == 3 and request["data"]["packet"]["data"][0] == "question"
    peer.answer(request, 11, clientCount=2)
    for value in (1, b"\x00\xff"):
        peer.answer(request, 12, packet=value)
    client.read_until(lambda: 100 in client._acks)
    [answers] = client._acks[100]
    assert answers.get("failure") is None and len(answers["values"]) == 2


def test_one_node_is_counted_once(peer, client, redis_server, prefix):
    with redis_server.client() as admin:
        assert admin.execute_command("PUBSUB", "SHARDNUMSUB", f"{prefix}#/#")[1] == 2


# MARK: Hostile input


def test_hostile_messages_are_ignored(peer, client):
    client.call("join", "room")
    [node] = room_channels(peer.server, peer.prefix) - {peer.uid, "room"}
    good = json.dumps(peer.envelope(3, packet={"type": 2, "data": ["x", 1]}, opts=EVERYONE)).encode()
    payloads = [
        b"", b"{", b"\xc1", b"\x93", b"\xdd\xff\xff\xff\xff", os.urandom(1000), msgpack.packb(None), b"\x91" * 100_000,
        b"[" * 100_000, *(good[:cut] for cut in range(1, len(good))),
        *(json.dumps(message).encode() for message in [
            {}, {"type": 99}, {"type": 3, "uid": "u", "nsp": "/"}, {"type": 3, "uid": "u", "nsp": "/", "data": 7},
            {"type": "3", "uid": "u", "nsp": "/", "data": {}}, {"type": 8, "uid": "u", "nsp": "/", "data": {}},
            {"type": 11, "uid": "u", "nsp": "/", "data": {"requestId": "r", "clientCount": -1}},
            {"type": 11, "uid": "u", "nsp": "/", "data": {"requestId": "r", "clientCount": 2**31}},
            {"type": 3, "uid": "u", "nsp": "/other", "data": {"packet": {"type": 2, "data": ["x"]}, "opts": EVERYONE}},
            {"type": 3, "uid": "u", "nsp": "/", "data": {"packet": {"type": 2, "data": ["connect"]}, "opts": EVERYONE}},
        ])]
    for payload in payloads:
        for channel in ("", "room#", f"{node}#"):
            peer.publish(payload, channel)
        peer.redis.execute_command("SPUBLISH", f"{peer.prefix}-chatd#/#", payload)
    peer.broadcast("end", 1)
    client.read_until(lambda: ["end", 1] in client.events)
    assert client.events == [["end", 1]]


def test_a_server_of_a_cluster_is_refused(start, connect):
    server = RedisServer(cluster_enabled="yes", cluster_port=free_port())
    try:
        host = start(server.url("redis-sharded"))
        wait_until(lambda: "part of a Redis Cluster, which is not supported" in host.stderr_text(), 10)
        client = connect(host)
        client.tell("emit", {}, "news", 1)
        client.expect(["news", 1])
    finally:
        server.remove()
