"""Events and changes reach the sockets of all hosts through Redis, in one order."""

import threading

import pytest

pytestmark = pytest.mark.timeout(60)


@pytest.fixture(params=["redis", "redis-sharded", "redis-streams"])
def scheme(request):
    return request.param


@pytest.fixture
def pair(hosts, connect):
    """A client at each host."""
    return connect(hosts[0]), connect(hosts[1])


def test_an_event_reaches_every_host(pair):
    one, other = pair
    one.tell("emit", {}, "news", {"text": "hä", "number": 1.5, "none": None})
    for client in pair:
        client.expect(["news", {"text": "hä", "number": 1.5, "none": None}])


def test_an_event_of_a_socket_does_not_reach_it(pair):
    one, other = pair
    one.tell("emit", {"fromSocket": True}, "news", 1)
    one.tell("emit", {}, "end", 2)
    other.expect(["news", 1], ["end", 2])
    one.expect(["end", 2])


@pytest.mark.parametrize("room", ["room", "7", "twenty-characters-ab", "a#b", "*", "[x]", "räume", "\\", ""])
def test_rooms(pair, room):
    one, other = pair
    assert other.call("join", room) == [room]
    one.tell("emit", {"to": [room]}, "to room", 1)
    one.tell("emit", {"to": [room, "other"]}, "to rooms", 2)
    one.tell("emit", {"except": [room]}, "except", 3)
    one.tell("emit", {}, "end", 4)
    other.expect(["to room", 1], ["to rooms", 2], ["end", 4])
    one.expect(["except", 3], ["end", 4])


def test_one_socket_of_another_host(pair):
    one, other = pair
    one.tell("emit", {"to": [other.sid]}, "direct", 1)
    other.expect(["direct", 1])
    one.settle()
    assert one.events == []


def test_namespaces_are_separate(hosts, connect):
    main, custom = connect(hosts[0]), connect(hosts[1], "/custom")
    same = connect(hosts[0], "/custom")
    same.tell("emit", {}, "custom", 1)
    main.tell("emit", {}, "main", 2)
    custom.expect(["custom", 1])
    same.expect(["custom", 1])
    main.expect(["main", 2])
    custom.settle()
    assert custom.events == []


def test_changes_of_sockets_of_all_hosts(pair):
    one, other = pair
    one.tell("sockets join", {}, "everyone")
    one.tell("emit", {"to": ["everyone"]}, "joined", 1)
    for client in pair:
        client.expect(["joined", 1])
    other.tell("sockets leave", {"to": [one.sid]}, "everyone")
    other.tell("emit", {"to": ["everyone"]}, "left", 2)
    other.tell("emit", {}, "end", 3)
    other.expect(["left", 2], ["end", 3])
    one.expect(["end", 3])


@pytest.mark.parametrize("close", [False, True])
def test_disconnecting_sockets_of_all_hosts(pair, close):
    one, other = pair
    one.tell("disconnect sockets", {"to": [other.sid]}, close)
    other.read_until(lambda: not other.is_open)
    one.settle()


def test_servers_tell_each_other(hosts, connect):
    clients = [connect(hosts[0]), *(connect(hosts[1]) for _ in range(4))]
    clients[0].tell("tell servers", "x")
    for client in clients[1:]:
        client.expect(["told", "x"])
    clients[0].settle()
    assert clients[0].events == []


def test_a_socket_that_leaves_a_room_gets_the_events_before(pair):
    one, other = pair
    one.call("join", "room")
    other.call("join", "room")
    for number in range(50):
        one.tell("emit and leave", "room", str(number))
        one.tell("join", "room")
    one.expect(*(["parting", str(number)] for number in range(50)))
    other.expect(*(["parting", str(number)] for number in range(50)))


def test_all_clients_see_one_order(hosts, connect):
    readers = [connect(hosts[number % 2]) for number in range(4)]
    writers = [connect(hosts[number % 2]) for number in range(4)]
    count = 150

    def write(number, writer):
        for text in range(count):
            writer.tell("emit", {}, "news", f"{number}-{text}")

    threads = [threading.Thread(target=write, args=entry) for entry in enumerate(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for reader in readers:
        reader.read_until(lambda reader=reader: len(reader.events) == 4 * count, 30)
        assert reader.events == readers[0].events
    for number in range(4):
        own = [event[1] for event in readers[0].events if event[1].startswith(f"{number}-")]
        assert own == [f"{number}-{text}" for text in range(count)]


def test_a_session_survives_messages_that_its_host_does_not_receive(hosts, connect):
    """The numbers of messages in a namespace without sockets at the second host are missing there."""
    sender, custom, client = connect(hosts[0]), connect(hosts[0], "/custom"), connect(hosts[1])
    sender.tell("emit", {}, "news", 1)
    client.expect(["news", 1])
    client.close()
    for number in range(3):
        custom.tell("emit", {}, "custom", number)
        custom.expect(["custom", number])
    sender.tell("emit", {}, "news", 2)
    sender.expect(["news", 1], ["news", 2])
    again = connect(hosts[1], auth={"pid": client.private_id, "offset": client.offset})
    assert again.sid == client.sid
    again.expect(["news", 2])
