"""Thirty attackers of ten kinds at once, each from an address of its own.

    attackers.py PORT KEY

They attack until standard input ends, and print what they have done as JSON.
"""

import asyncio
import collections
import contextlib
import itertools
import json
import logging
import os
import sys

import aiohttp

from tokens import token

SOCKET = "/socket.io/?EIO=4&transport=websocket"
POLLING = "/socket.io/?EIO=4&transport=polling"
#: The errors by which a server ends an attack.
ENDED = (aiohttp.ClientError, ConnectionError, OSError, asyncio.TimeoutError, EOFError)

done = collections.Counter()


class Attacker:
    def __init__(self, kind, number, port, key):
        self.kind = kind
        self.number = number
        self.name = f"{kind} {number}"
        self.port = port
        self.key = key
        self.url = f"http://127.0.0.1:{port}"
        self.address = f"10.66.{KINDS.index(kind)}.{number + 1}"
        self.token = token(self.name, key)

    async def run(self, session):
        """Attacks again and again."""
        while True:
            try:
                await getattr(self, self.kind)(session)
            except ENDED:
                done[f"{self.kind} ended"] += 1
            await asyncio.sleep(0.2)

    # The parts of an attack.

    def socket(self, session, **headers):
        return session.ws_connect(
            self.url + SOCKET, headers={"X-Forwarded-For": self.address, **headers}, max_msg_size=0, autoping=False)

    async def enter(self, socket, proof=None, **wishes):
        """Connects to the main namespace, and returns the server's answer."""
        await socket.receive_str(timeout=20)
        await socket.send_str("40" + json.dumps({"token": proof or self.token, **(wishes or {"latest": 0})}))
        return await socket.receive_str(timeout=20)

    async def raw(self, text):
        """A connection with an unfinished request."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(text)
        return reader, writer

    # The ten kinds.

    async def flood(self, session):
        """Sends messages as fast as the server reads them."""
        async with self.socket(session) as socket:
            await self.enter(socket)
            reading = asyncio.create_task(self.read(socket))
            try:
                for index in itertools.count():
                    if socket.closed or reading.done():
                        done["flood ended"] += 1
                        break
                    await socket.send_str("42" + json.dumps(["chat message", f"{self.name} {index} " + "x" * 200]))
                    done["flood messages"] += 1
            finally:
                reading.cancel()

    async def read(self, socket):
        async for message in socket:
            if message.data == "2":
                await socket.send_str("3")

    async def deaf(self, session):
        """Asks for much and reads nothing."""
        _, writer = await self.raw(
            f"GET {SOCKET} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
            f"X-Forwarded-For: {self.address}\r\n\r\n".encode())
        writer.write(frame("40" + json.dumps({"token": self.token})))
        requests = 100 * frame('420["chat history",{"before":null,"limit":200}]')
        for _ in range(10_000):
            writer.write(requests)
            await asyncio.wait_for(writer.drain(), 10)
            done["deaf requests"] += 100
            await asyncio.sleep(0.01)

    async def slowloris(self, session):
        """Sends headers that never end, on many connections."""
        connections = []
        try:
            for _ in range(100):
                connections.append(await self.raw(f"GET / HTTP/1.1\r\nX-Forwarded-For: {self.address}\r\n".encode()))
            for index in range(100):
                for _, writer in connections:
                    writer.write(f"X-{index}: y\r\n".encode())
                done["slowloris headers"] += 1
                await asyncio.sleep(1)
        finally:
            for _, writer in connections:
                writer.close()

    async def handshakes(self, session):
        """Opens sessions and leaves them."""
        while True:
            async with session.get(self.url + POLLING, headers={"X-Forwarded-For": self.address}) as response:
                await response.read()
                done[f"handshakes {response.status}"] += 1

    async def history(self, session):
        """Reads the history again and again. One asks for pages, and the others connect as if they had nothing."""
        if self.number > 0:
            async with self.socket(session) as socket:
                await self.enter(socket, serverOffset=0)
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(self.read(socket), 1)
                done["history readings"] += 1
                return
        async with self.socket(session) as socket:
            await self.enter(socket)
            while True:
                await socket.send_str('420["chat history",{"before":null,"limit":200}]')
                while not (text := await socket.receive_str(timeout=60)).startswith("430"):
                    if text == "2":
                        await socket.send_str("3")
                done["history pages"] += 1

    async def auth(self, session):
        """Connects with large proofs."""
        async with self.socket(session) as socket:
            done["auth answers " + (await self.enter(socket, "x" * 900_000))[:2]] += 1

    async def forged(self, session):
        """Connects with tokens that the site has not signed."""
        proofs = [
            token("root", "another key of many bytes for signing"), token("root", "", {"alg": "none"}),
            token("root", self.key, exp=1), self.token[:-2] + "AA", "e30.e30."]
        for proof in proofs:
            async with self.socket(session) as socket:
                answer = await self.enter(socket, proof)
                done["forged refused" if answer.startswith("44") else "forged ENTERED"] += 1

    async def page(self, session):
        """Connects as a page of another origin."""
        try:
            async with self.socket(session, Origin="https://evil.example"):
                done["page ENTERED"] += 1
        except aiohttp.WSServerHandshakeError as error:
            done[f"page {error.status}"] += 1

    async def evader(self, session):
        """Comes back under further names when it is sent away."""
        for attempt in itertools.count():
            proof = self.token if attempt == 0 else token(f"{self.name} again {attempt}", self.key)
            try:
                async with self.socket(session) as socket:
                    answer = await self.enter(socket, proof)
                    done["evader entered" if answer.startswith("40") else "evader refused"] += 1
                    async for message in socket:
                        if message.data == "2":
                            await socket.send_str("3")
            except aiohttp.WSServerHandshakeError as error:
                done[f"evader {error.status}"] += 1
            await asyncio.sleep(0.5)

    async def hog(self, session):
        """Keeps connections open and does nothing with them."""
        request = f"GET {POLLING} HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {self.address}\r\n\r\n".encode()
        connections = []
        try:
            for _ in range(400):
                connections.append(await self.raw(request))
                done["hog connections"] += 1
            await asyncio.sleep(30)
        finally:
            for _, writer in connections:
                writer.close()


def frame(text):
    """A client's frame with a zero key."""
    data = text.encode()
    length = bytes([0x80 | len(data)]) if len(data) < 126 else bytes([0x80 | 126]) + len(data).to_bytes(2, "big")
    return b"\x81" + length + b"\0\0\0\0" + data


KINDS = ["flood", "deaf", "slowloris", "handshakes", "history", "auth", "forged", "page", "evader", "hog"]


async def attack(port, key):
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        attackers = [Attacker(kind, number, port, key) for kind in KINDS for number in range(3)]
        attacks = asyncio.gather(*(attacker.run(session) for attacker in attackers))
        end = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        # A mistake in an attacker ends this program.
        await asyncio.wait([attacks, end], return_when=asyncio.FIRST_COMPLETED)
        if attacks.done():
            attacks.result()
        print(json.dumps(done), flush=True)
        # The kernel ends the connections.
        os._exit(0)


if __name__ == "__main__":
    # A write to a connection that the server has ended is part of the attack.
    logging.disable(logging.WARNING)
    asyncio.run(attack(int(sys.argv[1]), sys.argv[2]))
