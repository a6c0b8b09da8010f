"""A small reverse proxy with common misconfigurations."""

import itertools
import re
import socket
import threading
from contextlib import suppress

HOLD_TIMEOUT = 30.0


class ReverseProxy:
    """Forwards requests below `prefix`, without the prefix, to the backends in turn, one request each.

    Without `websocket` it refuses upgrades.
    """

    def __init__(self, *ports, prefix="", websocket=True):
        self.prefix = prefix.encode()
        self.websocket = websocket
        self.requests = []
        self._ports = itertools.cycle(ports)
        self._sockets = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for each in [self._listener, *self._sockets]:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self):
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        """Forwards one request, and then all bytes of this connection."""
        self._sockets.add(client)
        with client, suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                received = client.recv(65536)
                if not received:
                    return
                head += received
            head, body = head.split(b"\r\n\r\n", 1)
            method, target, version, fields = re.fullmatch(rb"(\S+) (\S+) (\S+)\r\n(.*)", head, re.S).groups()
            self.requests.append(target.decode())
            is_upgrade = re.search(rb"(?mi)^upgrade:", fields) is not None
            if not target.startswith(self.prefix + b"/") or (is_upgrade and not self.websocket):
                client.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                return
            if not is_upgrade:
                fields = re.sub(rb"(?mi)^connection:[^\r\n]*", b"Connection: close", fields)
            target = target[len(self.prefix):]
            request = b"%s %s %s\r\n%s\r\n\r\n%s" % (method, target, version, fields, body)
            self._forward(request, client, is_upgrade)

    def _forward(self, request, client, is_upgrade):
        with socket.create_connection(("127.0.0.1", next(self._ports))) as backend:
            self._sockets.add(backend)
            backend.sendall(request)
            threading.Thread(target=_pump, args=(client, backend), daemon=True).start()
            self._answer(request, backend, client, is_upgrade)

    def _answer(self, request, backend, client, is_upgrade):
        _pump(backend, client)


class UpgradeDelayingProxy(ReverseProxy):
    """Holds an upgrade at two points.

    It holds the WebSocket until `begin` is set and a poll waits at the server. Then it holds the answer to that poll
    until `complete` is set. The client sends the upgrade packet only after this answer. The answer is a noop, or has
    packets that the server sent before the probe. `is_probed` is set when the server has answered the probe, and
    `holds_poll` when the answer to the poll has arrived.
    """

    def __init__(self, port):
        self.begin, self.complete = threading.Event(), threading.Event()
        self.is_probed, self.holds_poll = threading.Event(), threading.Event()
        self._polls = threading.Condition()
        self._waiting_polls, self._holds_answers = 0, False
        super().__init__(port)

    def _forward(self, request, client, is_upgrade):
        if is_upgrade:
            self.begin.wait(HOLD_TIMEOUT)
            with self._polls:
                self._polls.wait_for(lambda: self._waiting_polls > 0, HOLD_TIMEOUT)
                self._holds_answers = True
        elif self._is_poll(request):
            with self._polls:
                self._waiting_polls += 1
                self._polls.notify_all()
        super()._forward(request, client, is_upgrade)

    def _answer(self, request, backend, client, is_upgrade):
        if is_upgrade:
            # The answer to the probe is the first frame, and text that is not masked.
            start = b""
            while b"3probe" not in start and (received := backend.recv(65536)):
                client.sendall(received)
                start += received
            if b"3probe" in start:
                self.is_probed.set()
        elif self._is_poll(request):
            # The answer is the only one of its connection.
            answer = b"".join(iter(lambda: backend.recv(65536), b""))
            with self._polls:
                self._waiting_polls -= 1
                holds = self._holds_answers
            if holds:
                self.holds_poll.set()
                self.complete.wait(HOLD_TIMEOUT)
            client.sendall(answer)
        super()._answer(request, backend, client, is_upgrade)

    @staticmethod
    def _is_poll(request):
        return re.match(rb"GET \S+[?&]sid=", request) is not None


def _pump(source, target):
    """Forwards bytes until the end, and then shuts down both sides."""
    with suppress(OSError):
        while received := source.recv(65536):
            target.sendall(received)
    for each in (source, target):
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
