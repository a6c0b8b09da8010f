"""Peers that speak the bytes of the official PostgreSQL adapter and emitter, written by hand."""

import json
import os
import time

import cluster_peer
import msgpack
import pytest
from cluster_peer import EVERYONE, ClusterPeer
from waiting import wait_until

pytestmark = pytest.mark.timeout(90)


@pytest.fixture
def host(start, postgres_server, prefix):
    return start(postgres_server.url(prefix=prefix))


@pytest.fixture
def client(host, connect):
    return connect(host)


@pytest.fixture
def make_peer(postgres_server, prefix, client):
    """Starts peers that the host of the client knows, and that know the host."""
    peers = []

    def make(**settings):
        peer = ClusterPeer(postgres_server, prefix, **settings)
        peers.append(peer)
        peer.join()
        peer.wait_for_nodes(1)
        return peer

    yield make
    for peer in peers:
        peer.close()


@pytest.fixture
def peer(make_peer):
    return make_peer()


@pytest.mark.parametrize("uid", [None, "emitter"])
def test_an_event_of_a_peer(peer, client, uid):
    client.call("join", "room")
    peer.broadcast("news", {"a": [1, 2.5, None, "hä"]}, uid=uid)
    peer.broadcast("room", 1, rooms=["room"], uid=uid)
    peer.broadcast("elsewhere", 1, rooms=["other"], uid=uid)
    peer.broadcast("except", 1, excepted=["room"], uid=uid)
    client.expect(["news", {"a": [1, 2.5, None, "hä"]}], ["room", 1])
    peer.broadcast("volatile", 1, flags={"volatile": True, "unknown": 7}, uid=uid)
    client.expect(["volatile", 1])


def test_an_event_for_a_peer(peer, client):
    client.tell("emit", {}, "news", {"text": "hä"})
    client.tell("emit", {"to": ["a", "b"], "except": ["x"]}, "rooms", 1)
    messages = [peer.receive() for _ in range(2)]
    assert {message["uid"] for message in messages} == set(peer.nodes)
    assert {message["nsp"] for message in messages} == {"/"}
    assert [message["type"] for message in messages] == [cluster_peer.BROADCAST] * 2
    assert messages[0]["data"]["packet"] == {"type": 2, "data": ["news", {"text": "hä"}]}
    assert messages[0]["data"]["opts"]["rooms"] == [] and "requestId" not in messages[0]["data"]
    assert messages[1]["data"]["opts"]["rooms"] == ["a", "b"] and messages[1]["data"]["opts"]["except"] == ["x"]


@pytest.mark.parametrize("size", [10, 7000, 7990, 8010, 100_000, 900_000])
def test_sizes(peer, client, size):
    text = "ä" * (size // 2)
    client.tell("emit", {}, "news", text)
    client.expect(["news", text])
    message = peer.receive()
    assert message["data"]["packet"]["data"] == ["news", text]
    assert message.get("was attached", False) == (size > 7900)
    packet = {"type": 2, "data": ["back", text], "nsp": "/"}
    if size < 7500:
        peer.broadcast("back", text)
    else:
        peer.attach(cluster_peer.BROADCAST, {"packet": packet, "opts": EVERYONE})
    client.expect(["back", text])


def test_binary_values_of_a_peer(peer, client):
    packet = {"type": 2, "data": ["binary", b"\x01\xff"], "nsp": "/"}
    peer.attach(cluster_peer.BROADCAST, {"packet": packet, "opts": EVERYONE}, header={"nodeId": "abc"})
    assert client.receive_packet(10).startswith('451-["binary",{"_placeholder":true,"num":0}')
    assert client.receive_packet(10) == b"\x01\xff"


def test_later_messages_wait_for_an_attachment(peer, client):
    for number in range(30):
        packet = {"type": 2, "data": ["news", f"{number}a", "x" * 100_000], "nsp": "/"}
        peer.attach(cluster_peer.BROADCAST, {"packet": packet, "opts": EVERYONE})
        peer.broadcast("news", f"{number}b")
    client.read_until(lambda: len(client.events) == 60)
    assert [event[1] for event in client.events] == [f"{number}{part}" for number in range(30) for part in "ab"]


def test_changes_of_a_peer(peer, client):
    peer.send(cluster_peer.SOCKETS_JOIN, {"opts": EVERYONE, "rooms": ["room"]})
    peer.broadcast("joined", 1, rooms=["room"])
    peer.send(cluster_peer.SOCKETS_LEAVE, {"opts": {"rooms": [client.sid], "except": []}, "rooms": ["room"]})
    peer.broadcast("left", 1, rooms=["room"])
    peer.broadcast("end", 1)
    client.expect(["joined", 1], ["end", 1])
    peer.send(cluster_peer.DISCONNECT_SOCKETS, {"opts": EVERYONE, "close": False}, uid="emitter")
    client.read_until(lambda: not client.is_open)


def test_changes_for_a_peer(peer, client):
    client.tell("sockets join", {"to": ["a"], "except": ["b"]}, "room")
    client.tell("sockets leave", {"to": ["a"]}, "room")
    client.tell("disconnect sockets", {"to": ["a"]}, True)
    messages = [peer.receive() for _ in range(3)]
    assert [message["type"] for message in messages] == [4, 5, 6]
    assert messages[0]["data"]["rooms"] == ["room"] and messages[0]["data"]["opts"]["except"] == ["b"]
    assert messages[2]["data"]["close"] is True


def test_events_between_servers(peer, client):
    peer.send(cluster_peer.SERVER_SIDE_EMIT, {"packet": ["told", "by the peer"]})
    client.expect(["told", "by the peer"])
    client.tell("tell servers", "by chatd")
    message = peer.receive()
    assert message["type"] == 9 and message["data"] == {"packet": ["told", "by chatd"]}


# Questions


def test_a_peer_asks_for_sockets(peer, client):
    client.call("join", "room")
    peer.send(cluster_peer.FETCH_SOCKETS, {"opts": {"rooms": ["room"], "except": []}, "requestId": "r1"})
    answer = peer.receive()
    assert answer["type"] == cluster_peer.FETCH_SOCKETS_RESPONSE and answer["data"]["requestId"] == "r1"
    [socket] = answer["data"]["sockets"]
    assert socket["id"] == client.sid and sorted(socket["rooms"]) == sorted(["room", client.sid])
    assert {"headers", "query", "auth", "issued", "url"} <= set(socket["handshake"])


def test_a_peer_asks_servers(peer, client):
    peer.send(cluster_peer.SERVER_SIDE_EMIT, {"packet": ["question", "peer"], "requestId": "r1"})
    answer = peer.receive()
    assert answer["type"] == cluster_peer.SERVER_SIDE_EMIT_RESPONSE
    assert answer["data"] == {"requestId": "r1", "packet": "answer to peer"}


def acknowledge(client, *values):
    packet = client.receive_packet(10)
    digits = packet[2 : packet.index("[")]
    assert json.loads(packet[2 + len(digits) :])[0] == "question"
    client.send_text(f"43{digits}" + json.dumps(list(values)))


def test_a_peer_asks_clients(peer, host, client, connect):
    clients = [client, connect(host)]
    packet = {"type": 2, "data": ["question", 1], "nsp": "/"}
    peer.send(cluster_peer.BROADCAST, {"packet": packet, "opts": EVERYONE, "requestId": "r1"})
    for number, each in enumerate(clients):
        acknowledge(each, number)
    count, *answers = (peer.receive() for _ in range(3))
    assert count["type"] == cluster_peer.BROADCAST_CLIENT_COUNT
    assert count["data"] == {"requestId": "r1", "clientCount": 2}
    assert [answer["type"] for answer in answers] == [cluster_peer.BROADCAST_ACK] * 2
    assert sorted(answer["data"]["packet"] for answer in answers) == [0, 1]


SOCKET = {
    "id": "peer-socket-12345678", "rooms": ["peer-socket-12345678", "r"], "data": {"a": 1},
    "handshake": {"headers": {}, "time": "", "address": "", "xdomain": False, "secure": False, "issued": 1, "url": "/",
                  "query": {}, "auth": {}}}


def ask(client, *arguments):
    client.send_text("42100" + json.dumps(arguments))


def answer(client):
    client.read_until(lambda: 100 in client._acks, 15)
    return client._acks[100][0]


def test_a_peer_answers_with_sockets(make_peer, client):
    """Each known node is waited for, and one that answers twice counts once."""
    peers = [make_peer(), make_peer(uid="fedcba9876543210")]
    ask(client, "fetch", {})
    for number, peer in enumerate(peers):
        request = peer.receive_type(cluster_peer.FETCH_SOCKETS)
        socket = {**SOCKET, "id": f"peer-socket-1234567{number}"}
        reply = {"requestId": request["data"]["requestId"], "sockets": [socket]}
        assert 100 not in client._acks
        for _ in range(2):
            peer.send(cluster_peer.FETCH_SOCKETS_RESPONSE, reply)
    found = answer(client)
    assert sorted(socket["id"] for socket in found) == sorted(
        ["peer-socket-12345670", "peer-socket-12345671", client.sid])


def test_a_peer_answers_the_servers_question(peer, client):
    ask(client, "ask servers", "x")
    request = peer.receive()
    assert request["type"] == cluster_peer.SERVER_SIDE_EMIT and request["data"]["packet"] == ["question", "x"]
    reply = {"requestId": request["data"]["requestId"], "packet": {"big": "x" * 9000}}
    peer.attach(cluster_peer.SERVER_SIDE_EMIT_RESPONSE, reply)
    assert answer(client) == [[{"big": "x" * 9000}]]


def test_a_peers_clients_answer(peer, client):
    ask(client, "ask clients", {}, "how many?")
    request = peer.receive()
    assert request["data"]["packet"]["data"] == ["question", "how many?"]
    number = request["data"]["requestId"]
    peer.send(cluster_peer.BROADCAST_CLIENT_COUNT, {"requestId": number, "clientCount": 2})
    acknowledge(client, "own")
    for value in (1, 2):
        peer.send(cluster_peer.BROADCAST_ACK, {"requestId": number, "packet": value})
    answers = answer(client)
    assert answers.get("failure") is None
    assert sorted(map(str, (values[0] for values in answers["values"]))) == ["1", "2", "own"]


def test_a_node_that_closes_is_not_waited_for(peer, client):
    ask(client, "fetch", {})
    peer.receive_type(cluster_peer.FETCH_SOCKETS)
    peer.send(cluster_peer.ADAPTER_CLOSE)
    assert [socket["id"] for socket in answer(client)] == [client.sid]
    started = time.monotonic()
    client.call("fetch", {})
    assert time.monotonic() - started < 4.5, "it does not count any more"


def test_a_node_that_is_silent_is_dropped(peer, client):
    """After ten seconds of silence nothing waits for it."""
    def found():
        return "error" not in client.call("fetch", {})[0]

    assert not found()
    wait_until(found, 40)


def test_a_node_that_dies_ends_its_part_of_a_question(peer, client):
    ask(client, "ask clients", {}, "how many?")
    request = peer.receive()
    number = request["data"]["requestId"]
    peer.send(cluster_peer.BROADCAST_CLIENT_COUNT, {"requestId": number, "clientCount": 1})
    acknowledge(client, "own")
    peer.send(cluster_peer.ADAPTER_CLOSE)
    answers = answer(client)
    assert answers["failure"] and answers["values"] == [["own"]]


# Heartbeats


def test_heartbeats_of_a_host(host, client, make_peer):
    peer = make_peer()
    [uid] = peer.nodes
    assert [beat["type"] for beat in peer.heartbeats] == [cluster_peer.HEARTBEAT]
    assert peer.heartbeats[0] == {"type": 2, "uid": uid, "nsp": "/"}
    for _ in range(2):
        started, count = time.monotonic(), len(peer.heartbeats)
        while len(peer.heartbeats) == count:
            assert time.monotonic() - started < 30
            try:
                peer.receive(0.5)
            except TimeoutError:
                continue
    custom = ClusterPeer(peer.server, peer.prefix, "/custom")
    custom.join()
    custom.wait_for_nodes(1)
    assert set(custom.nodes) == {uid}
    custom.close()


# Hostile messages


def test_hostile_notifications_are_ignored(peer, client):
    header = {"uid": "x", "type": 3}
    payloads = [
        "", "{", "[]", "null", "7", '"x"', "{}", '{"uid":5}', "[" * 7000, '{"a":' * 1000, "\x01", "ä" * 3000,
        {"uid": "x", "type": 3, "nsp": "/"}, {"uid": "x", "type": "3", "nsp": "/", "data": {}},
        {"uid": "x", "type": 3, "nsp": "/other", "data": {"packet": {"type": 2, "data": ["x"]}, "opts": EVERYONE}},
        {"uid": "x", "type": 3, "nsp": "/", "data": {"packet": {"type": 2, "data": [7]}, "opts": EVERYONE}},
        {"uid": "x", "type": 3, "nsp": "/", "data": {"packet": {"type": 2, "data": ["connect"]}, "opts": EVERYONE}},
        {"uid": "x", "type": 3, "nsp": "/", "data": {"packet": {"type": 2, "data": ["x"]}, "opts": 5}},
        {"uid": "x", "type": 99, "nsp": "/", "data": {}}, {"uid": "x" * 5000, "type": 2, "nsp": "/"},
        {"uid": "x", "type": 8, "nsp": "/", "data": {"requestId": "none", "sockets": []}},
        {"uid": "x", "type": 11, "nsp": "/", "data": {"requestId": "none", "clientCount": -1}},
        {"uid": "x", "type": 3, "nsp": "/", "chatd": {"node": 5}, "data": {}},
        *({**header, "attachmentId": number} for number in (
            "999999", "0", "-1", "1.5", "x", "", 7, None, {}, "9" * 30, "1; DROP TABLE socket_io_attachments")),
        *('{"uid":"x","nsp":"/","type":2}'[:cut] for cut in range(1, 30)),
    ]
    for payload in payloads:
        peer.notify(payload)
    for row in [b"", b"\xc1", b"\xdd\xff\xff\xff\xff", os.urandom(1000), msgpack.packb({"uid": "other"}), None,
                b"\x91" * 100_000]:
        [number] = peer.publisher.execute(
            "INSERT INTO socket_io_attachments (payload) VALUES (%s) RETURNING id", [row]).fetchone()
        peer.notify({**header, "attachmentId": str(number)})
    peer.publisher.execute("SELECT pg_notify(%s, 'x')", [f"{peer.prefix}-chatd#/#"])
    peer.broadcast("end", 1)
    client.expect(["end", 1])


def test_a_forged_message_of_the_host_itself_does_no_harm(peer, client):
    client.tell("emit", {}, "news", 1)
    message = peer.receive()
    for _ in range(3):
        peer.notify(message)
    peer.send(cluster_peer.ADAPTER_CLOSE, uid=message["uid"])
    peer.send(cluster_peer.INITIAL_HEARTBEAT, uid=message["uid"])
    peer.broadcast("end", 1)
    client.expect(["news", 1], ["end", 1])


def test_an_attachment_that_is_too_large_is_not_fetched(peer, client, host):
    [number] = peer.publisher.execute(
        "INSERT INTO socket_io_attachments (payload) VALUES (decode(repeat('00', 33 << 20), 'hex')) RETURNING id"
    ).fetchone()
    peer.notify({"uid": "x", "type": 3, "attachmentId": str(number)})
    peer.broadcast("end", 1)
    client.expect(["end", 1])
    assert "it has more than 33554432 bytes" in host.stderr_text()


def test_old_attachments_are_deleted(peer, client):
    peer.publisher.execute(
        "INSERT INTO socket_io_attachments (created_at, payload)"
        " SELECT now() - interval '1 hour', '\\x00' FROM generate_series(1, 250)")
    count = "SELECT count(*) FROM socket_io_attachments WHERE created_at < now() - interval '30 minutes'"
    wait_until(lambda: peer.publisher.execute(count).fetchone() == (0,), 60)


def test_a_namespace_with_a_long_name_stays_on_its_host(start, connect, postgres_server):
    """PostgreSQL would shorten the name of its channel to 63 bytes, so that it could be that of another namespace."""
    url = postgres_server.url(prefix="p" * 50)
    hosts = [start(url), start(url)]
    pair = [connect(host) for host in hosts]
    custom = [connect(host, "/custom") for host in hosts]
    for client in custom:
        client.tell("emit", {}, "news", client.sid)
        client.expect(["news", client.sid])
        assert [socket["id"] for socket in client.call("fetch", {})[0]] == [client.sid]
    pair[0].tell("emit", {}, "news", 1)
    for client in pair:
        client.expect(["news", 1])
    for host in hosts:
        lines = [line for line in host.stderr_text().splitlines() if "/custom" in line]
        assert len(lines) == 1 and "more than 63 bytes" in lines[0]
