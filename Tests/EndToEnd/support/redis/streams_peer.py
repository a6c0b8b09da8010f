"""A node that speaks the bytes of the official Redis Streams adapter 0.3."""

import base64
import json
import time

import msgpack


class StreamsPeer:
    """A node that is not chatd. It reads the stream, and is subscribed to the channels of questions and answers."""

    def __init__(self, server, prefix, namespace="/", uid="0123456789abcdef"):
        self.redis = server.client()
        self.prefix, self.namespace, self.uid = prefix, namespace, uid
        self.last = self._last_id()
        self.subscription = self.redis.pubsub()
        self.subscription.subscribe(self.channel(""), self.channel(f"{uid}#"))
        for _ in range(2):
            self.subscription.get_message(timeout=5)

    def _last_id(self):
        entries = self.redis.xrevrange(self.prefix, count=1)
        return entries[0][0].decode() if entries else "0-0"

    def channel(self, end):
        return f"{self.prefix}#{self.namespace}#{end}"

    def add(self, kind, uid=None, is_packed=False, **data):
        """Adds an entry. Returns its id."""
        text = base64.b64encode(msgpack.packb(data)) if is_packed else json.dumps(data)
        fields = {"uid": uid or self.uid, "nsp": self.namespace, "type": str(kind), "data": text}
        return self.redis.xadd(self.prefix, fields, maxlen=10_000).decode()

    def broadcast(self, *data, rooms=(), excepted=(), flags=None, uid=None, is_packed=False):
        options = {"rooms": list(rooms), "except": list(excepted), "flags": flags or {}}
        return self.add(3, uid, is_packed, packet={"type": 2, "data": list(data)}, opts=options)

    def entries(self, count):
        """The next entries of official forms, as dictionaries. Those between chatd hosts are left out."""
        found = []
        deadline = time.monotonic() + 10
        while len(found) < count:
            assert time.monotonic() < deadline, f"only {found}"
            for _, entries in self.redis.xread({self.prefix: self.last}, block=500) or []:
                for id, fields in entries:
                    self.last = id.decode()
                    entry = {name.decode(): value for name, value in fields.items()}
                    if entry["nsp"].startswith(b"/") and entry["uid"].decode() != self.uid:
                        found.append(self._decoded(entry))
        return found

    @staticmethod
    def _decoded(entry):
        data = entry.get("data", b"{}")
        packed = not data.startswith(b"{")
        return {
            "uid": entry["uid"].decode(), "nsp": entry["nsp"].decode(), "type": int(entry["type"]),
            "data": msgpack.unpackb(base64.b64decode(data)) if packed else json.loads(data)}

    def publish(self, kind, channel="", **data):
        message = {"uid": self.uid, "nsp": self.namespace, "type": kind, "data": data}
        return self.redis.publish(self.channel(channel), msgpack.packb(message))

    def answer(self, request, kind, **data):
        self.publish(kind, f"{request['uid']}#", requestId=request["data"]["requestId"], **data)

    def messages(self, count, channel=""):
        """The next published messages of other nodes."""
        found = []
        deadline = time.monotonic() + 10
        while len(found) < count:
            assert time.monotonic() < deadline, f"only {found}"
            message = self.subscription.get_message(timeout=1)
            if message and message["type"] == "message" and message["channel"].decode() == self.channel(channel):
                decoded = msgpack.unpackb(message["data"])
                if decoded["uid"] != self.uid:
                    found.append(decoded)
        return found

    def answers(self, count):
        return self.messages(count, f"{self.uid}#")

    def close(self):
        self.subscription.close()
        self.redis.close()
