"""Questions to the sockets and servers of all hosts: fetchSockets, acknowledgements, results of handlers."""

import json

import msgpack
import pytest

from test_redis_peers import Peer
from waiting import wait_until

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def clients(hosts, connect):
    """Two clients at the first host and three at the second one, which has two workers."""
    return [connect(hosts[0]) for _ in range(2)] + [connect(hosts[1]) for _ in range(3)]


@pytest.fixture
def peer(redis_server, prefix):
    peer = Peer(redis_server, prefix)
    peer.subscription.subscribe(f"{prefix}-response#/#", f"{prefix}-response#/#peer01#")
    for _ in range(2):
        peer.subscription.get_message(timeout=5)
    yield peer
    peer.close()


def answering(client, *values):
    """Lets the client answer the next question."""
    def handle(packet):
        digits = packet[2 : packet.index("[")]
        assert json.loads(packet[2 + len(digits) :])[0] == "question"
        client.send_text(f"43{digits}" + json.dumps(list(values)))

    handle(client.receive_packet(10))


def test_sockets_of_all_hosts(clients):
    for number, client in enumerate(clients):
        client.call("set data", {"number": number})
        client.call("join", f"room {number % 2}")
    [found] = clients[0].call("fetch", {})
    expected = sorted(
        ({"id": client.sid, "rooms": [f"room {number % 2}"], "data": {"number": number}}
         for number, client in enumerate(clients)), key=lambda socket: socket["id"])
    for socket in found:
        socket["rooms"] = [room for room in socket["rooms"] if room != socket["id"]]
    assert found == expected
    [found] = clients[4].call("fetch", {"to": ["room 0"], "except": [clients[0].sid]})
    assert {socket["id"] for socket in found} == {clients[2].sid, clients[4].sid}


def test_a_fetch_sees_the_effects_of_earlier_calls(clients):
    for number in range(20):
        clients[0].tell("sockets join", {}, f"room {number}")
        [found] = clients[0].call("fetch", {"to": [f"room {number}"]})
        assert len(found) == 5


def test_acknowledgements_of_clients_of_all_hosts(clients):
    ack = 100
    clients[0].send_text(f'42{ack}' + json.dumps(["ask clients", {"except": [clients[0].sid]}, "how many?"]))
    for number, client in enumerate(clients[1:]):
        answering(client, number, "second")
    clients[0].read_until(lambda: ack in clients[0]._acks)
    [answers] = clients[0]._acks[ack]
    assert answers.get("failure") is None
    assert sorted(values[0] for values in answers["values"]) == [0, 1, 2, 3]


def test_a_client_that_does_not_answer_is_missed(clients):
    ack = 100
    clients[0].send_text(f'42{ack}' + json.dumps(["ask clients", {"except": [clients[0].sid]}, "how many?"]))
    for client in clients[1:4]:
        answering(client, 1)
    clients[0].read_until(lambda: ack in clients[0]._acks)
    [answers] = clients[0]._acks[ack]
    assert answers["failure"] == "timedOut" and len(answers["values"]) == 3


def test_results_of_servers_of_all_hosts(clients):
    """Each other worker of this host answers, and each other host once."""
    # A host whose workers share a port serves as soon as the first of them does.
    wait_until(lambda: len(clients[4].call("ask servers", "x")[0]) == 2, 30)
    for number in range(20):
        [answers] = clients[0].call("ask servers", f"{number}")
        assert answers == [[f"answer to {number}"]]
        [answers] = clients[4].call("ask servers", f"{number}")
        assert answers == [[f"answer to {number}"]] * 2


def test_a_peer_asks_for_sockets(peer, hosts, clients):
    clients[0].call("join", "room")
    peer.request(uid="peer01", requestId="abcdef", type=5, opts={"rooms": ["room"], "except": []})
    answers = [json.loads(data) for channel, data in peer.messages(3) if "response" in channel]
    assert len(answers) == 2 and all(answer["requestId"] == "abcdef" for answer in answers)
    [socket] = [socket for answer in answers for socket in answer["sockets"]]
    assert socket["id"] == clients[0].sid and sorted(socket["rooms"]) == sorted(["room", clients[0].sid])
    assert {"headers", "query", "auth", "issued", "url"} <= set(socket["handshake"])


def test_a_peer_asks_for_rooms(peer, hosts, clients):
    clients[0].call("join", "room")
    peer.request(uid="peer01", requestId="abcdef", type=1)
    answers = [json.loads(data) for channel, data in peer.messages(3) if "response" in channel]
    assert {room for answer in answers for room in answer["rooms"]} == {"room", *(client.sid for client in clients)}


def test_a_peer_asks_servers(peer, hosts, clients):
    peer.request(uid="peer01", requestId="abcdef", type=6, data=["question", "peer"])
    answers = [json.loads(data) for channel, data in peer.messages(3) if "response" in channel]
    assert answers == [{"type": 6, "requestId": "abcdef", "data": "answer to peer"}] * 2


def test_a_peer_asks_clients(peer, hosts, clients):
    packet = {"type": 2, "data": ["question", 1], "nsp": "/"}
    request = {"uid": "peer01", "requestId": "abcdef", "type": 7, "packet": packet,
               "opts": {"rooms": [], "except": [clients[0].sid]}}
    peer.redis.publish(f"{peer.prefix}-request#/#", msgpack.packb(request))
    for number, client in enumerate(clients[1:]):
        answering(client, number)
    counts, values = [], []
    for channel, data in peer.messages(7):
        if "response" in channel:
            answer = json.loads(data) if data.startswith(b"{") else msgpack.unpackb(data)
            (counts if answer["type"] == 8 else values).append(answer)
    assert sorted(answer["clientCount"] for answer in counts) == [1, 3]
    assert sorted(answer["packet"] for answer in values) == [0, 1, 2, 3]


def test_a_peer_answers(peer, hosts, clients):
    """The peer counts as a node, so the host waits for its answer."""
    clients[0].send_text('42100' + json.dumps(["fetch", {}]))
    request = None
    while request is None:
        [(channel, data)] = peer.messages(1)
        request = json.loads(data) if "request" in channel else None
    assert request["type"] == 5 and request["opts"]["rooms"] == []
    handshake = {"headers": {}, "time": "", "address": "", "xdomain": False, "secure": False, "issued": 1, "url": "/",
                 "query": {}, "auth": {}}
    sid = "peer-socket-12345678"
    socket = {"id": sid, "handshake": handshake, "rooms": [sid, "r"], "data": {"a": 1}}
    peer.redis.publish(
        f"{peer.prefix}-response#/#", json.dumps({"requestId": request["requestId"], "sockets": [socket]}))
    clients[0].read_until(lambda: 100 in clients[0]._acks)
    [found] = clients[0]._acks[100]
    assert {entry["id"] for entry in found} == {sid, *(client.sid for client in clients)}
