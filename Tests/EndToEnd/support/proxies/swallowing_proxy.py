"""A proxy that loses the messages of a broker, and passes its answers on."""

from holding_proxy import HoldingProxy


def redis_frames(data):
    """Splits what a Redis server has sent, with version 3 of its protocol.

    Returns the complete frames, each with True if it is a message of a subscription, and the rest.
    """
    frames, start = [], 0
    while (end := redis_end(data, start)) is not None:
        frame = data[start:end]
        frames.append((frame, frame[:1] == b">" and frame.split(b"\r\n")[2].endswith(b"message")))
        start = end
    return frames, data[start:]


def redis_end(data, start):
    """The end of the value that begins at `start`; None if it is incomplete."""
    line_end = data.find(b"\r\n", start)
    if line_end < 0:
        return None
    kind, number, end = data[start:start + 1], data[start + 1:line_end], line_end + 2
    if kind in b"$=!":
        end += max(0, int(number)) + 2 if int(number) >= 0 else 0
    elif kind in b"*>~%":
        for _ in range(int(number) * (2 if kind == b"%" else 1)):
            end = redis_end(data, end)
            if end is None:
                return None
    return end if end <= len(data) else None


def postgres_frames(data):
    """The same for a PostgreSQL server, whose messages of subscriptions are notifications."""
    frames, start = [], 0
    while start + 5 <= len(data):
        end = start + 1 + int.from_bytes(data[start + 1:start + 5], "big")
        if end > len(data):
            break
        frames.append((data[start:end], data[start:start + 1] == b"A"))
        start = end
    return frames, data[start:]


class SwallowingProxy(HoldingProxy):
    """Passes everything on to a server on this machine.

    After `swallow()`, the messages of subscriptions are lost on the connections that are open then; with a number, so
    many of them.

    - `split`: `redis_frames` or `postgres_frames`.
    """

    def __init__(self, port, split):
        self._split = split
        self._swallowing, self._left = set(), 0
        super().__init__(port)

    def swallow(self, count=1 << 30):
        self._left = count
        self._swallowing = set(self._sockets)

    def _loses(self, source):
        if source not in self._swallowing or self._left == 0:
            return False
        self._left -= 1
        return True

    def _pass(self, source, target, gate=None):
        if gate is None:
            return super()._pass(source, target)
        rest = b""
        try:
            while data := source.recv(65536):
                frames, rest = self._split(rest + data)
                kept = [frame for frame, is_message in frames if not (is_message and self._loses(source))]
                target.sendall(b"".join(kept))
            target.shutdown(2)
        except OSError:
            return
