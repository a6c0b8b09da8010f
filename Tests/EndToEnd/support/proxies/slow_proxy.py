"""A proxy whose link is slow in one direction, or stalls."""

import socket
import threading
import time


class SlowProxy:
    """Passes so many bytes in a second on to a server on this machine, with little memory for more. Answers are fast.

    - `rate`: the number of bytes; without one, everything is fast. It may be changed at any time.
    - `stalls_at`: the number of bytes after which nothing is read from a client any more.
    - `slows_answers`: true if the answers are slow instead.
    """

    STEP = 0.05

    def __init__(self, port, rate=None, stalls_at=None, slows_answers=False):
        self.server_port, self.rate, self.stalls_at, self.slows_answers = port, rate, stalls_at, slows_answers
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
            slow, fast = [client, server], [server, client]
            if self.slows_answers:
                slow, fast = fast, slow
            threading.Thread(target=self._pass, args=fast, daemon=True).start()
            threading.Thread(target=self._pass_slowly, args=slow, daemon=True).start()

    def _pass(self, source, target):
        try:
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    def _pass_slowly(self, source, target):
        passed = 0
        try:
            while self.stalls_at is None or passed < self.stalls_at:
                data = source.recv(int(self.rate * self.STEP) if self.rate else 65536)
                if not data:
                    target.shutdown(socket.SHUT_RDWR)
                    return
                target.sendall(data)
                passed += len(data)
                if self.rate and len(data) > 1000:
                    time.sleep(self.STEP)
        except OSError:
            return
