"""A node that speaks the bytes of the official PostgreSQL adapter, written by hand."""

import json
import time

import msgpack
import psycopg

TABLE = """
CREATE TABLE IF NOT EXISTS socket_io_attachments (
    id bigserial UNIQUE, created_at timestamptz DEFAULT NOW(), payload bytea)
"""

(INITIAL_HEARTBEAT, HEARTBEAT, BROADCAST, SOCKETS_JOIN, SOCKETS_LEAVE, DISCONNECT_SOCKETS, FETCH_SOCKETS,
 FETCH_SOCKETS_RESPONSE, SERVER_SIDE_EMIT, SERVER_SIDE_EMIT_RESPONSE, BROADCAST_CLIENT_COUNT, BROADCAST_ACK,
 ADAPTER_CLOSE) = range(1, 14)

EVERYONE = {"rooms": [], "except": [], "flags": {}}


class ClusterPeer:
    """A node that is not chatd. It answers heartbeats only while the test waits for messages."""

    def __init__(self, server, prefix, namespace="/", uid="0123456789abcdef", database="postgres"):
        self.server, self.database = server, database
        self.prefix, self.namespace, self.uid = prefix, namespace, uid
        self.channel = f"{prefix}#{namespace}"
        self.is_silent = False
        self.listener = server.connect(database)
        self.publisher = server.connect(database)
        self.listener.execute(psycopg.sql.SQL("LISTEN {}").format(psycopg.sql.Identifier(self.channel)))
        #: The nodes that have sent something, and when they did for the last time.
        self.nodes = {}
        self.heartbeats = []
        self._notifications = []

    def notify(self, payload):
        text = payload if isinstance(payload, str) else json.dumps(payload, separators=(",", ":"), ensure_ascii=False)
        self.publisher.execute("SELECT pg_notify(%s, %s)", [self.channel, text])

    def send(self, kind, data=None, uid=None, **more):
        message = {"uid": uid or self.uid, "nsp": self.namespace, "type": kind, **more}
        self.notify(message if data is None else {**message, "data": data})

    def attach(self, kind, data, uid=None, header=None):
        """Sends a message by the table of attachments."""
        message = {"uid": uid or self.uid, "nsp": self.namespace, "type": kind, "data": data}
        [number] = self.publisher.execute(
            "INSERT INTO socket_io_attachments (payload) VALUES (%s) RETURNING id", [msgpack.packb(message)]).fetchone()
        self.notify({"uid": uid or self.uid, "type": kind, "attachmentId": str(number), **(header or {})})

    def broadcast(self, *data, rooms=(), excepted=(), flags=None, uid=None):
        packet = {"type": 2, "data": list(data), "nsp": self.namespace}
        self.send(BROADCAST, {
            "packet": packet, "opts": {"rooms": list(rooms), "except": list(excepted), "flags": flags or {}}}, uid)

    def join(self):
        """Tells the others that it is there, and waits for the answers of `count` nodes."""
        self.send(INITIAL_HEARTBEAT)

    def receive(self, timeout=10.0):
        """The next message of another node that is no heartbeat, with the contents of its attachment."""
        deadline = time.monotonic() + timeout
        while self._notifications or (left := deadline - time.monotonic()) > 0:
            if not self._notifications:
                self._notifications = [entry.payload for entry in self.listener.notifies(timeout=left, stop_after=1)]
                continue
            payload = self._notifications.pop(0)
            if (message := self._handle(json.loads(payload), payload)) is not None:
                return message
        raise TimeoutError(f"no message for {timeout} s")

    def _handle(self, message, payload):
        if message["uid"] == self.uid:
            return None
        self.nodes[message["uid"]] = time.monotonic()
        if "attachmentId" in message:
            [row] = self.publisher.execute(
                "SELECT payload FROM socket_io_attachments WHERE id = %s", [message["attachmentId"]]).fetchall()
            header, message = message, msgpack.unpackb(row[0])
            assert "nsp" not in header and header["type"] == message["type"] and header["uid"] == message["uid"]
            message["was attached"] = True
        else:
            assert len(payload.encode()) < 8000
        if message["type"] == ADAPTER_CLOSE:
            del self.nodes[message["uid"]]
        if message["type"] in (INITIAL_HEARTBEAT, HEARTBEAT):
            self.heartbeats.append(message)
            if message["type"] == INITIAL_HEARTBEAT and not self.is_silent:
                self.send(HEARTBEAT)
            return None
        return message

    def receive_type(self, kind, timeout=10.0):
        """The next message of a type. Others are dropped."""
        deadline = time.monotonic() + timeout
        while True:
            message = self.receive(deadline - time.monotonic())
            if message["type"] == kind:
                return message

    def wait_for_nodes(self, count, timeout=20.0):
        """Waits until so many other nodes have sent something."""
        deadline = time.monotonic() + timeout
        while len(self.nodes) < count:
            try:
                self.receive(min(0.2, deadline - time.monotonic()))
            except TimeoutError:
                assert time.monotonic() < deadline, f"only {self.nodes}"

    def close(self):
        self.listener.close()
        self.publisher.close()
