"""Floods of input that clients never finish or that the server never accepts.

Each flood opens its connections, sends, and returns the open connections. The server may end some of them; the tests
check which.
"""

import json
import struct

from engine import SOCKET_IO, PollingSession, polling_target, upgrade
from wire import BINARY, TEXT, Connection, Disconnected, HTTPConnection, WebSocket, upgrade_request

MEGABYTE = 1_000_000
LARGE_AUTH = '40{"token":"%s"}' % ("x" * (MEGABYTE - 20))


def unmasked_frame(opcode, payload):
    """A client's frame with a zero key, so that masking megabytes costs nothing."""
    size = len(payload)
    length = struct.pack("!BQ", 0x80 | 127, size) if size >= 1 << 16 else struct.pack("!BH", 0x80 | 126, size)
    return bytes([0x80 | opcode]) + length + b"\0\0\0\0" + payload


def try_send(connection, data):
    """True if the server accepted everything."""
    try:
        connection.send(data)
        return True
    except (ConnectionResetError, BrokenPipeError):
        return False


def is_open(connection):
    """True if the connection is still open. Drops any input."""
    try:
        while True:
            connection.receive_some(0.001)
    except TimeoutError:
        return True
    except Disconnected:
        return False


def open_websocket(port):
    socket = WebSocket(port, f"{SOCKET_IO}?EIO=4&transport=websocket")
    assert socket.receive_message().startswith("0{")
    return socket


def polling_auths(port, count):
    sessions = [PollingSession(port) for _ in range(count)]
    for session in sessions:
        assert session.post(LARGE_AUTH).text == "ok"
    return sessions


def websocket_auths(port, count):
    data = unmasked_frame(TEXT, LARGE_AUTH.encode())
    sockets = [open_websocket(port) for _ in range(count)]
    for socket in sockets:
        try_send(socket, data)
    return sockets


def polling_handshakes(port, count, batch=20):
    """Opens `count` sessions on one connection, each with the largest possible headers."""
    connection = HTTPConnection(port)
    padding = [(f"X-{number}", "p" * 4000) for number in range(4)]
    request = connection.request_bytes("GET", polling_target(SOCKET_IO), padding)
    for start in range(0, count, batch):
        pipelined = min(batch, count - start)
        connection.send(request * pipelined)
        for _ in range(pipelined):
            assert connection.read_response().status == 200
    return [connection]


def unfinished_messages(port, count, size=MEGABYTE):
    data = unmasked_frame(TEXT, b"4" * size)[:-1]
    sockets = [open_websocket(port) for _ in range(count)]
    for socket in sockets:
        try_send(socket, data)
    return sockets


def missing_attachments(port, count):
    """Sends packets with nine of their ten attachments."""
    placeholders = [{"_placeholder": True, "num": number} for number in range(10)]
    packet = ("4510-" + json.dumps(["file", *placeholders], separators=(",", ":"))).encode()
    attachment = unmasked_frame(BINARY, bytes(MEGABYTE))
    sockets = [open_websocket(port) for _ in range(count)]
    for socket in sockets:
        socket.send_text("40")
        assert socket.receive_message().startswith("40{")
        socket.send_text(packet.decode())
        for _ in range(9):
            if not try_send(socket, attachment):
                break
    return sockets


def unfinished_bodies(port, count):
    """Sends POSTs whose bodies lack a byte."""
    connections = []
    for _ in range(count):
        session = PollingSession(port)
        connection = HTTPConnection(port)
        try_send(connection, connection.request_bytes("POST", session.target, body="4" * MEGABYTE)[:-1])
        connections.append(connection)
    return connections


def overtaken_bodies(port, count):
    """Sends POSTs whose sessions upgrade before the bodies are complete. The server refuses them."""
    held = []
    for _ in range(count):
        session = PollingSession(port)
        connection = HTTPConnection(port)
        request = connection.request_bytes("POST", session.target, body="4" * MEGABYTE)
        connection.send(request[:-1])
        socket = upgrade(session)
        socket.send_text("40")
        assert socket.receive_message().startswith("40{"), "the upgrade must be complete"
        held += [socket, connection]
        connection.send(request[-1:])
        assert connection.read_response().status == 400
    return held


def pipelined_requests(port, count):
    """Sends requests after a waiting GET."""
    connections = []
    for _ in range(count):
        session = PollingSession(port)
        connection = HTTPConnection(port)
        waiting = connection.request_bytes("GET", session.target)
        try_send(connection, waiting + connection.request_bytes("GET", "/", [("X", "p" * 4000)]) * 30)
        connections.append(connection)
    return connections


def unfinished_heads(port, count):
    """Sends incomplete heads of 20 KiB each, so that no single connection holds much."""
    connections = []
    for _ in range(count):
        connection = Connection(port)
        try_send(connection, upgrade_request(port, SOCKET_IO, {"X": "p" * 15_000})[:-2])
        connections.append(connection)
    return connections
