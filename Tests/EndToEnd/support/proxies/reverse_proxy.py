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
            self._answer(backend, client, is_upgrade)

    def _answer(self, backend, client, is_upgrade):
        _pump(backend, client)


class UpgradeDelayingProxy(ReverseProxy):
    """Holds an upgrade at two points.

    It holds the WebSocket until `begin` is set, and then the noop that ends the client's poll until `complete` is set.
    The client waits for that noop before it sends the upgrade packet. `holds_noop` is set when the noop has arrived.
    """

    def __init__(self, port):
        self.begin, self.holds_noop, self.complete = threading.Event(), threading.Event(), threading.Event()
        super().__init__(port)

    def _forward(self, request, client, is_upgrade):
        if is_upgrade:
            self.begin.wait(HOLD_TIMEOUT)
        super()._forward(request, client, is_upgrade)

    def _answer(self, backend, client, is_upgrade):
        if not is_upgrade:
            # The answer is short, and the only one of its connection.
            answer = b"".join(iter(lambda: backend.recv(65536), b""))
            # The noop may follow other packets.
            if answer.endswith((b"\r\n\r\n6", b"\x1e6")):
                self.holds_noop.set()
                self.complete.wait(HOLD_TIMEOUT)
            client.sendall(answer)
        super()._answer(backend, client, is_upgrade)


def _pump(source, target):
    """Forwards bytes until the end, and then shuts down both sides."""
    with suppress(OSError):
        while received := source.recv(65536):
            target.sendall(received)
    for each in (source, target):
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
