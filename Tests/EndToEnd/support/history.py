"""A client of `chat history`."""

from packets import ChatClient, SocketIOWebSocket


class HistoryClient(ChatClient):
    """A chat client with any `auth` in its CONNECT, also as JSON, that can request history."""

    def __init__(self, port, auth):
        SocketIOWebSocket.__init__(self, port)
        self.rows = []
        self.acks = {}
        self._next_ack = 0
        if isinstance(auth, str):
            self.send_text("40" + auth)
            assert self.receive_packet().startswith("40{")
        else:
            self.connect_namespace(auth=auth)

    def ask(self, *arguments):
        ack = self._next_ack
        self._next_ack += 1
        self.emit("chat history", *arguments, ack=ack)
        return self.read_ack(ack)[0]

    def history(self, before=None, limit=200):
        return self.ask({"before": before, "limit": limit})
