"""A dashboard, and the clients that it is shown."""

import json

from packets import SocketIOWebSocket
from wire import Disconnected

ORIGIN = "https://dashboard.example"
PASSWORD = "the operator's password"


class Dashboard(SocketIOWebSocket):
    """A client of /admin, which keeps what it is shown by the name of the event.

    With recovery, an offset follows arguments whose last one is a text.
    """

    def __init__(self, port, address="203.0.113.1", origin=ORIGIN, **settings):
        headers = [("X-Forwarded-For", address)] + ([("Origin", origin)] if origin else [])
        super().__init__(port, headers=headers, **settings)
        self.shown = {}

    def log_in(self, **auth):
        """Sends CONNECT, and returns None or the text of the refusal."""
        self.send_text("40/admin," + json.dumps(auth))
        packet = self.receive_packet(timeout=30)
        if packet.startswith("44/admin,"):
            return json.loads(packet.removeprefix("44/admin,"))["message"]
        assert packet.startswith("40/admin,"), packet
        self.pid = json.loads(packet.removeprefix("40/admin,"))["pid"]
        return None

    def enter(self, name="ada", password=PASSWORD):
        assert self.log_in(username=name, password=password) is None
        return self

    def read_event(self):
        packet = self.receive_packet(timeout=10)
        if packet == "41/admin,":
            raise Disconnected("the server has ended the socket")
        assert packet.startswith("42/admin,["), packet
        name, *arguments = json.loads(packet.removeprefix("42/admin,"))
        self.shown.setdefault(name, []).append(arguments)

    def wait_for(self, name, condition=lambda *arguments: True):
        """The arguments of the first event of this name, come or to come, that meets the condition."""
        while True:
            for arguments in self.shown.get(name, []):
                if condition(*arguments):
                    return arguments
            self.read_event()

    def sockets(self):
        return self.wait_for("all_sockets")[0]

    def wait_for_workers(self, server):
        """Waits until every worker has been asked for its numbers: from then on each tells its changes."""
        workers = set(getattr(server, "worker_pids", lambda: [server.pid])())
        told = set()
        self.wait_for("server_stats", lambda stats: told.add(stats["pid"]) or told >= workers)

    def act(self, *arguments):
        self.send_text("42/admin," + json.dumps(arguments))


def client(port, address="198.51.100.7", headers=(), **auth):
    client = SocketIOWebSocket(port, headers=[("X-Forwarded-For", address), *headers])
    client.id = client.connect_namespace(auth=auth or None)["sid"]
    return client
