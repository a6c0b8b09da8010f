"""A session moves between hosts of a Redis stream that die meanwhile."""

import signal

import pytest
from test_redis_stream_sessions import check_state, keys, prepare, resume, url  # noqa: F401 (fixtures)

from packets import SocketIOWebSocket, compact
from test_host_recovery import is_same, presented
from waiting import wait_until

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def stream(redis_server, prefix):
    """Reads the stream's entries."""
    with redis_server.client() as redis:
        yield lambda: redis.xrange(prefix)


class Move:
    """A client asks the second host for its session. The first host has given it, and the second one is frozen before
    it can take it."""

    def __init__(self, connect, hosts, client, stream):
        client.close()
        hosts[0].send_signal(signal.SIGSTOP)
        count = len(stream())
        self.claim = SocketIOWebSocket(hosts[1].port)
        self.claim.send_text("40" + compact(presented(client)))
        # The question.
        wait_until(lambda: len(stream()) > count)
        hosts[1].send_signal(signal.SIGSTOP)
        count = len(stream())
        hosts[0].send_signal(signal.SIGCONT)
        # The cut and the session.
        wait_until(lambda: len(stream()) >= count + 2)


@pytest.mark.parametrize("returns", [False, True], ids=["to a third host", "to its first host"])
def test_the_new_host_dies(start, connect, keys, url, stream, returns):  # noqa: F811
    hosts = [start(url) for _ in range(3)]
    client, other = prepare(hosts[0], connect, keys), connect(hosts[2])
    Move(connect, hosts, client, stream)
    hosts[1].stop(signal.SIGKILL)
    other.tell("emit", {}, "missed", 1)
    other.expect(["missed", 1])
    again = resume(connect, client, hosts[0 if returns else 2])
    assert is_same(client, again)
    again.expect(["missed", 1])
    check_state(again)


def test_the_old_host_dies(start, connect, keys, url, stream):  # noqa: F811
    """The client, which has got no answer, comes to the new host again."""
    hosts = [start(url) for _ in range(2)]
    client = prepare(hosts[0], connect, keys)
    move = Move(connect, hosts, client, stream)
    move.claim.close()
    hosts[0].stop(signal.SIGKILL)
    hosts[1].send_signal(signal.SIGCONT)
    again = resume(connect, client, hosts[1])
    assert is_same(client, again)
    check_state(again)


def test_the_old_host_dies_and_a_third_one_takes_the_session(start, connect, keys, url, stream):  # noqa: F811
    """The host to which the session was given finds that out before its client gets it."""
    hosts = [start(url) for _ in range(3)]
    client = prepare(hosts[0], connect, keys)
    move = Move(connect, hosts, client, stream)
    move.claim.close()
    hosts[0].stop(signal.SIGKILL)
    again = resume(connect, client, hosts[2])
    assert is_same(client, again)
    hosts[1].send_signal(signal.SIGCONT)
    last = resume(connect, client, hosts[1])
    assert is_same(client, last)
    check_state(last)
    assert keys.wait_for(client.private_id, lambda value: value["data"])["sid"] == client.sid


def test_hosts_die_one_after_the_other(start, connect, keys, url):  # noqa: F811
    """Each is killed as soon as it has resumed the session, before it has written it."""
    hosts = [start(url) for _ in range(5)]
    client, other = prepare(hosts[0], connect, keys), connect(hosts[-1])
    for number, (host, following) in enumerate(zip(hosts[:-1], hosts[1:])):
        host.stop(signal.SIGKILL)
        other.tell("emit", {}, "missed", number)
        other.expect(["missed", number])
        again = resume(connect, client, following)
        assert is_same(client, again), number
    again.expect(*(["missed", number] for number in range(4)))
    check_state(again)
