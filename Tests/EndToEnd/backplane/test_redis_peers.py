"""Peers that speak the bytes of the official Redis adapter and emitter, written by hand."""

import json
import os

import msgpack
import pytest

from waiting import wait_until

pytestmark = pytest.mark.timeout(60)


class Peer:
    """A node that is not chatd."""

    def __init__(self, server, prefix, namespace="/", uid="peer01"):
        self.redis = server.client()
        self.prefix, self.namespace, self.uid = prefix, namespace, uid
        self.subscription = self.redis.pubsub()
        self.subscription.psubscribe(f"{prefix}#{namespace}#*")
        self.subscription.subscribe(f"{prefix}-request#{namespace}#")
        for _ in range(2):
            self.subscription.get_message(timeout=5)

    def messages(self, count):
        """The next messages, as (channel without the prefix, bytes)."""
        found = []
        while len(found) < count:
            message = self.subscription.get_message(timeout=10)
            assert message, f"only {found}"
            if message["type"] in ("message", "pmessage"):
                found.append((message["channel"].decode().removeprefix(self.prefix), message["data"]))
        return found

    def broadcast(self, *data, rooms=(), excepted=(), flags=None, uid=None, channel=""):
        packet = {"type": 2, "data": list(data), "nsp": self.namespace}
        options = {"rooms": list(rooms), "except": list(excepted), "flags": flags or {}}
        payload = msgpack.packb([uid or self.uid, packet, options])
        return self.redis.publish(f"{self.prefix}#{self.namespace}#{channel}", payload)

    def request(self, **fields):
        return self.redis.publish(f"{self.prefix}-request#{self.namespace}#", json.dumps(fields))

    def close(self):
        self.subscription.close()
        self.redis.close()


@pytest.fixture
def peer(redis_server, prefix):
    peer = Peer(redis_server, prefix)
    yield peer
    peer.close()


@pytest.fixture
def client(start, connect, redis_server, prefix):
    return connect(start(redis_server.url(prefix=prefix)))


@pytest.mark.parametrize("uid", ["peer01", "emitter"])
def test_an_event_of_a_peer(peer, client, uid):
    client.call("join", "room")
    assert peer.broadcast("news", {"a": [1, 2.5, None, "hä"]}, uid=uid) == 2, "the host and the peer itself"
    peer.broadcast("room", 1, rooms=["room"], channel="room#", uid=uid)
    peer.broadcast("elsewhere", 1, rooms=["other"], channel="other#", uid=uid)
    peer.broadcast("except", 1, excepted=["room"], uid=uid)
    client.expect(["news", {"a": [1, 2.5, None, "hä"]}], ["room", 1])
    peer.broadcast("volatile", 1, flags={"volatile": True, "unknown": 7}, uid=uid)
    client.expect(["volatile", 1])


def test_numbers_of_a_peer(peer, client):
    values = [-0.0, 2**53, 1e21, 0.1, -1, 255, 2**32, -(2**31)]
    peer.broadcast("numbers", *values)
    client.read_until(lambda: client.events)
    [[name, *received]] = client.events
    assert name == "numbers" and received == values


def test_an_event_for_a_peer(peer, client):
    client.tell("emit", {}, "news", {"text": "hä"})
    client.tell("emit", {"to": ["room"], "except": ["x"]}, "one room", 1)
    client.tell("emit", {"to": ["a", "b"]}, "two rooms", 1)
    received = [(channel, msgpack.unpackb(data)) for channel, data in peer.messages(3)]
    uids = {uid for _, (uid, _, _) in received}
    assert len(uids) == 1 and len(uids.pop()) == 6
    assert [channel for channel, _ in received] == ["#/#", "#/#room#", "#/#"]
    packets = [packet for _, (_, packet, _) in received]
    assert packets[0] == {"type": 2, "data": ["news", {"text": "hä"}], "nsp": "/"}
    options = [{key: opts[key] for key in ("rooms", "except")} for _, (_, _, opts) in received]
    assert options == [
        {"rooms": [], "except": []}, {"rooms": ["room"], "except": ["x"]}, {"rooms": ["a", "b"], "except": []}]


def test_changes_of_a_peer(peer, client):
    peer.request(uid="peer01", type=2, opts={"rooms": [], "except": []}, rooms=["room"])
    peer.broadcast("joined", 1, rooms=["room"])
    peer.request(type=3, opts={"rooms": [client.sid], "except": []}, rooms=["room"])
    peer.broadcast("left", 1, rooms=["room"])
    peer.broadcast("end", 1)
    client.expect(["joined", 1], ["end", 1])
    peer.request(uid="emitter", type=4, opts={"rooms": [], "except": []}, close=False)
    client.read_until(lambda: not client.is_open)


def test_changes_for_a_peer(peer, client):
    client.tell("sockets join", {"to": ["a"], "except": ["b"]}, "room")
    client.tell("disconnect sockets", {"to": ["a"]}, True)
    requests = [json.loads(data) for channel, data in peer.messages(2)]
    assert [(request["type"], request["opts"]["rooms"]) for request in requests] == [(2, ["a"]), (4, ["a"])]
    assert requests[0]["rooms"] == ["room"] and requests[0]["opts"]["except"] == ["b"] and requests[1]["close"] is True


def test_events_between_servers(peer, client):
    peer.request(uid="peer01", type=6, data=["told", "by the peer"])
    client.expect(["told", "by the peer"])
    client.tell("tell servers", "by chatd")
    _, (channel, data) = peer.messages(2)
    request = json.loads(data)
    assert (channel, request["type"], request["data"]) == ("-request#/#", 6, ["told", "by chatd"])
    assert "requestId" not in request


def test_a_question_to_servers_without_a_socket_in_the_namespace(peer, client, redis_server, prefix):
    other = Peer(redis_server, prefix, "/custom")
    other.subscription.subscribe(f"{prefix}-response#/custom#")
    other.subscription.get_message(timeout=5)
    other.request(uid="peer01", type=6, requestId="r1", data=["question", "x"])
    messages = dict(other.messages(2))
    other.close()
    assert json.loads(messages["-response#/custom#"]) == {"type": 6, "requestId": "r1", "data": "answer to x"}


def test_one_node_is_counted_once(peer, client, redis_server, prefix):
    with redis_server.client() as admin:
        [(_, count)] = admin.pubsub_numsub(f"{prefix}-request#/#")
    assert count == 2


def test_hostile_messages_are_ignored(peer, client):
    good = msgpack.packb(["peer01", {"type": 2, "data": ["x", 1], "nsp": "/"}, {"rooms": [], "except": []}])
    payloads = [
        b"", b"{", b"\xc1", b"\x93", b"\xdd\xff\xff\xff\xff", os.urandom(1000), msgpack.packb(None), msgpack.packb([]),
        msgpack.packb(["u", {}, {}]), msgpack.packb(["u", {"type": 2, "data": []}, {}]), b"\x91" * 100_000,
        msgpack.packb(["u", {"type": 2, "data": [7]}, {"rooms": 1}]), *(good[:cut] for cut in range(1, len(good))),
        msgpack.packb(["u", {"type": 2, "data": ["connect", 1], "nsp": "/"}, {"rooms": [], "except": []}]),
        msgpack.packb(["u", {"type": 2, "data": ["x", {"_placeholder": True, "num": 3}], "nsp": "/"}, {"rooms": []}]),
    ]
    for payload in payloads:
        peer.redis.publish(f"{peer.prefix}#/#", payload)
        peer.redis.publish(f"{peer.prefix}-request#/#", payload)
        peer.redis.publish(f"{peer.prefix}-response#/#", payload)
        peer.redis.publish(f"{peer.prefix}-chatd#/#", payload)
    for request in [{}, {"type": 99}, {"type": 2}, {"type": 2, "opts": 7, "rooms": "x"}, {"type": "2"}, {"uid": 5}]:
        peer.request(**request)
    peer.broadcast("end", 1)
    client.read_until(lambda: ["end", 1] in client.events)
    assert [event for event in client.events if event[0] not in ("end", "x")] == []


def test_a_forged_number_of_the_host_itself_does_no_harm(peer, client):
    """A peer that repeats a host's own message cannot make it deliver one twice."""
    client.tell("emit", {}, "news", 1)
    [(channel, data)] = peer.messages(1)
    for _ in range(3):
        peer.redis.publish(f"{peer.prefix}#/#", data)
    peer.broadcast("end", 1)
    client.expect(["news", 1], ["end", 1])


def test_fetches_go_on_after_some_that_a_node_does_not_answer(peer, start, connect, redis_server, prefix):
    """The peer is counted and does not answer. A worker makes at most four fetches at a time."""
    host = start(redis_server.url(prefix=prefix))
    for _ in range(5):
        connect(host).tell("fetch", {})
    client = connect(host)
    client.settle()
    peer.close()

    def found():
        try:
            return client.call("fetch", {}, timeout=6)
        except AssertionError:
            return None

    wait_until(found, 30)
