"""Thousands of WebSocket clients in one process: only what resuming a session needs, so that they cost little."""

import asyncio
import json
import os
import random
import struct
import time

#: As in the official client: 1 s, with a random half more or less.
BACKOFF = (0.5, 1.5)


class CrowdClient:
    """Connects, answers pings, keeps pid and offset, and reconnects with them when the connection ends."""

    def __init__(self, port):
        self.port = port
        self.pid = None
        self.offset = None
        self.rows = []
        self.recoveries = 0
        self.refusals = 0
        self.close_codes = []
        #: The time from the end of each connection to the next session.
        self.gaps = []
        #: The times at which it reconnected.
        self.reconnects = []
        self.is_leaving = False
        self.joined = asyncio.Event()
        self._writer = None

    async def run(self):
        lost_at = None
        while not self.is_leaving:
            try:
                await self._connect()
                if lost_at is not None:
                    self.gaps.append(time.monotonic() - lost_at)
                    self.reconnects.append(time.monotonic())
                await self._read()
            except (OSError, asyncio.IncompleteReadError, EOFError):
                pass
            finally:
                self.joined.clear()
                if self._writer is not None:
                    self._writer.close()
                    self._writer = None
            lost_at = time.monotonic()
            if not self.is_leaving:
                await asyncio.sleep(random.uniform(*BACKOFF))

    async def _connect(self):
        self.reader, self._writer = await asyncio.open_connection("127.0.0.1", self.port)
        request = (
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n"
            f"Host: localhost:{self.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        self._writer.write(request.encode())
        head = await self.reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 101 "):
            self.refusals += 1
            raise EOFError(head)
        auth = {} if self.pid is None else {"pid": self.pid, **({"offset": self.offset} if self.offset else {})}
        self.send("40" + json.dumps(auth))
        while (packet := await self._packet()) is None or not packet.startswith("40"):
            pass
        answer = json.loads(packet[2:])
        self.recoveries += answer["pid"] == self.pid
        self.pid = answer["pid"]
        self.joined.set()

    async def _read(self):
        while True:
            packet = await self._packet()
            if packet and packet.startswith("42"):
                name, text, identifier, *rest = json.loads(packet[2:])
                assert name == "chat message"
                self.rows.append((identifier, text))
                if rest:
                    self.offset = rest[-1]

    async def _packet(self):
        """The next message; None for a ping, which it answers."""
        first, size = await self.reader.readexactly(2)
        if size == 126:
            (size,) = struct.unpack("!H", await self.reader.readexactly(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", await self.reader.readexactly(8))
        payload = await self.reader.readexactly(size)
        if first & 0xF == 8:
            self.close_codes.append(struct.unpack("!H", payload[:2])[0] if len(payload) >= 2 else None)
            raise EOFError
        text = payload.decode()
        if text == "2":
            self.send("3")
            return None
        return text

    def send(self, text):
        data = text.encode()
        mask = os.urandom(4)
        head = bytes([0x81]) + (
            bytes([0x80 | len(data)]) if len(data) < 126 else bytes([0x80 | 126]) + struct.pack("!H", len(data))
        )
        self._writer.write(head + mask + bytes(byte ^ mask[index % 4] for index, byte in enumerate(data)))

    def leave(self):
        self.is_leaving = True
        if self._writer is not None:
            self._writer.transport.abort()


async def gather_crowd(port, count, at_once=100):
    """Connects `count` clients. Returns them with their tasks."""
    clients = [CrowdClient(port) for _ in range(count)]
    tasks = []
    for start in range(0, count, at_once):
        batch = clients[start : start + at_once]
        tasks += [asyncio.create_task(client.run()) for client in batch]
        await asyncio.wait_for(asyncio.gather(*(client.joined.wait() for client in batch)), 60)
    return clients, tasks


async def dismiss(clients, tasks):
    for client in clients:
        client.leave()
    await asyncio.wait(tasks, timeout=10)
