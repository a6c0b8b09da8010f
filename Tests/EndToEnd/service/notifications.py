"""A service manager that receives the notifications of a service (sd_notify(3))."""

import socket
import time


class ServiceManager:
    """A datagram socket at a path, or at `@` and a name in the abstract namespace."""

    def __init__(self, address):
        self.address = str(address)
        self.messages = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("\0" + self.address[1:] if self.address.startswith("@") else self.address)

    @property
    def environment(self):
        return {"NOTIFY_SOCKET": self.address}

    def receive(self, timeout=10.0):
        """The next message as a dictionary."""
        self._socket.settimeout(timeout)
        lines = self._socket.recv(4096).decode().split("\n")
        message = dict(line.split("=", 1) for line in lines)
        self.messages.append(message)
        return message

    def wait_for(self, variable, timeout=10.0):
        """The next message with this variable. Keeps the others in `messages`."""
        deadline = time.monotonic() + timeout
        while True:
            message = self.receive(max(0.01, deadline - time.monotonic()))
            if variable in message:
                return message

    def close(self):
        self._socket.close()
