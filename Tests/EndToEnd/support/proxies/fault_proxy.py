"""A proxy that understands enough HTTP/1.1 to lose an answer after the server has written it."""

import re
import select
import socket
import struct
import threading
from dataclasses import dataclass

from waiting import let_time_pass


@dataclass(frozen=True)
class Request:
    method: str
    target: str
    #: True if its connection has carried an earlier request. Browsers repeat only such requests.
    is_on_used_connection: bool

    @property
    def stamp(self):
        found = re.search(r"[?&]t=([^&]*)", self.target)
        return found and found[1]

    @property
    def has_session(self):
        return "&sid=" in self.target or "?sid=" in self.target


class FaultProxy:
    """Forwards each connection to `target`. `fate(request)` decides what happens to each answer.

    "pass": the client gets it. "lose answer": the client's connection is reset after the server has written it. "lose
    waiting": the client's connection is reset once the server has the request, and the server does not notice.
    """

    def __init__(self, target, fate=lambda request: "pass"):
        self.target = target
        self.fate = fate
        self.requests = []
        self._lock = threading.Lock()
        self._sockets = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._listener.close()
        with self._lock:
            sockets = list(self._sockets)
        for each in sockets:
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    @property
    def repeats(self):
        """The number of repeated requests."""
        with self._lock:
            seen = [(request.method, request.target) for request in self.requests]
        return len(seen) - len(set(seen))

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        try:
            server = socket.create_connection(("127.0.0.1", self.target))
        except ConnectionRefusedError:
            # The test has stopped the server.
            client.close()
            return
        for each in (client, server):
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self._sockets |= {client, server}
        try:
            self._exchange(client, server)
        except (OSError, EOFError):
            pass
        finally:
            with self._lock:
                self._sockets -= {client, server}
            client.close()
            server.close()

    def _exchange(self, client, server):
        from_client, from_server = Reader(client), Reader(server)
        count = 0
        while True:
            head, body = from_client.message()
            method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ", 2)
            request = Request(method, target, count > 0)
            count += 1
            with self._lock:
                self.requests.append(request)
            fate = self.fate(request)
            server.sendall(head + body)
            if fate == "lose waiting":
                let_time_pass(0.05)  # There is no sign that the server has read it.
                reset(client)
                from_server.message()
                return
            wait_for_answer(client, server)
            head, body = from_server.message()
            if fate == "lose answer":
                return reset(client)
            client.sendall(head + body)


def wait_for_answer(client, server):
    """Waits until the server sends something. If the client disconnects first, closes the connection to the server."""
    while True:
        readable, _, _ = select.select([client, server], [], [])
        if server in readable:
            return
        if not client.recv(1, socket.MSG_PEEK):
            raise EOFError


class Reader:
    """Reads messages from a socket, with or without a Content-Length."""

    def __init__(self, source):
        self.source = source
        self.buffer = b""

    def _more(self):
        data = self.source.recv(1 << 16)
        if not data:
            raise EOFError
        self.buffer += data

    def message(self):
        while b"\r\n\r\n" not in self.buffer:
            self._more()
        end = self.buffer.index(b"\r\n\r\n") + 4
        length = re.search(rb"\r\ncontent-length: *(\d+)", self.buffer[:end].lower())
        whole = end + (int(length[1]) if length else 0)
        while len(self.buffer) < whole:
            self._more()
        head, body = self.buffer[:end], self.buffer[end:whole]
        self.buffer = self.buffer[whole:]
        return head, body


def reset(connection):
    """Resets the connection instead of closing it normally."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
