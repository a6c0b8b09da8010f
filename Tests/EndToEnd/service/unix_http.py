"""HTTP over Unix domain sockets."""

import http.client
import socket


class UnixConnection(http.client.HTTPConnection):
    """`path` may be `@` and a name in the abstract namespace."""

    def __init__(self, path, timeout=10.0):
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self):
        self.sock = connect(self._path, self.timeout)


def connect(path, timeout=10.0):
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.settimeout(timeout)
    try:
        client.connect("\0" + path[1:] if path.startswith("@") else str(path))
    except OSError:
        client.close()
        raise
    return client


def get(path, target="/", headers=()):
    """The status and the body of an answer."""
    connection = UnixConnection(path)
    try:
        connection.request("GET", target, headers=dict(headers))
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()
