"""A proxy that keeps back what the server sends, and can end all connections."""

import socket
import threading


class HoldingProxy:
    """Passes everything on to a server on this machine. After `hold()`, nothing of the server reaches the clients.

    `cut()` ends all connections, and lets later ones pass.
    """

    def __init__(self, port):
        self.server_port = port
        self._passes = threading.Event()
        self._passes.set()
        self._sockets = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._listener.close()
        self.cut()

    def hold(self):
        self._passes.clear()

    def cut(self):
        sockets, self._sockets = self._sockets, []
        for each in sockets:
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self._passes.set()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.server_port))
            self._sockets += [client, server]
            threading.Thread(target=self._pass, args=[client, server], daemon=True).start()
            threading.Thread(target=self._pass, args=[server, client, self._passes], daemon=True).start()

    def _pass(self, source, target, gate=None):
        try:
            while data := source.recv(65536):
                if gate:
                    gate.wait()
                target.sendall(data)
            target.shutdown(socket.SHUT_RDWR)
        except OSError:
            return
