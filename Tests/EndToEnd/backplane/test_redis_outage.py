"""What happens to events while Redis is away: a short outage is hidden, in a long one each host continues alone."""

import contextlib
import json
import os
import random
import socket
import threading
import time

import pytest
import redis
from holding_proxy import HoldingProxy
from redis_server import RedisServer
from slow_proxy import SlowProxy
from swallowing_proxy import SwallowingProxy, redis_frames
from waiting import let_time_pass, wait_until

pytestmark = pytest.mark.timeout(90)

CUT_OFF = "cut off from the other hosts"


@pytest.fixture(params=["redis", "redis-sharded", "redis-streams"])
def scheme(request):
    return request.param


@pytest.fixture
def pair(start, connect, own_redis, scheme):
    """Two hosts on a server of their own, each with a client."""
    hosts = [start(own_redis.url(scheme)), start(own_redis.url(scheme))]
    return [(host, connect(host)) for host in hosts]


@pytest.fixture
def patient_pair(start, connect, own_redis, scheme):
    """The same with hosts that wait long enough for everything that a busy machine does late."""
    hosts = [start(own_redis.url(scheme), patience=30), start(own_redis.url(scheme), patience=30)]
    return [(host, connect(host)) for host in hosts]


def connections(scheme):
    """The number of connections of a host."""
    return 3 if scheme == "redis-streams" else 2


def say(pair, index, text):
    pair[index][1].tell("emit", {}, "news", text)


def expect(pair, *texts, timeout=10.0):
    for _, client in pair:
        client.expect(*(["news", text] for text in texts), timeout=timeout)


def expect_together(pair):
    """New events reach both hosts, in both directions."""
    def works():
        for index in (0, 1):
            pair[index][1].tell("emit", {}, "probe", index)
        time.sleep(0.05)
        for _, client in pair:
            client.settle()
        return all(any(event == ["probe", 1 - index] for event in client.events)
                   for index, (_, client) in enumerate(pair))

    wait_until(works, 20)
    let_time_pass(0.2)
    for _, client in pair:
        client.settle()
        client.events = []


def write_while(pair, disturb, pads=False):
    """Both hosts emit events while `disturb` is called again and again. Each host has its own events once and in their
    order, and both have the common ones in the same order.
    """
    expect_together(pair)
    count = 400

    def write(index):
        for number in range(count):
            pad = " " * 9000 if pads and number % 7 == 0 else ""
            pair[index][1].tell("emit", {}, "news", f"{index}-{number}{pad}")
            time.sleep(0.005)

    threads = [threading.Thread(target=write, args=[index]) for index in (0, 1)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        disturb()
        time.sleep(0.4)
    for thread in threads:
        thread.join()
    for index, (_, client) in enumerate(pair):
        client.read_until(lambda client=client, index=index: any(
            event[1].strip() == f"{index}-{count - 1}" for event in client.events), 40)
        own = [event[1].strip() for event in client.events if event[1].startswith(f"{index}-")]
        assert own == [f"{index}-{number}" for number in range(count)]
    seen = [[event[1].strip() for event in client.events] for _, client in pair]
    common = set(seen[0]) & set(seen[1])
    assert len(common) > count / 2
    assert all(len(set(texts)) == len(texts) for texts in seen)
    first, second = ([text for text in texts if text in common] for texts in seen)
    assert first == second
    for _, client in pair:
        client.events = []
    expect_together(pair)


def check_lost_return(pair, proxy, leave):
    """An event of the first host reaches the other one, and its way back is cut. What the other host sends while the
    first one waits for a third comes after it, at both.

    - `leave()`: ends the third host.
    """
    (_, one), (_, other) = pair
    proxy.hold()
    one.tell("emit", {}, "news", "x")
    other.read_until(lambda: ["news", "x"] in other.events, 20)
    leave()
    proxy.cut()
    number = 0
    while not any(event[1] == "last" for event in one.events):
        other.tell("emit", {}, "news", number)
        number += 1
        # The first host answers this when it has its place in the order again.
        if number == 20:
            one.tell("emit", {}, "news", "last")
        time.sleep(0.05)
        one.settle()
    other.read_until(lambda: ["news", "last"] in other.events, 20)
    seen = [[event[1] for event in client.events] for client in (one, other)]
    common = set(seen[0]) & set(seen[1])
    first, second = ([text for text in texts if text in common] for texts in seen)
    assert "x" in common and len(common) > 2
    assert first == second


def is_immediate(client):
    """True if an event reaches its own client sooner than a host waits for a broker."""
    started = time.monotonic()
    client.tell("emit", {}, "news", "alone")
    client.expect(["news", "alone"])
    return time.monotonic() - started < 1


@pytest.mark.parametrize("outage", [0, 1.6, 5])
def test_events_wait_while_redis_restarts(patient_pair, own_redis, outage):
    say(patient_pair, 0, "before")
    expect(patient_pair, "before")
    own_redis.stop()
    say(patient_pair, 0, "meanwhile 1")
    say(patient_pair, 0, "meanwhile 2")
    let_time_pass(outage)
    own_redis.start()
    expect(patient_pair, "meanwhile 1", "meanwhile 2", timeout=30)
    assert all(CUT_OFF not in host.stderr_text() for host, _ in patient_pair)


def test_a_join_waits_with_the_event_before_it(pair, own_redis):
    one = pair[0][1]
    own_redis.stop()
    one.tell("emit and leave", "room", "x")
    one.tell("join", "room")
    own_redis.start()
    one.settle()
    assert one.events == []


def test_messages_do_not_wait_behind_events_that_wait(start, connect, own_redis, postgres_template):
    """A worker limits the events that it has on their way, and with them the clients that send events, only these."""
    postgres = postgres_template.server()
    try:
        host = start(
            own_redis.url(), patience=60, database=f"postgres://chatd@127.0.0.1:{postgres.port}/postgres")
        loud, quiet = connect(host), connect(host)
        assert quiet.call("join", "room") == ["room"]
        own_redis.stop()
        # Three times the limit. The server stops reading, so not everything is accepted.
        with contextlib.suppress(TimeoutError):
            loud.timeout = 3
            for number in range(48):
                loud.tell("emit", {"fromSocket": True}, "news", str(number) + "x" * 500_000)
        assert quiet.call("chat message", "hello", "name") == []
        assert quiet.call("join", "other room") == ["other room"]
    finally:
        postgres.remove()


def test_in_a_long_outage_each_host_continues_alone(pair, own_redis):
    say(pair, 0, "before")
    expect(pair, "before")
    own_redis.stop()
    say(pair, 0, "waits")
    for host, _ in pair:
        wait_until(lambda host=host: CUT_OFF in host.stderr_text(), 30)
    pair[0][1].expect(["news", "waits"])
    wait_until(lambda: is_immediate(pair[0][1]), 30)
    assert pair[0][1].call("join", "room") == ["room"]
    own_redis.start()
    expect_together(pair)
    say(pair, 1, "after")
    expect(pair, "after")


def test_a_server_that_refuses_every_message_cuts_the_hosts_off(start, connect, own_redis):
    with own_redis.client() as admin:
        admin.execute_command("ACL", "SETUSER", "reader", "on", ">secret", "~*", "&*", "+@all", "-publish")
    host = start(own_redis.url().replace("//", "//reader:secret@"))
    wait_until(lambda: CUT_OFF in host.stderr_text(), 30)
    client = connect(host)
    client.tell("emit", {}, "news", "alone")
    client.expect(["news", "alone"])
    assert "secret" not in host.stderr_text()


@pytest.mark.parametrize("scheme", ["redis", "redis-sharded"])
def test_a_server_that_cannot_write_its_disk_still_carries_events(patient_pair, own_redis, scheme):
    pair = patient_pair
    expect_together(pair)
    with own_redis.client() as admin:
        admin.config_set("save", "3600 1")
        admin.set("key", "value")
        os.chmod(own_redis.folder, 0o500)
        if os.geteuid() == 0:
            os.chown(own_redis.folder, 0, 0)
        admin.bgsave()
        wait_until(lambda: admin.info("persistence")["rdb_last_bgsave_status"] == "err", 20)
        with pytest.raises(redis.ResponseError, match="MISCONF"):
            admin.ping()
    # Longer than the time after which a silent server is asked.
    for number in range(6):
        let_time_pass(1)
        say(pair, number % 2, str(number))
        expect(pair, str(number))
    assert all("no connection" not in host.stderr_text() for host, _ in pair)
    os.chmod(own_redis.folder, 0o700)


def test_a_server_that_hangs_is_noticed(pair, own_redis):
    own_redis.pause()
    say(pair, 0, "waits")
    for host, _ in pair:
        wait_until(lambda host=host: CUT_OFF in host.stderr_text(), 30)
    pair[0][1].expect(["news", "waits"])
    own_redis.resume()
    # The other host may get it now. Here it is not shown again.
    expect_together(pair)
    assert "did not answer in time" in pair[0][0].stderr_text()


def test_killed_connections_are_opened_again(patient_pair, own_redis):
    pair = patient_pair
    with own_redis.client() as admin:
        for number in range(5):
            for kind in ("normal", "pubsub"):
                admin.execute_command("CLIENT", "KILL", "TYPE", kind, "SKIPME", "yes")
            say(pair, number % 2, f"m{number}")
            pair[number % 2][1].expect(["news", f"m{number}"])
            expect_together(pair)
    assert all(CUT_OFF not in host.stderr_text() for host, _ in pair)


def test_connections_that_end_under_load(patient_pair, own_redis):
    with own_redis.client() as admin:
        own = admin.client_id()

        def kill_one():
            ids = [each["id"] for each in admin.client_list() if int(each["id"]) != own]
            if ids:
                admin.execute_command("CLIENT", "KILL", "ID", random.choice(ids))

        write_while(patient_pair, kill_one)


@pytest.mark.parametrize("scheme", ["redis", "redis-sharded"])
def test_an_event_whose_return_is_lost_keeps_its_place(start, connect, own_redis, scheme):
    channel = "socket.io-request#/#" if scheme == "redis" else "socket.io#/#"
    with HoldingProxy(own_redis.port) as proxy, own_redis.client() as admin:
        url = own_redis.url(scheme)
        hosts = [start(url.replace(str(own_redis.port), str(proxy.port)), patience=20), start(url, patience=20)]
        pair = [(host, connect(host)) for host in hosts]
        expect_together(pair)
        third = own_redis.client().pubsub()
        (third.subscribe if scheme == "redis" else third.ssubscribe)(channel)

        def counts():
            stats = admin.info("commandstats")
            return stats[f"cmdstat_pubsub|{'numsub' if scheme == 'redis' else 'shardnumsub'}"]["calls"]

        # The hosts count regularly how many of them there are.
        before = counts()
        wait_until(lambda: counts() >= before + 8, 20)
        check_lost_return(pair, proxy, third.close)


@pytest.mark.parametrize("scheme", ["redis", "redis-sharded"])
def test_a_host_ends_its_earlier_messages_before_it_subscribes_again(start, connect, own_redis, scheme):
    """Hosts that know the number of its latest message drop what the server reads later on the old connection."""
    client = connect(start(own_redis.url(scheme), patience=30))
    client.tell("emit", {}, "news", 1)
    client.expect(["news", 1])
    with own_redis.client() as admin, own_redis.client() as other:
        ids = {each["id"] for each in admin.client_list()} - {str(admin.client_id())}
        with other.monitor() as monitor:
            for number in ids:
                admin.execute_command("CLIENT", "KILL", "ID", number)
            seen = commands_until_subscription(monitor)
    assert "PUBLISH socket.io-chatd#/# " in seen[0]
    stamps = [json.loads(command.split(" ", 2)[2])["chatd"] for command in seen[:-1]]
    assert all(stamp["number"] == stamp["prev"] > 0 for stamp in stamps)


def commands_until_subscription(monitor):
    seen = []
    while not seen or "SUBSCRIBE" not in seen[-1]:
        command = monitor.next_command()["command"]
        if "PUBLISH" in command or "SUBSCRIBE" in command:
            seen.append(command)
    return seen


@pytest.mark.parametrize("scheme", ["redis", "redis-sharded"])
def test_messages_that_do_not_come_back(start, connect, own_redis, scheme):
    with SwallowingProxy(own_redis.port, redis_frames) as proxy:
        url = own_redis.url(scheme)
        hosts = [start(url.replace(str(own_redis.port), str(proxy.port)), patience=4), start(url, patience=4)]
        check_swallowed([(host, connect(host)) for host in hosts], proxy)


def check_swallowed(pair, proxy):
    """The first host applies its event when a later message comes back, or connects again if none does."""
    expect_together(pair)
    proxy.swallow(1)
    say(pair, 0, "swallowed alone")
    expect(pair, "swallowed alone", timeout=30)
    expect_together(pair)
    assert "no connection" not in pair[0][0].stderr_text()
    proxy.swallow()
    say(pair, 0, "swallowed")
    expect(pair, "swallowed", timeout=30)
    log = pair[0][0].stderr_text()
    assert "messages do not come back" in log and CUT_OFF not in log
    expect_together(pair)


@pytest.mark.parametrize("scheme, slows_answers", [("redis", False), ("redis", True), ("redis-streams", True)])
def test_a_slow_link_delays_events_and_keeps_their_order(start, connect, own_redis, scheme, slows_answers):
    """Events take three times as long as a lost one is waited for."""
    with SlowProxy(own_redis.port, slows_answers=slows_answers) as proxy:
        url = own_redis.url(scheme)
        hosts = [start(url.replace(str(own_redis.port), str(proxy.port)), patience=2), start(url, patience=2)]
        pair = [(host, connect(host)) for host in hosts]
        expect_together(pair)
        proxy.rate = 100_000
        loud, quiet = (0, 1) if not slows_answers else (1, 0)
        for number in range(50):
            say(pair, loud, f"big {number} " + "x" * 40_000)
        for number in range(100):
            say(pair, quiet, f"small {number}")
            time.sleep(0.2)
        proxy.rate = None
        for _, client in pair:
            client.read_until(lambda client=client: len(client.events) == 150, 60)
        first, second = ([event[1][:10] for event in client.events] for _, client in pair)
        assert first == second
        assert all("no connection" not in host.stderr_text() for host in hosts)


def test_a_paused_server_delays_events(pair, own_redis):
    with own_redis.client() as admin:
        started = time.monotonic()
        admin.execute_command("CLIENT", "PAUSE", "1000")
        say(pair, 0, "late")
        expect(pair, "late")
        assert time.monotonic() - started > 0.5


def test_a_host_that_starts_without_redis_serves_alone_and_joins_later(start, connect, own_redis, scheme):
    own_redis.stop()
    host = start(own_redis.url(scheme))
    client = connect(host)
    client.tell("emit", {}, "news", 1)
    client.expect(["news", 1])
    own_redis.start()
    other = start(own_redis.url(scheme))
    expect_together([(host, client), (other, connect(other))])


def test_a_wrong_password_is_named(start, connect, tmp_path):
    server = RedisServer(requirepass="secret")
    try:
        host = start(server.url().replace("redis://", "redis://:wrong@"))
        wait_until(lambda: "WRONGPASS" in host.stderr_text(), 10, host.stderr_text)
        assert "wrong@" not in host.stderr_text()
        right = start(server.url().replace("redis://", "redis://:secret@"), patience=30)
        client = connect(right)
        client.tell("emit", {}, "news", 1)
        client.expect(["news", 1])
        assert right.stderr_text() == ""
    finally:
        server.remove()


def test_a_user_without_the_right_to_subscribe_is_named_and_attempts_become_rare(start, own_redis, scheme):
    with own_redis.client() as admin:
        admin.execute_command("ACL", "SETUSER", "chat", "on", ">secret", "+@all", "~*", "resetchannels")
        host = start(own_redis.url(scheme).replace("://", "://chat:secret@"))
        wait_until(lambda: "NOPERM" in host.stderr_text(), 10)
        before = admin.info("stats")["total_connections_received"]
        let_time_pass(3)
        # The delays double from 50 to 100 milliseconds on, and an attempt has two or three connections.
        assert admin.info("stats")["total_connections_received"] - before <= 7 * connections(scheme)
    assert "secret" not in host.stderr_text()


class SlowServer:
    """Answers with one byte of a long value every tenth of a second."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.socket.accept()
                threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection):
        with contextlib.suppress(OSError), connection:
            for byte in b"$1000\r\n" + b"x" * 1000:
                connection.send(bytes([byte]))
                time.sleep(0.1)


def test_a_server_that_answers_too_slowly_is_left(start, connect, own_redis):
    slow = SlowServer()
    with slow.socket:
        host = start(f"redis://127.0.0.1:{slow.port},127.0.0.1:{own_redis.port}")
        other = start(own_redis.url())
        pair = [(host, connect(host)), (other, connect(other))]
        with own_redis.client() as admin:
            wait_until(lambda: admin.pubsub_numsub("socket.io-request#/#")[0][1] == 2, 15)
        expect_together(pair)


def test_answers_that_the_server_does_not_take_are_bounded(start, connect, own_redis):
    """A peer asks without end while the server does not run. The host has little memory of that."""
    host = start(own_redis.url())
    client = connect(host)
    client.call("set data", "x" * 500_000)
    request = {"uid": "peer01", "requestId": "abcdef", "type": 5, "opts": {"rooms": [], "except": []}}
    with own_redis.client() as admin:
        pipeline = admin.pipeline(transaction=False)
        for _ in range(100):
            pipeline.publish("socket.io-request#/#", json.dumps(request))
        pipeline.execute()
    wait_until(lambda: "a question has no answer" in host.stderr_text(), 10)
    client.tell("emit", {}, "news", 1)
    client.expect(["news", 1])


def test_a_server_without_memory_still_passes_events_on(start, connect):
    """It refuses what it would have to keep. Events are not kept."""
    server = RedisServer(maxmemory="1mb", maxmemory_policy="noeviction")
    try:
        pair = [(host, connect(host)) for host in (start(server.url()), start(server.url()))]
        with server.client() as admin, pytest.raises(redis.OutOfMemoryError):
            admin.set("key", "x")
        say(pair, 0, "x" * 100_000)
        expect(pair, "x" * 100_000)
    finally:
        server.remove()


def test_a_server_that_becomes_a_replica_is_left(start, connect, own_redis):
    """It still accepts messages, which its master does not get."""
    master = RedisServer()
    try:
        hosts = [start(f"redis://127.0.0.1:{own_redis.port},127.0.0.1:{master.port}") for _ in range(2)]
        pair = [(host, connect(host)) for host in hosts]
        expect_together(pair)
        with own_redis.client() as admin:
            admin.execute_command("REPLICAOF", "127.0.0.1", master.port)
        for host in hosts:
            wait_until(lambda host=host: "has become a replica" in host.stderr_text(), 10)
        expect_together(pair)
        with master.client() as admin:
            [(_, count)] = admin.pubsub_numsub("socket.io-request#/#")
        assert count == 2
    finally:
        master.remove()


@pytest.mark.parametrize("command", ["role", "pubsub"])
def test_a_user_without_the_right_to_a_check(start, connect, own_redis, scheme, command):
    with own_redis.client() as admin:
        admin.execute_command("ACL", "SETUSER", "chat", "on", ">secret", "+@all", f"-{command}", "~*", "&*")
    url = own_redis.url(scheme).replace("://", "://chat:secret@")
    pair = [(host, connect(host)) for host in (start(url, patience=30), start(url, patience=30))]
    expect_together(pair)
    let_time_pass(1.5)
    say(pair, 0, "after the checks")
    expect(pair, "after the checks")
    assert all(host.stderr_text() == "" for host, _ in pair)


@pytest.mark.parametrize("protocol", [2, 3])
def test_protocols_and_sockets(start, connect, own_redis, scheme, protocol):
    one = start(own_redis.url(scheme, protocol=protocol, client_name="chat"))
    other = start(f"{scheme}+unix://{own_redis.socket}?protocol={protocol}")
    own_redis.socket.chmod(0o777)
    expect_together([(one, connect(one)), (other, connect(other))])
    with own_redis.client() as admin:
        assert sum(entry["name"] == "chat" for entry in admin.client_list()) == connections(scheme)
