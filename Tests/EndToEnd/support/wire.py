"""HTTP/1.1 and WebSocket as bytes on a TCP connection.

Nothing here corrects a test: headers, frames, masks and lengths are sent as given, and input is returned unchanged. So
tests can violate the protocols.
"""

import base64
import os
import socket
import struct
import time
from dataclasses import dataclass, field

DEFAULT_TIMEOUT = 10.0

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA


class Disconnected(Exception):
    """The server ended the connection unexpectedly."""


class Connection:
    """One TCP connection with a receive buffer. Every wait has a deadline, after which it raises `TimeoutError`."""

    def __init__(self, port, host="127.0.0.1", timeout=DEFAULT_TIMEOUT, receive_buffer=None):
        self.port = port
        self.host = host
        self.timeout = timeout
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.settimeout(timeout)
        self.socket.connect((host, port))
        self.buffer = bytearray()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send(self, data):
        self.socket.settimeout(self.timeout)
        self.socket.sendall(data)

    def send_bytewise(self, data):
        """Sends one byte per segment: Nagle's algorithm is off."""
        for index in range(len(data)):
            self.send(data[index : index + 1])

    def send_in_pieces(self, data, size):
        for start in range(0, len(data), size):
            self.send(data[start : start + size])

    def receive_some(self, timeout=None):
        """Adds input to the buffer. Raises `Disconnected` at the end of the stream or after a reset."""
        self.socket.settimeout(self.timeout if timeout is None else max(timeout, 0.001))
        try:
            data = self.socket.recv(1 << 18)
        except (ConnectionResetError, BrokenPipeError) as error:
            raise Disconnected(str(error)) from None
        if not data:
            raise Disconnected("end of stream")
        self.buffer += data

    def fill(self, count, deadline):
        """Waits until the buffer holds `count` bytes, without removing them, so that a timeout loses nothing."""
        while len(self.buffer) < count:
            self.receive_some(deadline - time.monotonic())

    def receive_exactly(self, count, timeout=None):
        self.fill(count, time.monotonic() + (self.timeout if timeout is None else timeout))
        data = bytes(self.buffer[:count])
        del self.buffer[:count]
        return data

    def receive_until(self, delimiter, timeout=None):
        deadline = time.monotonic() + (self.timeout if timeout is None else timeout)
        searched = 0
        while (index := self.buffer.find(delimiter, searched)) < 0:
            searched = max(0, len(self.buffer) - len(delimiter) + 1)
            self.receive_some(deadline - time.monotonic())
        data = bytes(self.buffer[:index])
        del self.buffer[: index + len(delimiter)]
        return data

    def wait_for_end(self, timeout=None):
        """Reads until the server ends the connection, and returns the input."""
        deadline = time.monotonic() + (self.timeout if timeout is None else timeout)
        while True:
            try:
                self.receive_some(deadline - time.monotonic())
            except Disconnected:
                data = bytes(self.buffer)
                self.buffer.clear()
                return data

    def half_close(self):
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self):
        """Ends the connection with a TCP reset instead of an orderly close."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def close(self):
        self.socket.close()


# HTTP


@dataclass
class Response:
    status: int
    reason: str
    headers: list = field(repr=False)
    body: bytes

    def header(self, name):
        """The value of the first field of that name, or None."""
        for key, value in self.headers:
            if key.lower() == name.lower():
                return value
        return None

    @property
    def text(self):
        return self.body.decode("utf-8")


class HTTPConnection(Connection):
    def request_bytes(self, method, target, headers=(), body=None):
        lines = [f"{method} {target} HTTP/1.1", f"Host: localhost:{self.port}"]
        lines += [f"{name}: {value}" for name, value in dict(headers).items()]
        if body is not None:
            body = body.encode() if isinstance(body, str) else body
            lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + (body or b"")

    def send_request(self, method, target, headers=(), body=None):
        self.send(self.request_bytes(method, target, headers, body))

    def request(self, method, target, headers=(), body=None, timeout=None):
        self.send_request(method, target, headers, body)
        return self.read_response(method, timeout)

    def read_response(self, method="GET", timeout=None):
        head = self.receive_until(b"\r\n\r\n", timeout).decode("latin-1").split("\r\n")
        version, status, *reason = head[0].split(" ", 2)
        assert version == "HTTP/1.1", head[0]
        headers = []
        for line in head[1:]:
            name, value = line.split(":", 1)
            headers.append((name, value.strip()))
        response = Response(int(status), reason[0] if reason else "", headers, b"")
        if method != "HEAD" and response.status >= 200 and response.status not in (204, 304):
            response.body = self._read_body(response, timeout)
        return response

    def _read_body(self, response, timeout):
        if (response.header("transfer-encoding") or "").lower() == "chunked":
            body = b""
            while size := int(self.receive_until(b"\r\n", timeout).split(b";")[0], 16):
                body += self.receive_exactly(size, timeout)
                assert self.receive_exactly(2, timeout) == b"\r\n"
            assert self.receive_exactly(2, timeout) == b"\r\n"
            return body
        length = response.header("content-length")
        if length is not None:
            return self.receive_exactly(int(length), timeout)
        return self.wait_for_end(timeout)


def http(port, method, target, headers=(), body=None, timeout=None, host="127.0.0.1"):
    """Sends one request on a new connection."""
    with HTTPConnection(port, host) as connection:
        return connection.request(method, target, headers, body, timeout)


def refusal(port, data, timeout=None):
    """Sends bytes that the server may refuse before it has read all of them. Returns its answer."""
    with HTTPConnection(port) as connection:
        try:
            connection.send(data)
        except (BrokenPipeError, ConnectionResetError):
            pass
        try:
            return connection.read_response(timeout=timeout)
        except Disconnected:
            return None


# WebSocket


@dataclass
class Frame:
    fin: bool
    reserved: int
    opcode: int
    payload: bytes = field(repr=False)


@dataclass
class Closed:
    """The end of a WebSocket. `code` is None without a close frame, or for a close frame without a code."""

    code: object
    reason: str
    had_frame: bool


def masked(payload, key):
    """Masks as in RFC 6455, 5.3, with one large XOR, because byte loops would take seconds for 16 MiB."""
    size = len(payload)
    if size == 0 or key == b"\0\0\0\0":
        return payload
    stream = (key * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(stream, "big")).to_bytes(size, "big")


def frame(opcode, payload=b"", fin=True, reserved=0, mask=True, length=None):
    """The bytes of one frame. `length` sets a wrong length in the header; `mask=False` violates the protocol."""
    payload = payload.encode() if isinstance(payload, str) else bytes(payload)
    declared = len(payload) if length is None else length
    first = (0x80 if fin else 0) | reserved << 4 | opcode
    mask_bit = 0x80 if mask else 0
    if declared < 126:
        head = struct.pack("!BB", first, mask_bit | declared)
    elif declared < 1 << 16:
        head = struct.pack("!BBH", first, mask_bit | 126, declared)
    else:
        head = struct.pack("!BBQ", first, mask_bit | 127, declared)
    if not mask:
        return head + payload
    key = os.urandom(4)
    return head + key + masked(payload, key)


def close_payload(code, reason=""):
    return struct.pack("!H", code) + (reason.encode() if isinstance(reason, str) else reason)


class WebSocket(HTTPConnection):
    """A WebSocket client with direct access to frames."""

    def __init__(
        self, port, target, headers=(), host="127.0.0.1", timeout=DEFAULT_TIMEOUT, receive_buffer=None, early=b""
    ):
        """With `early`, these bytes follow the request before its answer."""
        super().__init__(port, host, timeout, receive_buffer)
        self.send(upgrade_request(port, target, headers) + early)
        self.response = self.read_response()
        assert self.response.status == 101, (self.response.status, self.response.body)

    def send_frame(self, opcode, payload=b"", **how):
        self.send(frame(opcode, payload, **how))

    def send_text(self, text):
        self.send_frame(TEXT, text)

    def send_binary(self, data):
        self.send_frame(BINARY, data)

    def send_close(self, code=1000, reason=""):
        self.send_frame(CLOSE, close_payload(code, reason))

    def receive_frame(self, timeout=None):
        deadline = time.monotonic() + (self.timeout if timeout is None else timeout)
        self.fill(2, deadline)
        first, second = self.buffer[:2]
        assert not second & 0x80, "a server must not mask its frames"
        extra = {126: 2, 127: 8}.get(second & 0x7F, 0)
        self.fill(2 + extra, deadline)
        length = int.from_bytes(self.buffer[2 : 2 + extra], "big") if extra else second
        data = self.receive_exactly(2 + extra + length, max(deadline - time.monotonic(), 0.001))
        return Frame(bool(first & 0x80), first >> 4 & 7, first & 0xF, data[2 + extra :])

    def receive_message(self, timeout=None):
        """The next message, as str or bytes. Answers pings, and raises `Disconnected` at a close."""
        opcode, parts = None, []
        while True:
            part = self.receive_frame(timeout)
            assert part.reserved == 0, "no extension was negotiated"
            if part.opcode == PING:
                self.send_frame(PONG, part.payload)
            elif part.opcode == CLOSE:
                raise Disconnected(f"close frame {part.payload!r}")
            elif part.opcode != PONG:
                assert (part.opcode == CONTINUATION) == (opcode is not None), "a message within another"
                opcode = opcode or part.opcode
                parts.append(part.payload)
                if part.fin:
                    data = b"".join(parts)
                    return data.decode("utf-8") if opcode == TEXT else data

    def wait_for_close(self, timeout=None):
        """Skips messages until the close frame, answers it, and waits for the end of the TCP connection."""
        closed = Closed(None, "", False)
        try:
            while not closed.had_frame:
                part = self.receive_frame(timeout)
                if part.opcode == CLOSE:
                    closed.had_frame = True
                    if part.payload:
                        closed.code = int.from_bytes(part.payload[:2], "big")
                        closed.reason = part.payload[2:].decode("utf-8")
                    self._answer_close(part.payload[:2])
            rest = self.wait_for_end(timeout)
        except Disconnected:
            return closed
        assert rest == b"", "nothing may follow a close frame"
        return closed

    def _answer_close(self, payload):
        try:
            self.send_frame(CLOSE, payload)
        except (BrokenPipeError, ConnectionResetError):
            pass


def upgrade_request(port, target, headers=(), method="GET", without=()):
    """The bytes of a WebSocket handshake; `headers` replace the usual ones, `without` leaves some out."""
    fields = {
        "Host": f"localhost:{port}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
        "Sec-WebSocket-Version": "13",
    }
    fields.update(headers)
    lines = [f"{method} {target} HTTP/1.1"] + [f"{k}: {v}" for k, v in fields.items() if k not in without]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
