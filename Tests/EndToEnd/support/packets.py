"""Socket.IO 5 over `engine`: clients that control the exact bytes on the wire."""

import json
import time

from engine import EngineWebSocket, PollingSession


def compact(value):
    """JSON in the JavaScript client's format."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


class SocketIOWebSocket(EngineWebSocket):
    def connect_namespace(self, namespace="/", auth=None):
        """Sends CONNECT and returns the answer: the sid and, with recovery, the pid."""
        prefix = "" if namespace == "/" else namespace + ","
        self.send_text(f"40{prefix}" + ("" if auth is None else compact(auth)))
        answer = self.receive_packet()
        assert answer.startswith(f"40{prefix}{{"), answer
        return json.loads(answer[2 + len(prefix) :])

    def emit(self, *arguments, ack=None):
        self.send_text("42" + ("" if ack is None else str(ack)) + compact(arguments))


class SocketIOPollingSession(PollingSession):
    """A polling session connected to the main namespace."""

    def __init__(self, port):
        super().__init__(port)
        assert self.post("40").text == "ok"
        assert self.receive(1)[0].startswith("40{")

    def is_open(self):
        """True if the server accepts an event without a handler."""
        return self.post('42["nobody handles this"]').status == 200


class ConformanceClient(SocketIOWebSocket):
    """A client in the main namespace of the conformance server. Has received the `auth` event."""

    def __init__(self, port):
        super().__init__(port)
        self.connect_namespace()
        assert self.receive_packet() == '42["auth",{}]'

    def round_trip(self):
        """Checks that the connection is open and that handlers run."""
        self.send_text('42["message","round trip"]')
        assert self.receive_packet() == '42["message-back","round trip"]'


class ChatClient(SocketIOWebSocket):
    """A chat client that keeps received rows and acks in order of arrival."""

    def __init__(self, port, offset=None, **settings):
        super().__init__(port, **settings)
        self.rows = []
        self.acks = {}
        self._next_ack = 0
        self.connect_namespace(auth=None if offset is None else {"serverOffset": offset})

    @property
    def ids(self):
        return [identifier for identifier, _ in self.rows]

    @property
    def texts(self):
        return [text for _, text in self.rows]

    def chat(self, text, *offset):
        """Sends a chat message, with or without a client offset, and returns its ack id."""
        ack = self._next_ack
        self._next_ack += 1
        self.emit("chat message", text, *offset, ack=ack)
        return ack

    def read_one(self, timeout=None):
        """Receives one packet: a row or an ack."""
        packet = self.receive_packet(timeout)
        if packet.startswith("43"):
            digits = packet[2 : packet.index("[")]
            assert int(digits) not in self.acks, f"ack {digits} arrived twice"
            self.acks[int(digits)] = json.loads(packet[2 + len(digits) :])
        else:
            # A recovery offset may follow the id. This client ignores it.
            name, text, identifier, *_ = json.loads(packet.removeprefix("42"))
            assert name == "chat message", packet
            self.rows.append((identifier, text))

    def read_until(self, condition, timeout=10.0):
        deadline = time.monotonic() + timeout
        while not condition():
            left = deadline - time.monotonic()
            assert left > 0, f"{len(self.rows)} rows and {len(self.acks)} acks after {timeout} s"
            try:
                self.read_one(left)
            except TimeoutError:
                continue

    def read_rows(self, count, timeout=10.0):
        self.read_until(lambda: len(self.rows) >= count, timeout)
        return self.rows

    def read_ack(self, ack, timeout=10.0):
        self.read_until(lambda: ack in self.acks, timeout)
        return self.acks[ack]

    def say(self, text, *offset, timeout=10.0):
        """Sends, waits for the ack, and returns its arguments."""
        return self.read_ack(self.chat(text, *offset), timeout)
