"""A client that asks for details of messages, and the author that its secret makes it."""

import hashlib
import json

from packets import ChatClient, SocketIOWebSocket

SECRET = "0123456789abcdef"


def author_of(secret):
    return hashlib.sha256(secret.encode()).hexdigest()[:32]


class DetailsClient(ChatClient):
    """A client with any `auth` in its CONNECT. It also keeps the arguments between id and offset."""

    def __init__(self, port, before=None, **auth):
        SocketIOWebSocket.__init__(self, port)
        self.rows = []
        self.acks = {}
        self.details = {}
        self.offset = None
        self._next_ack = 0
        if before:
            auth = {"pid": before.pid, "offset": before.offset, **auth}
        answer = self.connect_namespace(auth=auth)
        self.pid, self.sid = answer.get("pid"), answer["sid"]

    def receive_packet(self, timeout=None):
        packet = super().receive_packet(timeout)
        if packet.startswith('42["chat message"'):
            _, _, identifier, *rest = json.loads(packet[2:])
            if rest and isinstance(rest[-1], str):
                self.offset = rest.pop()
            assert len(rest) <= 1
            self.details[identifier] = rest[0] if rest else None
        return packet

    def history(self, limit=200):
        ack = self._next_ack
        self._next_ack += 1
        self.emit("chat history", {"before": None, "limit": limit}, ack=ack)
        return self.read_ack(ack)[0]["messages"]
