"""A group is committed, and the connection breaks before its result arrives."""

import hashlib
import socket
import threading

import pytest

import processes
from packets import ChatClient, SocketIOWebSocket
from waiting import wait_until
from wire import PING, PONG

pytestmark = pytest.mark.timeout(120)


class CuttingProxy:
    """Forwards connections to a PostgreSQL server. While `is_armed`, the first group that is sent reaches the server,
    and the connection is closed when the answer comes."""

    def __init__(self, port):
        self.is_armed = False
        self.cuts = 0
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._target))
            state = {"loses answer": False}
            for source, sink, is_client in ((client, server, True), (server, client, False)):
                threading.Thread(target=self._forward, args=(source, sink, is_client, state), daemon=True).start()

    def _forward(self, source, sink, is_client, state):
        try:
            while data := source.recv(1 << 16):
                # A Bind message names the prepared statement between two zeros.
                if is_client and self.is_armed and b"\0store\0" in data:
                    self.is_armed = False
                    state["loses answer"] = True
                elif not is_client and state["loses answer"]:
                    self.cuts += 1
                    break
                sink.sendall(data)
        except OSError:
            pass
        for each in (source, sink):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class DetailsClient(ChatClient):
    """Gets the ids of its messages with their acknowledgements."""

    def __init__(self, port):
        SocketIOWebSocket.__init__(self, port)
        self.rows, self.acks, self._next_ack = [], {}, 0
        self.connect_namespace(auth={"details": 1})


def key(offset, content):
    return f"{offset}\x01{hashlib.sha256(content.encode()).hexdigest()}"


def test_each_message_of_a_group_with_a_lost_result_is_acknowledged_with_its_row(empty_database, tmp_path):
    with CuttingProxy(empty_database.server.port) as proxy:
        chatd = processes.chatd(tmp_path, db=f"postgres://chatd@127.0.0.1:{proxy.port}/{empty_database.name}")
        try:
            with DetailsClient(chatd.port) as client:
                # While a group waits for the lock, the next messages gather in one group.
                assert client.say("first", "a-1") == [{"id": 1}]
                writer = empty_database.connect(autocommit=False)
                writer.execute("INSERT INTO messages (content) VALUES ('written elsewhere')")
                waiting = client.chat("waits", "a-0")
                wait_until(lambda: empty_database.value("SELECT count(*) FROM pg_locks WHERE NOT granted") == 1)
                sent = [
                    ("second", "a-2"), ("first", "a-1"), ("same", None), ("other", "a-1"), ("same", None),
                    ("same", "a-3"), ("other", "a-1"), ("last", "a-4"),
                ]
                acks = [client.chat(text, offset) for text, offset in sent]
                client.send_frame(PING)
                assert client.receive_frame().opcode == PONG
                assert list(client.acks) == [0]
                proxy.is_armed = True
                writer.commit()
                writer.close()
                assert client.read_ack(waiting) == [{"id": 3}]
                results = [client.read_ack(ack)[0]["id"] for ack in acks]
                assert proxy.cuts == 1
                assert empty_database.value("SELECT last_group FROM chatd_hosts") == 3
                rows = empty_database.query("SELECT id, content, client_offset FROM messages WHERE id > 3 ORDER BY id")
                # A repeat in the same group is stored in no row of its own.
                assert [row[1:] for row in rows] == [
                    ("second", "a-2"), ("same", None), ("other", key("a-1", "other")), ("same", None), ("same", "a-3"),
                    ("last", "a-4"),
                ]
                ids = [row[0] for row in rows]
                assert results == [ids[0], 1, ids[1], ids[2], ids[3], ids[4], ids[2], ids[5]]
                client.read_rows(3 + len(rows))
                assert client.ids == [1, 2, 3, *ids]
        finally:
            chatd.end()
