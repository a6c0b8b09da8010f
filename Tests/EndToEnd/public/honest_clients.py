"""Honest clients of a public chat: each has an address and a user of its own, sends a message from time to time, and
checks what it receives."""

import array
import asyncio
import contextlib
import json
import time

import aiohttp

#: What the texts of honest clients begin with, before a number of their own.
HONEST = "honest message "


class HonestClient:
    """Behaves like the official client with `retries`: it sends each message until it is acknowledged, under one name,
    and comes back after a disconnection.
    """

    def __init__(self, number, url, token):
        self.number = number
        self.url = url
        self.token = token
        self.headers = {"X-Forwarded-For": f"10.1.{number // 250}.{number % 250 + 1}"}
        #: The numbers of the messages that were acknowledged, and the seconds that each one took.
        self.acknowledged = []
        self.latencies = []
        #: The numbers of the received messages of honest clients. An hour has millions for all clients together.
        self.heard = array.array("L")
        #: The id of the last received message, and the pairs of ids that were not in order.
        self.offset = 0
        self.disorder = []
        self.disconnections = 0
        self.is_connected = asyncio.Event()
        self._acks = {}
        self._next_ack = 0
        self._socket = None

    async def run(self, session):
        """Stays connected until the task is cancelled."""
        while True:
            with contextlib.suppress(aiohttp.ClientError, ConnectionError):
                await self._connection(session)
            self.is_connected.clear()
            self.disconnections += 1
            await asyncio.sleep(0.5)

    async def _connection(self, session):
        target = f"{self.url}/socket.io/?EIO=4&transport=websocket"
        async with session.ws_connect(target, headers=self.headers, max_msg_size=0) as socket:
            self._socket = socket
            async for message in socket:
                await self._receive(message.data)

    async def _receive(self, packet):
        if packet.startswith("0"):
            auth = {"token": self.token, "serverOffset": self.offset}
            await self._socket.send_str("40" + json.dumps(auth))
        elif packet == "2":
            await self._socket.send_str("3")
        elif packet.startswith("40"):
            self.is_connected.set()
        elif packet.startswith("43"):
            number = int(packet[2:packet.index("[")])
            if waiting := self._acks.pop(number, None):
                waiting.set_result(packet[packet.index("["):])
        elif packet.startswith("42"):
            name, text, identifier, *_ = json.loads(packet[2:])
            assert name == "chat message", packet
            if identifier <= self.offset:
                self.disorder.append((self.offset, identifier))
            self.offset = identifier
            if text.startswith(HONEST):
                self.heard.append(int(text.removeprefix(HONEST)))

    async def say(self, message):
        """Sends the message of this number until it is acknowledged."""
        begin = time.monotonic()
        text = f"{HONEST}{message}"
        while True:
            await self.is_connected.wait()
            number = self._next_ack
            self._next_ack += 1
            answer = self._acks[number] = asyncio.get_running_loop().create_future()
            packet = f"42{number}" + json.dumps(["chat message", text, text])
            with contextlib.suppress(ConnectionError, asyncio.TimeoutError):
                await self._socket.send_str(packet)
                assert await asyncio.wait_for(answer, 10) == "[]"
                break
        self.acknowledged.append(message)
        self.latencies.append(time.monotonic() - begin)


class Crowd:
    """Honest clients that talk in turns, with a rate for all together."""

    def __init__(self, url, tokens):
        self.clients = [HonestClient(number, url, token) for number, token in enumerate(tokens)]
        self._tasks = []
        self._said = 0

    async def __aenter__(self):
        connector = aiohttp.TCPConnector(limit=0)
        self._session = aiohttp.ClientSession(connector=connector)
        for client in self.clients:
            self._tasks.append(asyncio.create_task(client.run(self._session)))
        for client in self.clients:
            await asyncio.wait_for(client.is_connected.wait(), 30)
        return self

    async def __aexit__(self, *_):
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._session.close()

    async def talk(self, seconds, rate):
        """Lets the clients send `rate` messages a second in all. Returns the latencies of their acknowledgements."""
        before = [len(client.latencies) for client in self.clients]
        begin = time.monotonic()
        sending = []
        for index in range(int(seconds * rate)):
            await asyncio.sleep(max(0, begin + index / rate - time.monotonic()))
            client = self.clients[self._said % len(self.clients)]
            sending.append(asyncio.create_task(client.say(self._said)))
            self._said += 1
        await asyncio.gather(*sending)
        return [
            latency for client, count in zip(self.clients, before) for latency in client.latencies[count:]]

    @property
    def acknowledged(self):
        """The numbers of the acknowledged messages."""
        return {message for client in self.clients for message in client.acknowledged}

    async def wait_for_all(self, timeout=30):
        """Waits until every client has every acknowledged message."""
        deadline = time.monotonic() + timeout
        while missing := self._missing():
            assert time.monotonic() < deadline, f"clients lack messages: {missing[:5]}"
            await asyncio.sleep(0.2)

    def _missing(self):
        acknowledged = self.acknowledged
        missing = ((client, acknowledged.difference(client.heard)) for client in self.clients)
        return [(client.number, sorted(messages)[:3]) for client, messages in missing if messages]
