"""Official JavaScript clients, many in each tab of a Chromium."""

import os
import shutil
from contextlib import asynccontextmanager

from playwright.async_api import async_playwright
from tabs import CHROMIUM

TABS = 4
#: The transports of each tab's clients. Chromium opens at most six connections for polling to a server.
TRANSPORTS = [["polling"]] * 2 + [["websocket"]] * 4 + [["polling", "websocket"]] * 4

CONNECT = """async (lists) => {
    window.crowd = lists.map((transports) => {
        const client = { rows: [], lostAt: null, longestGap: 0 };
        client.socket = io({
            forceNew: true,
            transports,
            auth: (done) => done({ serverOffset: client.rows.at(-1)?.[0] ?? 0 }),
            ackTimeout: 2000,
            retries: 1000,
        });
        client.socket.on("connect", () => {
            if (client.lostAt !== null) {
                client.longestGap = Math.max(client.longestGap, performance.now() - client.lostAt);
            }
            client.lostAt = null;
        });
        client.socket.on("disconnect", () => { client.lostAt ??= performance.now(); });
        client.socket.on("chat message", (text, identifier) => client.rows.push([identifier, text]));
        return client;
    });
    while (!crowd.every(({ socket }) => socket.connected)) await new Promise((resume) => setTimeout(resume, 20));
}"""

SEND = """async ([index, text]) => { await crowd[index].socket.emitWithAck("chat message", text, `name-${text}`); }"""
REPORT = "() => crowd.map(({ rows, longestGap, socket }) => ({ rows, longestGap, connected: socket.connected }))"


def bundle(directory):
    """A directory for `--client-bundle` with the official client."""
    directory.mkdir()
    shutil.copy(os.environ["OFFICIAL_CLIENT"], directory / "socket.io.min.js")
    return directory


class OfficialCrowd:
    def __init__(self, pages):
        self._pages = pages

    async def send(self, text):
        """Sends a message from the first client of the first tab, which repeats it until it is acknowledged."""
        await self._pages[0].evaluate(SEND, [0, text])

    async def report(self):
        """For each client `rows`, `longestGap` in ms and `connected`."""
        return [client for page in self._pages for client in await page.evaluate(REPORT)]


@asynccontextmanager
async def official_crowd(port):
    """Connects the clients to a server that has the client's bundle."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        pages = []
        for _ in range(TABS):
            # Each context has its own connections.
            page = await (await browser.new_context()).new_page()
            await page.goto(f"http://127.0.0.1:{port}/")
            await page.evaluate(CONNECT, TRANSPORTS)
            pages.append(page)
        yield OfficialCrowd(pages)
        await browser.close()
