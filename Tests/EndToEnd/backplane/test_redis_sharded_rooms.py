"""Sharded pub/sub: channels of rooms, in which nodes publish events for one room."""

import json
import threading

import pytest
from sharded_peer import ShardedPeer, room_channels

from waiting import wait_until

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def peer(redis_server, prefix):
    peer = ShardedPeer(redis_server, prefix)
    yield peer
    peer.close()


@pytest.fixture
def scheme():
    return "redis-sharded"


@pytest.fixture
def host(start, redis_server, prefix):
    return start(redis_server.url("redis-sharded", prefix=prefix))


@pytest.fixture
def client(host, connect):
    return connect(host)


@pytest.mark.parametrize("mode", ["dynamic", "dynamic-private", "static"])
def test_channels_of_rooms_in_each_mode(peer, start, connect, redis_server, prefix, mode):
    host = start(redis_server.url("redis-sharded", prefix=prefix, mode=mode))
    client = connect(host)
    long = "twenty-characters-ab"
    for room in ("room", long):
        client.call("join", room)
    nodes = {channel for channel in room_channels(redis_server, prefix) if len(channel) == 16}
    expected = {"dynamic": {"room"}, "dynamic-private": {"room", long, client.sid}, "static": set()}[mode]
    assert room_channels(redis_server, prefix) - nodes == expected and len(nodes) == 2
    for room in sorted(expected):
        assert peer.broadcast("room", room, rooms=[room], channel=f"{room}#") == 1
    peer.broadcast("end", rooms=[long])
    client.expect(*(["room", room] for room in sorted(expected)), ["end"])
    client.call("leave", "room")
    wait_until(lambda: "room" not in room_channels(redis_server, prefix))


def test_an_event_in_the_channel_of_a_room_right_after_a_join(peer, client):
    """The join is confirmed when the host has subscribed."""
    for number in range(100):
        client.call("join", f"room {number}")
        assert peer.broadcast("news", number, rooms=[f"room {number}"], channel=f"room {number}#") == 1
    client.expect(*(["news", number] for number in range(100)))


def test_a_channel_of_a_room_has_one_subscription_and_ends_with_the_last_member(
        client, connect, host, redis_server, prefix):
    other = connect(host)
    for member in (client, other):
        member.call("join", "room")
    with redis_server.client() as admin:
        assert admin.execute_command("PUBSUB", "SHARDNUMSUB", f"{prefix}#/#room#")[1] == 1
    client.call("leave", "room")
    other.settle()
    assert "room" in room_channels(redis_server, prefix)
    other.call("leave", "room")
    wait_until(lambda: "room" not in room_channels(redis_server, prefix))


def test_rooms_that_come_and_go_quickly(peer, client):
    for number in range(200):
        client.tell("join", "room")
        client.tell("leave", "room")
    client.call("join", "room")
    assert peer.broadcast("news", 1, rooms=["room"], channel="room#") == 1
    client.expect(["news", 1])


def test_an_event_in_the_channel_of_a_room_of_a_lost_client(peer, client, connect, host):
    """The host stays subscribed, and the client gets the event when it comes back."""
    client.call("join", "room")
    client.tell("emit", {}, "news", 1)
    client.expect(["news", 1])
    client.close()
    assert peer.broadcast("missed", 2, rooms=["room"], channel="room#") == 1
    again = connect(host, auth={"pid": client.private_id, "offset": client.offset})
    assert again.sid == client.sid
    again.expect(["missed", 2])


def test_an_event_right_behind_a_change_of_rooms(hosts, connect):
    """The hosts have not subscribed to the channel of the room when the event comes."""
    one, other = connect(hosts[0]), connect(hosts[1])
    for number in range(30):
        one.tell("sockets join", {}, f"room {number}")
        one.tell("emit", {"to": [f"room {number}"]}, "news", number)
    for client in (one, other):
        client.expect(*(["news", number] for number in range(30)))


def test_one_order_of_events_in_all_channels(peer, hosts, connect):
    """Events of both hosts and of a node, for everyone and for a room."""
    readers = [connect(hosts[number % 2]) for number in range(4)]
    writers = [connect(hosts[number % 2]) for number in range(2)]
    for reader in readers:
        reader.call("join", "room")
    count = 200

    def write(number, writer):
        for text in range(count):
            writer.tell("emit", {"to": ["room"]} if text % 2 else {}, "news", f"{number}-{text}")

    def broadcast():
        other = ShardedPeer(peer.server, peer.prefix, uid="fedcba9876543210")
        for text in range(count):
            if text % 2:
                other.broadcast("news", f"peer-{text}", rooms=["room"], channel="room#")
            else:
                other.broadcast("news", f"peer-{text}")
        other.close()

    threads = [threading.Thread(target=write, args=entry) for entry in enumerate(writers)]
    threads.append(threading.Thread(target=broadcast))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for reader in readers:
        reader.read_until(lambda reader=reader: len(reader.events) == 3 * count, 30)
        assert reader.events == readers[0].events
    for name in ("0", "1", "peer"):
        own = [event[1] for event in readers[0].events if event[1].startswith(f"{name}-")]
        assert own == [f"{name}-{text}" for text in range(count)]


def test_many_rooms_at_once(peer, client):
    """The joins of 3000 rooms, and the end of all memberships."""
    for number in range(3000):
        client.tell("join", f"room {number}")
    client.settle()
    with peer.server.client() as admin:
        def count():
            return len(admin.execute_command("PUBSUB", "SHARDCHANNELS", f"{peer.prefix}#/#room *"))
        assert count() == 3000
        for number in range(3000):
            client.tell("leave", f"room {number}")
        wait_until(lambda: count() == 0, 20)


def test_channels_of_rooms_come_back_after_an_outage(start, connect, own_redis):
    client = connect(start(own_redis.url("redis-sharded"), patience=30))
    for number in range(50):
        client.call("join", f"room {number}")
    own_redis.restart()
    peer = ShardedPeer(own_redis, "socket.io")
    wait_until(lambda: {f"room {number}" for number in range(50)} <= room_channels(own_redis, "socket.io"), 20)
    client.tell("emit", {}, "after", 1)
    client.expect(["after", 1], timeout=20)
    for number in range(50):
        assert peer.broadcast("news", number, rooms=[f"room {number}"], channel=f"room {number}#") == 1
    peer.close()
    client.expect(*(["news", number] for number in range(50)))


def test_a_room_named_like_a_node_does_no_harm(peer, client, redis_server, prefix):
    """Its channel is the one of the host's answers, which the host must not leave."""
    [node] = room_channels(redis_server, prefix) - {peer.uid}
    client.call("join", node)
    client.call("leave", node)
    client.send_text("42100" + json.dumps(["fetch", {}]))
    [request] = peer.messages(1)
    peer.answer(request, 8, sockets=[])
    client.read_until(lambda: 100 in client._acks)
    assert [entry["id"] for entry in client._acks[100][0]] == [client.sid]
