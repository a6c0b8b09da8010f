"""A node that speaks the bytes of the official sharded Redis adapter."""

import json
import time

import msgpack


def room_channels(server, prefix):
    """The channels to which somebody is subscribed, without the prefix and those of namespaces and nodes."""
    with server.client() as admin:
        channels = admin.execute_command("PUBSUB", "SHARDCHANNELS", f"{prefix}#/#*")
    return {channel.decode().removeprefix(f"{prefix}#/#").removesuffix("#") for channel in channels} - {""}


class ShardedPeer:
    """A node that is not chatd. It is subscribed to the channel of all nodes and to that of its answers."""

    def __init__(self, server, prefix, namespace="/", uid="0123456789abcdef"):
        self.server, self.redis = server, server.client()
        self.prefix, self.namespace, self.uid = prefix, namespace, uid
        self.subscription = self.redis.pubsub()
        self.subscription.ssubscribe(self.channel(""), self.channel(f"{uid}#"))
        for _ in range(2):
            self.subscription.get_message(timeout=5)

    def channel(self, end):
        return f"{self.prefix}#{self.namespace}#{end}"

    def envelope(self, kind, uid=None, **data):
        return {"type": kind, "data": data, "uid": uid or self.uid, "nsp": self.namespace}

    def publish(self, payload, channel=""):
        """Returns the number of receivers."""
        return self.redis.execute_command("SPUBLISH", self.channel(channel), payload)

    def send(self, kind, uid=None, channel="", **data):
        return self.publish(json.dumps(self.envelope(kind, uid, **data)), channel)

    def broadcast(self, *data, rooms=(), excepted=(), flags=None, uid=None, channel=""):
        options = {"rooms": list(rooms), "except": list(excepted), "flags": flags or {}}
        return self.send(3, uid, channel, packet={"type": 2, "data": list(data)}, opts=options)

    def answer(self, request, kind, **data):
        """Answers a request of another node."""
        message = self.envelope(kind, requestId=request["data"]["requestId"], **data)
        is_binary = any(isinstance(value, bytes) for value in data.values())
        self.publish(msgpack.packb(message) if is_binary else json.dumps(message), f"{request['uid']}#")

    def messages(self, count):
        """The next messages of other nodes for all."""
        return self._receive(count, "")

    def answers(self, count):
        """The next answers to this node."""
        return self._receive(count, f"{self.uid}#")

    def _receive(self, count, channel):
        found = []
        deadline = time.monotonic() + 10
        while len(found) < count:
            assert time.monotonic() < deadline, f"only {found}"
            message = self.subscription.get_message(timeout=1)
            if not message or message["type"] != "smessage" or message["channel"].decode() != self.channel(channel):
                continue
            data = message["data"]
            decoded = json.loads(data) if data.startswith(b"{") else msgpack.unpackb(data)
            if decoded["uid"] != self.uid:
                found.append(decoded)
        return found

    def close(self):
        self.subscription.close()
        self.redis.close()
