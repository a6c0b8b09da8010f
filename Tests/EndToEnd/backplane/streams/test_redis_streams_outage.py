"""What happens to events in a stream while connections break, Redis restarts or hangs, and the stream is trimmed."""

import signal
import threading
import time

import pytest

from redis_server import RedisServer
from test_host_recovery import presented
from waiting import let_time_pass, wait_until

pytestmark = pytest.mark.timeout(120)

CUT_OFF = "cut off from the other hosts"


@pytest.fixture
def own_redis():
    """A server that keeps its data."""
    server = RedisServer(appendonly="yes", appendfsync="always")
    yield server
    server.remove()


@pytest.fixture
def pair(start, connect, own_redis):
    """Two hosts that wait long, each with a client."""
    hosts = [start(own_redis.url("redis-streams"), patience=60) for _ in range(2)]
    return [(host, connect(host)) for host in hosts]


class Load:
    """Both clients emit numbered events, in threads of their own, until the end of the block."""

    def __init__(self, pair):
        self.pair, self.count, self.is_done = pair, [0, 0], False
        self.threads = [threading.Thread(target=self._emit, args=(index,)) for index in range(2)]

    def _emit(self, index):
        while not self.is_done:
            self.pair[index][1].tell("emit", {}, f"from {index}", self.count[index])
            self.count[index] += 1
            time.sleep(0.002)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.is_done = True
        for thread in self.threads:
            thread.join()

    def check(self):
        """Each client has every event once, and both have the same order."""
        for index in range(2):
            self.pair[index][1].tell("emit", {}, "end", index)
        for _, client in self.pair:
            client.read_until(lambda client=client: sum(event[0] == "end" for event in client.events) == 2, 60)
        first, second = ([event for event in client.events if event[0] != "end"] for _, client in self.pair)
        assert first == second
        for index in range(2):
            numbers = [event[1] for event in first if event[0] == f"from {index}"]
            assert numbers == list(range(self.count[index]))


def test_connections_that_break_under_load(pair, own_redis):
    with Load(pair) as load:
        for _ in range(15):
            let_time_pass(0.15)
            with own_redis.client() as admin:
                admin.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    load.check()


def test_a_server_that_restarts_under_load(pair, own_redis):
    with Load(pair) as load:
        for _ in range(3):
            let_time_pass(0.5)
            own_redis.restart()
    load.check()


def test_a_server_that_hangs_under_load(pair, own_redis):
    with Load(pair) as load:
        let_time_pass(0.3)
        own_redis.pause()
        let_time_pass(5)
        own_redis.resume()
    load.check()


def test_a_user_without_the_right_to_scripts(start, connect, own_redis):
    with own_redis.client() as admin:
        admin.execute_command("ACL", "SETUSER", "chat", "on", ">secret", "+@all", "-@scripting", "~*", "&*")
    url = own_redis.url("redis-streams").replace("://", "://chat:secret@")
    pair = [(host, connect(host)) for host in (start(url, patience=60), start(url, patience=60))]
    with Load(pair) as load:
        for _ in range(5):
            let_time_pass(0.2)
            with own_redis.client() as admin:
                admin.execute_command("CLIENT", "KILL", "USER", "chat")
    load.check()


def test_in_a_long_outage_each_host_continues_alone(start, connect, own_redis):
    pair = [(host, connect(host)) for host in (start(own_redis.url("redis-streams")) for _ in range(2))]
    pair[0][1].tell("emit", {}, "before", 1)
    for _, client in pair:
        client.expect(["before", 1])
    own_redis.stop()
    for host, _ in pair:
        wait_until(lambda host=host: CUT_OFF in host.stderr_text(), 30)
    pair[0][1].tell("emit", {}, "alone", 1)
    pair[0][1].expect(["alone", 1])
    own_redis.start()
    for host, _ in pair:
        wait_until(lambda host=host: "connected to the other hosts again" in host.stderr_text(), 30)
    pair[1][1].tell("emit", {}, "together", 1)
    for _, client in pair:
        client.expect(["together", 1])


def freeze_and_miss(pair, resume_at, change, own_redis):
    """The first host misses events while it is frozen and the stream is changed. Its lost client comes back."""
    (frozen, client), (_, other) = pair
    other.tell("emit", {}, "seen", 1)
    for each in (client, other):
        each.expect(["seen", 1])
    auth = presented(client)
    client.close()
    wait_until(lambda: client.sid not in {entry["id"] for entry in other.call("fetch", {})[0]}, 20)
    frozen.freeze()
    for number in range(10):
        other.tell("emit", {}, "missed", number)
    other.expect(*(["missed", number] for number in range(10)))
    with own_redis.client() as admin:
        change(admin)
    frozen.process.send_signal(signal.SIGCONT)
    return auth


@pytest.mark.parametrize("is_trimmed", [False, True])
def test_events_that_are_trimmed_before_a_host_reads_them_end_its_sessions(pair, connect, own_redis, is_trimmed):
    def change(admin):
        if is_trimmed:
            admin.xtrim("socket.io", maxlen=3, approximate=False)

    auth = freeze_and_miss(pair, 0, change, own_redis)
    (host, client), (_, other) = pair
    awake = connect(host)
    other.tell("emit", {}, "late", 1)
    # The host has now read the stream to its end.
    awake.read_until(lambda: ["late", 1] in awake.events, 20)
    again = connect(host, auth=auth)
    if is_trimmed:
        assert again.sid != client.sid
    else:
        assert again.sid == client.sid
        again.read_until(lambda: ["late", 1] in again.events)
        assert again.events == [*(["missed", number] for number in range(10)), ["late", 1]]


def test_a_stream_that_is_deleted(pair, own_redis):
    with own_redis.client() as admin:
        admin.delete("socket.io")
    for number in range(20):
        pair[number % 2][1].tell("emit", {}, "news", number)
        for _, client in pair:
            client.expect(["news", number])


def test_a_key_of_another_type_is_named(start, own_redis):
    with own_redis.client() as admin:
        admin.set("socket.io", "text")
    host = start(own_redis.url("redis-streams"))
    wait_until(lambda: "WRONGTYPE" in host.stderr_text(), 20)


def test_a_stream_has_a_limited_length(start, connect, own_redis):
    client = connect(start(own_redis.url("redis-streams", stream_length=100)))
    for number in range(1000):
        client.tell("emit", {}, "news", number)
    client.expect(*(["news", number] for number in range(1000)), timeout=30)
    with own_redis.client() as admin:
        assert admin.xlen("socket.io") < 400
