"""A thousand clients on one port, through replacements, kills and a storm of reconnects."""

import asyncio
import os
import signal
import time
from statistics import median

import aiohttp
import processes
import pytest
import socketio
from official_crowd import TABS, TRANSPORTS, bundle, official_crowd
from waiting import wait_until_async

pytestmark = pytest.mark.timeout(300)
CLIENTS = 1000
JAVASCRIPT_CLIENTS = TABS * len(TRANSPORTS)
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

    async def send_with(self, official):
        count = 0
        while not self.is_done:
            count += 1
            await official.send(f"javascript-{count}")
            self.sent.append(f"javascript-{count}")
            await asyncio.sleep(0.2)

    def has_enough(self):
        """Whether enough was sent by clients of both languages; this process may need long for its thousand clients."""
        return len(self.sent) >= 2 * SENDERS and any(text.startswith("javascript-") for text in self.sent)

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
    """The messages that were sent, each client's rows, and their longest times without a connection in seconds."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session, official_crowd(server.port) as official:
        clients = [Client(number, server.port, session) for number in range(CLIENTS - JAVASCRIPT_CLIENTS)]
        for start in range(0, len(clients), 50):
            await asyncio.gather(*(client.connect() for client in clients[start : start + 50]))
        run = Run(server)
        senders = [asyncio.create_task(run.send(client)) for client in clients[:SENDERS]]
        senders.append(asyncio.create_task(run.send_with(official)))
        await asyncio.sleep(1)
        await run.replace_workers()
        await run.kill_workers([0])
        await run.kill_workers([0, 1])
        await wait_until_async(run.has_enough, 90)
        run.is_done = True
        await asyncio.gather(*senders)
        await wait_until_async(lambda: all(client.client.connected for client in clients), 90)
        await wait_until_async(lambda: all(len(client.rows) >= len(run.sent) for client in clients), 90)
        # One more, behind which a doubled message would be seen.
        await clients[0].say_until_acked("last", "name-last")
        run.sent.append("last")
        await wait_until_async(lambda: all(client.rows[-1][1] == "last" for client in clients), 90)
        reports = await wait_for_last(official)
        for client in clients:
            await client.client.shutdown()
        rows = [client.rows for client in clients]
        rows += [[tuple(row) for row in report["rows"]] for report in reports]
        return run.sent, rows, {
            "Python": [client.longest_gap for client in clients],
            "JavaScript": [report["longestGap"] / 1000 for report in reports],
        }


async def wait_for_last(official):
    """The reports of the JavaScript clients, as soon as all have the last message."""
    deadline = time.monotonic() + 90
    while True:
        reports = await official.report()
        if all(report["rows"] and report["rows"][-1][1] == "last" for report in reports):
            assert all(report["connected"] for report in reports) and len(reports) == JAVASCRIPT_CLIENTS
            return reports
        assert time.monotonic() < deadline, reports
        await asyncio.sleep(0.1)


def test_a_thousand_clients_lose_nothing(tmp_path, record_property):
    options = ["--ports", "shared", "--drain-timeout", "4000", "--client-bundle", bundle(tmp_path / "bundle")]
    server = processes.Supervisor(tmp_path, 2, *options)
    try:
        sent, rows, gaps = asyncio.run(chat(server))
    finally:
        server.end()
    assert len(rows) == CLIENTS
    for number, received in enumerate(rows):
        assert received == rows[0], f"client {number} has another list"
    assert sorted(text for _, text in rows[0]) == sorted(sent)
    for language, times in gaps.items():
        report = f"{language}: without a connection for {max(times):.2f} s at most, {median(times):.2f} s in the median"
        record_property(language, report)
        print(report)
        assert max(times) < 20
