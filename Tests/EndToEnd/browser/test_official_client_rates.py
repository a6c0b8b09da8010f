"""The official client with `retries` against the rates: what it sends too fast comes later, and nothing is lost."""

import os
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from metrics import Page
from ports import free_port
from users import User

pytestmark = pytest.mark.timeout(240)

PAGES = Path(__file__).parent / "pages"

#: Emits a number of texts a second, whatever the server does, and notes what each callback was called with.
EMIT = """([texts, rate]) => {
  window.answers = [];
  let next = 0;
  const begin = performance.now();
  const emit = () => {
    for (; next < texts.length && next <= (performance.now() - begin) / 1000 * rate; next++) {
      const text = texts[next];
      const name = text.slice(0, 40);
      socket.emit("chat message", text, name, (error) => answers.push([name, error?.message ?? null]));
    }
    if (next < texts.length) setTimeout(emit, 10);
  };
  emit();
}"""


@pytest.fixture
def serve(start_chatd, tmp_path):
    """Starts chatd with the official client and the tutorial's page, which sets `retries: 3, ackTimeout: 10000`."""
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    for name in ["socket.io.js", "socket.io.min.js"]:
        shutil.copy(os.environ["OFFICIAL_CLIENT"], bundle / name)
    return lambda *options: start_chatd("--web-root", PAGES, "--client-bundle", bundle, *options)


@pytest.fixture
def open_page(browser):
    contexts = []

    def open_page(chatd, query="", **settings):
        contexts.append(browser.new_context(**settings))
        page = contexts[-1].new_page()
        page.goto(f"http://localhost:{chatd.port}/index.html{query}")
        page.wait_for_function("socket.connected")
        return page

    yield open_page
    for context in contexts:
        context.close()


def stored(path):
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as database:
        return [text for (text,) in database.execute("SELECT content FROM messages ORDER BY id")]


def test_three_times_the_rate_for_thirty_seconds_loses_nothing(serve, open_page, tmp_path):
    rate, burst, seconds = 20, 40, 30
    chatd = serve("--message-rate", f"{rate}/{burst}")
    texts = [f"message {number}" for number in range(3 * rate * seconds)]
    with User(chatd.port, "websocket") as reader:
        page = open_page(chatd)
        begin = time.monotonic()
        page.evaluate(EMIT, [texts, 3 * rate])
        # The client waits for each acknowledgement before it sends the next message, and keeps the rest.
        page.wait_for_function(f"answers.length === {len(texts)}", timeout=150_000, polling=200)
        assert time.monotonic() - begin > (len(texts) - burst) / rate - 1, "the rate was not in force"
        assert page.evaluate("answers") == [[text, None] for text in texts]
        assert page.evaluate("socket.connected")
        reader.wait_for_rows(len(texts))
        assert reader.texts == texts
    assert stored(tmp_path / "chat.db") == texts


def test_a_message_that_waits_longer_than_the_client_is_repeated_and_stored_once(serve, open_page, tmp_path):
    size, rate = 12_000, 1850
    admin = free_port()
    chatd = serve(
        "--trusted-proxies", "loopback", "--max-address-rates", 1, "--byte-rate", f"{rate}/{size}",
        "--admin-port", admin)
    # A browser sends such headers with the requests of polling only.
    headers = {"X-Forwarded-For": "203.0.113.9"}
    tabs = [open_page(chatd, "?transports=polling", extra_http_headers=headers) for _ in range(3)]
    first, *texts = [f"message {number} ".ljust(size, "x") for number in range(4)]
    # It uses up what the address may send at once.
    tabs[0].evaluate(EMIT, [[first], 1000])
    tabs[0].wait_for_function("answers.length === 1", polling=200)
    begin = time.monotonic()
    for tab, text in zip(tabs, texts):
        tab.evaluate(EMIT, [[text], 1000])
    for tab in tabs:
        tab.wait_for_function("answers.length === 1", timeout=90_000, polling=200)
    # Each message takes the rate of the address for more than six seconds, so the last one waits for two others.
    assert time.monotonic() - begin > 2 * size / rate - 1, "the rate was not in force"
    for tab, text in zip(tabs, texts):
        assert tab.evaluate("answers") == [[text[:40], None]]
    assert Page(admin)['chatd_messages_total{result="repeated"}'] >= 1, "no message waited longer than ackTimeout"
    assert sorted(stored(tmp_path / "chat.db")) == sorted([first, *texts])
