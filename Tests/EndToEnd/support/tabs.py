"""The built-in page in tabs of Chromium, as fixtures."""

import os
import shutil

import pytest
from playwright.sync_api import expect, sync_playwright

from packets import ChatClient
from waiting import wait_until

CHROMIUM = "/usr/bin/chromium"

expect.set_options(timeout=15_000)


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(params=["our client", "the official client"])
def client_options(request, tmp_path):
    """The chatd options that select the browser client."""
    if request.param == "our client":
        return []
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    shutil.copy(os.environ["OFFICIAL_CLIENT"], bundle / "socket.io.min.js")
    return ["--client-bundle", bundle]


@pytest.fixture
def serve(start_chatd, client_options):
    """Starts chatd with the selected browser client."""
    return lambda *options, **settings: start_chatd(*client_options, *options, **settings)


class Tab:
    """A tab with the page. Its policy forbids `eval` and so playwright's wait_for_function, so waits poll here."""

    def __init__(self, page, port, path=""):
        self.page = page
        self.errors = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._console)
        page.goto(f"http://localhost:{port}/{path}")

    def _console(self, message):
        # The browser also reports that a test has stopped the server, and that a client which is sent away leaves while
        # it opens a WebSocket.
        expected = "net::ERR_", "WebSocket is closed before the connection is established"
        if message.type in ("error", "warning") and not any(words in message.text for words in expected):
            self.errors.append(message.text)

    def connected(self):
        expect(self.page.locator("#state")).to_have_attribute("data-state", "connected")
        return self

    def reconnecting(self):
        expect(self.page.locator("#state")).to_have_attribute("data-state", "connecting")

    def write(self, text):
        self.page.fill("#input", text)
        self.page.press("#input", "Enter")

    def evaluate(self, script):
        return self.page.evaluate(script)

    def wait(self, script, timeout=15):
        return wait_until(lambda: self.evaluate(script), timeout, lambda: f"{script}\n{self.texts}\n{self.errors}")

    @property
    def texts(self):
        return self.evaluate("[...document.querySelectorAll('#messages .text')].map((text) => text.textContent)")

    @property
    def unsent(self):
        return self.evaluate("[...document.querySelectorAll('#unsent .text')].map((text) => text.textContent)")

    @property
    def times(self):
        return self.evaluate("[...document.querySelectorAll('#messages .note')].map((note) => note.textContent)")

    @property
    def own(self):
        """The texts shown as this browser's own."""
        return self.evaluate("[...document.querySelectorAll('#messages .own .text')].map((text) => text.textContent)")

    @property
    def kept(self):
        """The storage keys of the unsent messages."""
        return self.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('chatd.unsent.'))")

    def shows(self, texts, timeout=15):
        wait_until(lambda: self.texts == texts and not self.unsent, timeout, lambda: f"{self.texts} {self.unsent}")

    def scroll(self, script):
        self.evaluate(f"document.getElementById('scroller').{script}")

    def distance_to_end(self):
        return self.evaluate("scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight")


@pytest.fixture
def open_tab(browser):
    """Opens the page in a new tab: of a new browser context, or of `context`."""
    contexts, tabs = [], []

    def open_tab(chatd, context=None, wait=True, path="", **settings):
        if context is None:
            context = browser.new_context(**{"viewport": {"width": 900, "height": 640}, **settings})
            contexts.append(context)
        tabs.append(Tab(context.new_page(), chatd.port, path))
        return tabs[-1].connected() if wait else tabs[-1]

    yield open_tab
    errors = [error for tab in tabs for error in tab.errors]
    for context in contexts:
        context.close()
    assert errors == [], "the console must stay empty, without violations of the policy"


def fill(port, count, text=lambda number: f"message {number}"):
    with ChatClient(port) as client:
        for number in range(1, count + 1):
            client.chat(text(number))
        client.read_until(lambda: len(client.acks) == count)
