"""A proxy whose link to the server is slow, or stalls."""

import socket
import threading
import time


class SlowProxy:
    """Passes so many bytes in a second on to a server on this machine, with little memory for more. Answers are fast.

    - `stalls_at`: the number of bytes after which nothing is read from a client any more.
    """

    STEP = 0.05

    def __init__(self, port, rate, stalls_at=None):
        self.server_port, self.rate, self.stalls_at = port, rate, stalls_at
        self.socket = socket.socket()
        # Accepted connections have the same limit.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen()
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def _accept(self):
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.server_port))
            threading.Thread(target=self._pass, args=[server, client], daemon=True).start()
            threading.Thread(target=self._pass_slowly, args=[client, server], daemon=True).start()

    def _pass(self, source, target):
        try:
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    def _pass_slowly(self, client, server):
        passed = 0
        try:
            while self.stalls_at is None or passed < self.stalls_at:
                data = client.recv(int(self.rate * self.STEP))
                if not data:
                    server.shutdown(socket.SHUT_RDWR)
                    return
                server.sendall(data)
                passed += len(data)
                if len(data) > 1000:
                    time.sleep(self.STEP)
        except OSError:
            return
