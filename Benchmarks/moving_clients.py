"""Clients whose host dies: what it costs to resume their sessions at another host, or at the same one after a restart.

The sessions are in Redis, beside the stream of events. All clients of a run are in one thread, so their own work is
part of each time; the CPU is that of the server alone.
"""

import asyncio
import json
import os
import time

CLIENTS = 2000
EVENTS = 5
AT_ONCE = 200
DEADLINE = 60

HANDSHAKE = (
    "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
    "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n").encode()


class MovingClient:
    """A client over WebSocket that remembers its session and the offset of its last event."""

    def __init__(self):
        self.sid = self.secret = self.offset = None
        self.reader = self.writer = None

    async def connect(self, port, resumes):
        """Connects. True if the client got its session back."""
        auth = {"pid": self.secret, "offset": self.offset} if resumes else {}
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", port)
        self.writer.write(HANDSHAKE)
        await self.reader.readuntil(b"\r\n\r\n")
        self.send("40" + json.dumps(auth))
        while not (text := await self.read()).startswith("40{"):
            pass
        answer = json.loads(text[2:])
        is_back = answer["sid"] == self.sid
        self.sid, self.secret = answer["sid"], answer["pid"]
        return is_back

    def send(self, text):
        payload = text.encode()
        assert len(payload) < 126
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
        self.writer.write(bytes((0x81, 0x80 | len(payload))) + mask + masked)

    async def read(self):
        """The next packet that is no ping."""
        while True:
            head = await self.reader.readexactly(2)
            length = head[1]
            if length == 126:
                length = int.from_bytes(await self.reader.readexactly(2), "big")
            text = (await self.reader.readexactly(length)).decode()
            if text != "2":
                return text
            self.send("3")

    async def read_events(self, count, name):
        """The arguments of so many events with this name."""
        found = []
        while len(found) < count:
            text = await self.read()
            if text.startswith(f'42["{name}"'):
                _, *arguments, self.offset = json.loads(text[2:])
                found += arguments
        return found

    def close(self):
        if self.writer:
            self.writer.transport.abort()


async def for_each(clients, work):
    """Carries out the work for each client, for some of them at once. Returns the results."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def guarded(client):
        async with gate:
            return await asyncio.wait_for(work(client), DEADLINE)

    return await asyncio.gather(*map(guarded, clients))


async def join(host, emit, count_kept):
    """Clients that have one event, and whose sessions Redis keeps."""
    clients = [MovingClient() for _ in range(CLIENTS)]
    await for_each(clients, lambda client: client.connect(host.port, False))
    emit("first", [0])
    for client in clients:
        await client.read_events(1, "first")
    deadline = time.monotonic() + DEADLINE
    while count_kept() < CLIENTS:
        assert time.monotonic() < deadline, f"Redis keeps {count_kept()} sessions"
        await asyncio.sleep(0.1)
    return clients


async def come_back(clients, host, resumes):
    """Lets the clients connect to a host. Returns the seconds, the host's CPU of a client in µs, and how many got their
    sessions back with every event."""

    async def back(client):
        is_back = await client.connect(host.port, resumes)
        if is_back:
            assert await client.read_events(EVENTS, "missed") == list(range(EVENTS))
        return is_back

    before, began_at = host.cpu(), time.monotonic()
    recovered = sum(await for_each(clients, back))
    elapsed = time.monotonic() - began_at
    return elapsed, (host.cpu() - before) / len(clients) * 1e6, recovered
