"""The connection to Redis breaks while a host takes a session, after Redis has carried out the command."""

import base64
import re
import signal
import socket
import threading

import msgpack
import pytest

from test_host_recovery import is_same, presented
from waiting import wait_until

pytestmark = pytest.mark.timeout(120)


class TakeProxy:
    """Forwards connections to Redis. If `is_armed`, it cuts the next one that takes a session, when Redis has answered,
    and all others, and lets none through while `is_down`."""

    #: The arguments of a command that takes a session: the host, and how long the copy is kept.
    TAKE = re.compile(rb"\r\nwcHB([^:\r\n]+):\r\n\$\d+\r\n\d+\r\n")

    def __init__(self, port):
        self.target, self.is_armed, self.is_down, self.takers = port, False, False, []
        self._pairs = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._listener.close()

    def _accept(self):
        try:
            while True:
                client, _ = self._listener.accept()
                if self.is_down:
                    client.close()
                    continue
                server = socket.create_connection(("127.0.0.1", self.target))
                cut = threading.Event()
                self._pairs.append((client, server))
                for work in (self._send, self._receive):
                    threading.Thread(target=work, args=(client, server, cut), daemon=True).start()
        except OSError:
            pass

    def _send(self, client, server, cut):
        try:
            while data := client.recv(1 << 20):
                if found := self.TAKE.search(data):
                    self.takers.append(found[1])
                    if self.is_armed:
                        self.is_armed, self.is_down = False, True
                        cut.set()
                server.sendall(data)
                if cut.is_set():
                    for pair in self._pairs:
                        if pair != (client, server):
                            self._end(*pair)
        except OSError:
            pass
        self._end(client, server)

    def _receive(self, client, server, cut):
        try:
            while data := server.recv(1 << 20):
                if cut.is_set():
                    break
                client.sendall(data)
        except OSError:
            pass
        self._end(client, server)

    @staticmethod
    def _end(*ends):
        for each in ends:
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


@pytest.fixture
def proxy(own_redis):
    proxy = TakeProxy(own_redis.port)
    yield proxy
    proxy.close()


@pytest.fixture
def admin(own_redis):
    with own_redis.client() as admin:
        yield admin


def key(client):
    return f"sio:session:{client.private_id}"


def copy_key(client):
    return f"{key(client)}-chatd:taken"


def prepare(start, connect, own_redis, proxy, admin, protocol=3):
    """A host behind the proxy, another one, and a client of a third one, which is dead."""
    # The user may use no other keys than those that the documentation names.
    admin.execute_command(
        "ACL", "SETUSER", "chat", "on", ">secret", "+@all", "~socket.io*", "~sio:session:*", "&*")
    dead = start(own_redis.url("redis-streams"), patience=60)
    host = start(f"redis-streams://chat:secret@127.0.0.1:{proxy.port}?protocol={protocol}", patience=60)
    other = start(own_redis.url("redis-streams"), patience=60)
    client, writer = connect(dead), connect(other)
    writer.tell("emit", {}, "seen", 1)
    client.expect(["seen", 1])
    wait_until(lambda: admin.get(key(client)), 20)
    dead.stop(signal.SIGKILL)
    writer.tell("emit", {}, "missed", 1)
    writer.settle()
    return host, other, client


def claim_and_cut(host, connect, client, proxy):
    """The client comes to the host, whose connection is cut. Returns a thread that waits for the answer, in a list."""
    answers = []
    proxy.is_armed = True
    thread = threading.Thread(target=lambda: answers.append(connect(host, auth=presented(client))))
    thread.start()
    wait_until(lambda: proxy.is_down, 30)
    return thread, answers


def finish(thread, answers):
    thread.join(60)
    return answers[0]


@pytest.mark.parametrize("protocol", [2, 3])
def test_a_session_whose_answer_is_lost(start, connect, own_redis, proxy, admin, protocol):
    host, other, client = prepare(start, connect, own_redis, proxy, admin, protocol)
    thread, answers = claim_and_cut(host, connect, client, proxy)
    # Redis has carried it out.
    wait_until(lambda: admin.get(copy_key(client)), 20)
    assert admin.get(key(client)) is None
    # It is kept for as long as the session.
    assert 60_000 < admin.pttl(copy_key(client)) <= 160_000
    proxy.is_down = False
    again = finish(thread, answers)
    assert is_same(client, again)
    again.expect(["missed", 1])
    assert len(proxy.takers) == 2 and len(set(proxy.takers)) == 1
    # It is kept as that of its new host, and the copy is gone.
    wait_until(lambda: admin.get(key(client)) and not admin.exists(copy_key(client)), 20)


def test_another_host_takes_a_session_whose_answer_is_lost(start, connect, own_redis, proxy, admin):
    """The first one finds out that it does not have the session."""
    host, other, client = prepare(start, connect, own_redis, proxy, admin)
    thread, answers = claim_and_cut(host, connect, client, proxy)
    wait_until(lambda: admin.get(copy_key(client)), 20)
    again = connect(other, auth=presented(client))
    assert is_same(client, again)
    again.expect(["missed", 1])
    # The claim at the first host comes later, and so moves the session.
    proxy.is_down = False
    assert is_same(client, finish(thread, answers))
    wait_until(lambda: admin.get(key(client)) and not admin.exists(copy_key(client)), 20)


def test_nobody_finds_a_session_in_a_copy(start, connect, own_redis, proxy, admin):
    host, other, client = prepare(start, connect, own_redis, proxy, admin)
    thread, answers = claim_and_cut(host, connect, client, proxy)
    wait_until(lambda: admin.get(copy_key(client)), 20)
    # What an official server does with the value of the key that a client names.
    with pytest.raises(ValueError):
        msgpack.unpackb(base64.b64decode(admin.get(copy_key(client))))
    strangers = connect(other, auth={"pid": f"{client.private_id}-chatd:taken", "offset": client.offset})
    assert strangers.sid != client.sid
    # Without the copy, the session is gone, and nobody waits for it.
    admin.delete(copy_key(client))
    proxy.is_down = False
    assert not is_same(client, finish(thread, answers))
