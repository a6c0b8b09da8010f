"""A client resumes its session at another host, which asks the one that has it."""

import itertools
import json
import random
import signal
import threading
import time

import pytest
from host_client import HostClient

from packets import SocketIOPollingSession, compact
from wire import Disconnected

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(params=["redis", "redis-sharded", "redis-streams", "postgres"])
def url(request, prefix):
    """The address of a backplane."""
    return address(request, prefix)


@pytest.fixture(params=["redis", "redis-sharded", "postgres"])
def forgetful_url(request, prefix):
    """The address of a backplane that does not keep sessions."""
    return address(request, prefix)


def address(request, prefix):
    if request.param == "postgres":
        return request.getfixturevalue("postgres_server").url("postgres", prefix=prefix)
    return request.getfixturevalue("redis_server").url(request.param, prefix=prefix)


@pytest.fixture
def hosts(start, url):
    """Two hosts, one of them with two workers, that wait long enough for each other on a busy machine."""
    return start(url, patience=60), start(url, workers=2, patience=60)


@pytest.fixture
def resume(connect):
    """Resumes the session of a client at a host, and returns the new client."""

    def resume_one(client, host):
        again = connect(host, client.namespace, auth=presented(client))
        again.offset = client.offset
        return again

    return resume_one


def presented(client):
    auth = {"pid": client.private_id}
    if client.offset:
        auth["offset"] = client.offset
    return auth


def is_same(client, again):
    return (client.sid, client.private_id) == (again.sid, again.private_id)


def test_a_client_resumes_at_another_host_with_what_it_missed(hosts, connect, resume):
    client, other = connect(hosts[0]), connect(hosts[1])
    client.call("join", "room")
    client.call("set data", {"name": "Zoë"})
    other.tell("emit", {}, "news", 1)
    client.expect(["news", 1])
    client.close()
    other.tell("emit", {"to": ["room"]}, "missed", "ä")
    other.tell("emit", {"to": ["elsewhere"]}, "not missed", 1)
    other.tell("emit", {"to": [client.sid]}, "direct", {"a": [None]})
    other.tell("sockets join", {"to": [client.sid]}, "later")
    other.tell("emit", {"to": ["later"]}, "missed", 2)
    other.settle()
    again = resume(client, hosts[1])
    assert is_same(client, again)
    other.tell("emit", {"to": ["room"]}, "live", 3)
    again.expect(["missed", "ä"], ["direct", {"a": [None]}], ["missed", 2], ["live", 3])
    [[found]] = again.call("fetch", {"to": [again.sid]})
    assert found["data"] == {"name": "Zoë"}
    assert set(found["rooms"]) - {again.sid} == {"later", "room"}
    # And back.
    again.close()
    other.tell("emit", {}, "missed", 4)
    other.settle()
    back = resume(again, hosts[0])
    assert is_same(client, back)
    back.expect(["missed", 4])


def test_a_session_is_taken_from_a_live_client(hosts, connect, resume):
    client, other = connect(hosts[0]), connect(hosts[1])
    client.tell("emit", {}, "sent", 1)
    again = resume(client, hosts[1])
    assert is_same(client, again)
    again.expect(["sent", 1])
    with pytest.raises(Disconnected):
        client.read_until(lambda: False)
    other.expect(["sent", 1])


def test_a_client_that_dies_before_it_reads_misses_nothing(hosts, connect, resume):
    client, other = connect(hosts[0]), connect(hosts[1])
    other.tell("emit", {}, "news", 0)
    client.expect(["news", 0])
    client.close()
    for number in range(1, 6):
        other.tell("emit", {}, "news", number)
        other.settle()
        dying = HostClient(hosts[number % 2], auth=presented(client))
        assert is_same(client, dying)
        dying.close()
    last = resume(client, hosts[0])
    assert is_same(client, last)
    last.expect(*(["news", number] for number in range(1, 6)))


def test_each_namespace_is_claimed_on_its_own(hosts, connect, resume):
    main, custom = connect(hosts[0]), connect(hosts[0], "/custom")
    other = connect(hosts[1], "/custom")
    main.close()
    custom.close()
    other.tell("emit", {}, "missed", 1)
    other.settle()
    again = resume(custom, hosts[1])
    assert is_same(custom, again)
    again.expect(["missed", 1])
    assert is_same(main, resume(main, hosts[1]))


def test_a_polling_client_moves(hosts, connect):
    other = connect(hosts[1])
    first = PollingClient(hosts[0].port)
    other.tell("emit", {}, "news", 1)
    first.read_until(1)
    other.tell("emit", {}, "news", 2)
    other.settle()
    again = PollingClient(hosts[1].port, {"pid": first.pid, "offset": first.offset})
    assert (again.sid_in_namespace, again.pid) == (first.sid_in_namespace, first.pid)
    again.read_until(1)
    assert (first.events, again.events) == ([["news", 1]], [["news", 2]])


class PollingClient(SocketIOPollingSession):
    def __init__(self, port, auth=None):
        # The CONNECT of the base class presents nothing.
        super(SocketIOPollingSession, self).__init__(port)
        self.events, self.offset = [], None
        assert self.post("40" + (compact(auth) if auth else "")).text == "ok"
        # Missed events may come in the same answer.
        connected, *missed = self.receive(1)
        answer = json.loads(connected.removeprefix("40"))
        self.sid_in_namespace, self.pid = answer["sid"], answer["pid"]
        self._keep(missed)

    def _keep(self, packets):
        for packet in packets:
            *event, self.offset = json.loads(packet.removeprefix("42"))
            self.events.append(event)

    def read_until(self, count):
        while len(self.events) < count:
            self._keep(self.receive(1))


def test_the_session_of_a_dead_host_is_lost(start, connect, resume, forgetful_url):
    hosts = [start(forgetful_url), start(forgetful_url)]
    client = connect(hosts[0])
    hosts[0].stop(signal.SIGKILL)
    other = connect(hosts[1])
    began = time.monotonic()
    again = resume(client, hosts[1])
    assert not is_same(client, again)
    assert time.monotonic() - began < 30
    other.tell("emit", {}, "news", 1)
    again.expect(["news", 1])


def test_a_host_that_hangs_is_not_waited_for_long(start, connect, resume, forgetful_url):
    hosts = [start(forgetful_url), start(forgetful_url)]
    client = connect(hosts[0])
    client.call("join", "room")
    hosts[0].freeze()
    try:
        again = resume(client, hosts[1])
        assert not is_same(client, again)
    finally:
        hosts[0].send_signal(signal.SIGCONT)


class Mover(threading.Thread):
    """A client that moves between hosts all the time."""

    def __init__(self, number, hosts, stop):
        super().__init__()
        self.number, self.hosts, self.stop = number, hosts, stop
        self.random = random.Random(number)
        self.client = HostClient(hosts[number % len(hosts)])
        self.events, self.moves, self.fault = [], 0, None
        self.count = None

    def run(self):
        try:
            while not self.stop.is_set():
                self._stay(self.random.random() * 0.3)
                self._move()
            self._stay(0)
            self.client.read_until(lambda: self._has_all(), 60)
            self.events += self.client.events
            self.client.events = []
        except BaseException as fault:
            self.fault = fault

    def _has_all(self):
        return any(event[0] == "end" for event in self.events + self.client.events)

    def _stay(self, seconds):
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            try:
                self.client._handle(self.client.receive_packet(left))
            except TimeoutError:
                break

    def _move(self):
        before = self.client
        self.events += before.events
        before.close()
        # Usually the old host notices the end first. If it does not, the session is taken from a connected socket.
        time.sleep(self.random.random() * 0.05)
        host = self.random.choice(self.hosts)
        self.client = HostClient(host, auth=presented(before))
        self.client.offset = before.offset
        assert is_same(before, self.client), f"move {self.moves} of {self.number} gave a new session"
        self.moves += 1


def test_clients_that_move_all_the_time_miss_nothing(hosts, connect):
    stop = threading.Event()
    movers = [Mover(number, hosts, stop) for number in range(24)]
    writers = [connect(host) for host in hosts]
    for mover in movers:
        mover.start()
    numbers = itertools.count()
    begin = time.monotonic()
    sent = 0
    # A busy machine needs more time until each client has moved.
    while (passed := time.monotonic() - begin) < 12 or (passed < 40 and not all(mover.moves > 1 for mover in movers)):
        sent = next(numbers)
        writers[sent % len(writers)].tell("emit", {}, "news", sent)
        time.sleep(0.005)
    for writer in writers:
        writer.settle()
    stop.set()
    writers[0].tell("emit", {}, "end", 0)
    for mover in movers:
        mover.join(90)
    order = None
    assert sum(mover.moves for mover in movers) > 50
    for mover in movers:
        assert mover.fault is None, mover.fault
        assert mover.moves > 0
        news = [event[1] for event in mover.events if event[0] == "news"]
        assert len(news) == len(set(news)) == sent + 1, (mover.number, len(news), len(set(news)), sent)
        order = order or news
        assert news == order
