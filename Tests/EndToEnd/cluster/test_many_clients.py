"""A thousand clients on one port, through replacements, kills and a storm of reconnects."""

import asyncio
import os
import signal
import time

import aiohttp
import processes
import pytest
import socketio
from waiting import wait_until_async

pytestmark = pytest.mark.timeout(300)
CLIENTS = 1000
SENDERS = 8


class Client:
    """An official Python client that asks for the messages after its last one whenever it connects."""

    def __init__(self, number, port, session):
        self.number = number
        self.url = f"http://127.0.0.1:{port}"
        self.transport = "websocket" if number % 2 else "polling"
        self.rows = []
        self.lost_at = None
        self.longest_gap = 0.0
        self.connects = 0
        self.client = socketio.AsyncClient(
            reconnection_delay=0.5, reconnection_delay_max=1, handle_sigint=False, http_session=session
        )
        self.client.on("connect", self._connected)
        self.client.on("disconnect", self._disconnected)
        self.client.on("chat message", self._row)

    async def connect(self):
        await self.client.connect(self.url, transports=[self.transport], auth=self._auth, wait_timeout=30)

    def _auth(self):
        return {"serverOffset": self.rows[-1][0] if self.rows else 0}

    async def _connected(self):
        self.connects += 1
        if self.lost_at is not None:
            self.longest_gap = max(self.longest_gap, time.monotonic() - self.lost_at)
            self.lost_at = None

    async def _disconnected(self, *_):
        if self.lost_at is None:
            self.lost_at = time.monotonic()

    async def _row(self, text, identifier, *_):
        self.rows.append((identifier, text))

    async def say_until_acked(self, text, offset):
        while True:
            try:
                return await self.client.call("chat message", (text, offset), timeout=2)
            except (socketio.exceptions.TimeoutError, socketio.exceptions.BadNamespaceError):
                await asyncio.sleep(0.05)


class Run:
    def __init__(self, server):
        self.server = server
        self.sent = []
        self.is_done = False

    async def send(self, client):
        count = 0
        while not self.is_done:
            count += 1
            text = f"{client.number}-{count}"
            await client.say_until_acked(text, f"name-{text}")
            self.sent.append(text)
            await asyncio.sleep(0.2)

    async def replace_workers(self):
        count = self.server.stderr_text().count("every worker is replaced")
        self.server.send_signal(signal.SIGHUP)
        await wait_until_async(
            lambda: self.server.stderr_text().count("every worker is replaced") > count, 90)

    async def kill_workers(self, slots):
        pids = [self.server.worker_pid(slot) for slot in slots]
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        await wait_until_async(lambda: all(self.server.worker_pid(slot) not in (None, *pids) for slot in slots), 90)


async def chat(server):
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        clients = [Client(number, server.port, session) for number in range(CLIENTS)]
        for start in range(0, CLIENTS, 50):
            await asyncio.gather(*(client.connect() for client in clients[start : start + 50]))
        run = Run(server)
        senders = [asyncio.create_task(run.send(client)) for client in clients[:SENDERS]]
        await asyncio.sleep(1)
        await run.replace_workers()
        await run.kill_workers([0])
        await run.kill_workers([0, 1])
        run.is_done = True
        await asyncio.gather(*senders)
        await wait_until_async(lambda: all(client.client.connected for client in clients), 90)
        await wait_until_async(lambda: all(len(client.rows) >= len(run.sent) for client in clients), 90)
        # One more, behind which a doubled message would be seen.
        await clients[0].say_until_acked("last", "name-last")
        run.sent.append("last")
        await wait_until_async(lambda: all(client.rows[-1][1] == "last" for client in clients), 90)
        for client in clients:
            await client.client.shutdown()
        return run.sent, clients


def test_a_thousand_clients_lose_nothing(tmp_path, record_property):
    server = processes.Supervisor(tmp_path, 2, "--ports", "shared", "--drain-timeout", "4000")
    try:
        sent, clients = asyncio.run(chat(server))
    finally:
        server.end()
    assert len(sent) >= 2 * SENDERS
    for client in clients:
        assert client.rows == clients[0].rows, f"client {client.number} has another list"
    assert sorted(text for _, text in clients[0].rows) == sorted(sent)
    gaps = sorted(client.longest_gap for client in clients)
    report = f"longest time without a connection: {gaps[-1]:.2f} s, median {gaps[len(gaps) // 2]:.2f} s"
    record_property("report", report)
    print(report)
    assert gaps[-1] < 20
