"""Engine.IO 4 sessions over `wire`: one polling client and one WebSocket client."""

import json
import time

from wire import DEFAULT_TIMEOUT, Disconnected, HTTPConnection, WebSocket, http

SEPARATOR = "\x1e"
SOCKET_IO = "/socket.io/"
ENGINE_IO = "/engine.io/"

PING, PONG, NOOP = "2", "3", "6"


def polling_target(path, sid=None, extra=""):
    return f"{path}?EIO=4&transport=polling" + (f"&sid={sid}" if sid else "") + extra


def websocket_target(path, sid=None):
    return f"{path}?EIO=4&transport=websocket" + (f"&sid={sid}" if sid else "")


class PollingSession:
    """A polling session that opens a connection for each request."""

    def __init__(self, port, path=SOCKET_IO):
        self.port = port
        self.path = path
        response = http(port, "GET", polling_target(path))
        assert response.status == 200, (response.status, response.body)
        self.open_packet = response.text
        self.opened_at = time.monotonic()
        self.sid = json.loads(self.open_packet[1:])["sid"]
        self.target = polling_target(path, self.sid)

    def get(self, timeout=None):
        return http(self.port, "GET", self.target, timeout=timeout)

    def post(self, body, headers=()):
        return http(self.port, "POST", self.target, headers, body)

    def close(self):
        self.post("1")

    def start_get(self):
        """Sends a GET behind another request in one segment, and returns once that request is answered.

        The server then has the GET.
        """
        connection = HTTPConnection(self.port)
        first = connection.request_bytes("GET", "/nowhere")
        connection.send(first + connection.request_bytes("GET", self.target))
        assert connection.read_response().status == 404
        return connection

    def start_post(self, body, sent):
        """Sends the head and the first `sent` bytes of a POST, and returns once the server waits for the rest."""
        connection = HTTPConnection(self.port)
        first = connection.request_bytes("GET", "/nowhere")
        whole = connection.request_bytes("POST", self.target, body=body)
        connection.send(first + whole[: len(whole) - len(body) + sent])
        assert connection.read_response().status == 404
        return connection

    def poll(self, timeout=None):
        """The packets of one answer without noops and pings. Answers the pings."""
        response = self.get(timeout)
        assert response.status == 200, (response.status, response.body)
        packets = response.text.split(SEPARATOR)
        if PING in packets:
            assert self.post(PONG).text == "ok"
        return [packet for packet in packets if packet not in (PING, NOOP)]

    def receive(self, count, timeout=DEFAULT_TIMEOUT):
        """Polls until `count` packets have arrived."""
        packets = []
        deadline = time.monotonic() + timeout
        while len(packets) < count:
            packets += self.poll(max(deadline - time.monotonic(), 0.001))
        return packets


class EngineWebSocket(WebSocket):
    """A WebSocket with an Engine.IO session: a new one, or with `sid` an upgrade of that session."""

    def __init__(self, port, path=SOCKET_IO, sid=None, **settings):
        super().__init__(port, websocket_target(path, sid), **settings)
        self.open_packet = None
        if sid is None:
            self.open_packet = self.receive_message()
            self.opened_at = time.monotonic()
            self.sid = json.loads(self.open_packet[1:])["sid"]

    def receive_packet(self, timeout=None):
        """The next packet other than a ping. Answers pings."""
        deadline = time.monotonic() + (self.timeout if timeout is None else timeout)
        while (packet := self.receive_message(deadline - time.monotonic())) == PING:
            try:
                self.send_text(PONG)
            except (BrokenPipeError, ConnectionResetError) as error:
                raise Disconnected(str(error)) from None
        return packet

    def receive_packets(self, count, timeout=DEFAULT_TIMEOUT):
        deadline = time.monotonic() + timeout
        return [self.receive_packet(deadline - time.monotonic()) for _ in range(count)]

    def probe(self):
        self.send_text("2probe")
        assert self.receive_message() == "3probe"


def upgrade(session):
    """Upgrades a polling session to a WebSocket and returns the WebSocket."""
    socket = EngineWebSocket(session.port, session.path, session.sid)
    socket.probe()
    socket.send_text("5")
    return socket
