"""A chat client that resumes its session."""

import json

import pytest
from packets import SocketIOWebSocket
from wire import Disconnected


class Recovering(SocketIOWebSocket):
    """A client that keeps the same state as the official one: pid, offset, and received rows."""

    def __init__(self, port, before=None, auth=(), **settings):
        super().__init__(port, **settings)
        self.pid = before.pid if before else None
        self.offset = before.offset if before else None
        self.rows = list(before.rows) if before else []
        presented = dict(auth)
        if self.pid:
            presented["pid"] = self.pid
            if self.offset is not None:
                presented["offset"] = self.offset
        answer = self.connect_namespace(auth=presented or None)
        self.is_recovered = self.pid == answer["pid"]
        self.pid, self.sid_in_namespace = answer["pid"], answer["sid"]

    def read_row(self, timeout=None):
        name, text, identifier, offset = json.loads(self.receive_packet(timeout).removeprefix("42"))
        assert name == "chat message"
        self.offset = offset
        self.rows.append((identifier, text))

    def read_rows(self, count):
        while len(self.rows) < count:
            self.read_row()
        return self.rows

    def say(self, text):
        """Sends a message, and reads until its own row arrives."""
        self.emit("chat message", text)
        while not self.rows or self.rows[-1][1] != text:
            self.read_row()

    def wait_until_ended(self):
        with pytest.raises(Disconnected):
            while True:
                self.receive_packet()


def parts(offset):
    epoch, position, row = offset.split(".")
    return epoch, int(position), int(row)
