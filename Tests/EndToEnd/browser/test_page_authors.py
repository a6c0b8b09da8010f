"""The built-in page: own messages and the times of messages."""

import hashlib
import re
import sqlite3
import time
from contextlib import closing

import pytest
from playwright.sync_api import expect

from packets import ChatClient
from waiting import wait_until

pytestmark = pytest.mark.timeout(90)


def test_the_same_text_of_two_people_belongs_to_each_author(serve, open_tab):
    chatd = serve()
    one, other = open_tab(chatd), open_tab(chatd)
    # Both send the same text at the same time.
    for tab in (one, other):
        tab.page.click("#toggle")
        tab.write("ok")
    other.write("ok")
    for tab in (one, other):
        tab.page.click("#toggle")
    for tab in (one, other):
        tab.shows(["ok"] * 3)
    marks = "[...document.querySelectorAll('#messages .message')].map((message) => message.classList.contains('own'))"
    assert sum(one.evaluate(marks)) == 1 and sum(other.evaluate(marks)) == 2
    assert all(mine != theirs for mine, theirs in zip(one.evaluate(marks), other.evaluate(marks)))


def test_own_messages_are_recognised_in_every_tab_and_after_a_reload(serve, open_tab):
    chatd = serve()
    first, stranger = open_tab(chatd), open_tab(chatd)
    second = open_tab(chatd, first.page.context)
    first.write("from the first tab")
    second.shows(["from the first tab"])
    second.write("from the second tab")
    stranger.write("a stranger's")
    own, all_texts = ["from the first tab", "from the second tab"], None
    wait_until(lambda: len(stranger.texts) == 3)
    all_texts = stranger.texts
    third = open_tab(chatd, first.page.context)
    first.page.reload()
    for tab in (first.connected(), second, third):
        tab.shows(all_texts)
        assert tab.own == own
    assert stranger.own == ["a stranger's"]
    # Messages of the author's other tabs do not count as new.
    expect(second.page.locator("[aria-live=polite]")).not_to_contain_text("first tab")


def test_tabs_that_create_a_secret_at_the_same_time_agree_on_one(serve, open_tab):
    chatd = serve()
    first = open_tab(chatd)
    second = open_tab(chatd, first.page.context)
    first.write("before")
    second.shows(["before"])
    # Simulates a second tab that was opened before the first one had stored its secret.
    first.evaluate("window.changed = new Promise((resolve) => addEventListener('storage', () => resolve(true))), 0")
    second.evaluate(f"localStorage.setItem('chatd.identity', '{'f' * 32}')")
    assert first.evaluate("changed")
    first.connected().write("after")
    for tab in (first, second):
        tab.shows(["before", "after"])
    second.page.reload()
    second.connected().shows(["before", "after"])
    assert "after" in first.own and second.own == ["after"]


def test_the_secret_stays_in_the_browser(chatd, open_tab, tmp_path):
    tab, other = open_tab(chatd), open_tab(chatd)
    secret = tab.evaluate("localStorage.getItem('chatd.identity')")
    assert re.fullmatch("[0-9a-f]{32}", secret)
    assert other.evaluate("localStorage.getItem('chatd.identity')") != secret
    tab.write("hello")
    other.shows(["hello"])
    with closing(sqlite3.connect(tmp_path / "chat.db")) as database:
        assert database.execute("SELECT author FROM messages").fetchall() == [(author_of(secret),)]
    files = [file for file in tmp_path.glob("chat.db*") if file.is_file()]
    assert files and not any(secret.encode() in file.read_bytes() for file in files)


def author_of(secret):
    return hashlib.sha256(secret.encode()).hexdigest()[:32]


@pytest.mark.parametrize("missing", ["delete Crypto.prototype.subtle; delete Crypto.prototype.randomUUID;",
                                     "Object.defineProperty(Crypto.prototype, 'subtle', { value: undefined });"])
def test_own_messages_are_recognised_on_an_insecure_page(chatd, open_tab, browser, missing):
    context = browser.new_context()
    context.add_init_script(missing)
    tab = open_tab(chatd, context)
    tab.write("one")
    tab.shows(["one"])
    tab.page.reload()
    tab.connected().shows(["one"])
    assert tab.own == ["one"]
    context.close()


@pytest.mark.parametrize("storage", ["return null", "throw new DOMException('', 'SecurityError')"])
def test_own_messages_are_recognised_without_a_storage_until_the_page_closes(chatd, open_tab, browser, storage):
    context = browser.new_context()
    context.add_init_script(f"Object.defineProperty(window, 'localStorage', {{ get() {{ {storage}; }} }});")
    tab = open_tab(chatd, context)
    tab.write("one")
    tab.shows(["one"])
    assert tab.own == ["one"]
    tab.page.click("#toggle")
    tab.page.click("#toggle")
    tab.connected().write("two")
    tab.shows(["one", "two"])
    assert tab.own == ["one", "two"]
    context.close()


def test_live_and_loaded_messages_have_the_servers_times(serve, open_tab, browser):
    """The clocks of two viewers are wrong in different ways."""
    chatd = serve()
    tabs = []
    for hours in (-5, 30):
        context = browser.new_context()
        context.add_init_script(f"{{ const now = Date.now; Date.now = () => now() + {hours} * 3_600_000; }}")
        tabs.append(open_tab(chatd, context))
    shown = "[...document.querySelectorAll('#messages time')].map((element) => Date.parse(element.dateTime))"
    before = time.time() * 1000
    tabs[0].write("one")
    tabs[1].write("two")
    for tab in tabs:
        tab.wait("document.querySelectorAll('#messages time').length === 2")
    after = time.time() * 1000
    live = tabs[0].evaluate(shown)
    assert all(before - 1000 < each < after + 1000 for each in live)
    assert tabs[1].evaluate(shown) == live
    for tab in tabs:
        tab.page.reload()
        tab.connected().wait("document.querySelectorAll('#messages time').length === 2")
        assert tab.evaluate(shown) == live
        tab.page.context.close()


def test_caught_up_messages_have_the_servers_times(serve, open_tab):
    chatd = serve()
    tab = open_tab(chatd)
    tab.page.click("#toggle")
    with ChatClient(chatd.port) as client:
        for number in range(300):
            client.chat(f"message {number}")
        client.read_until(lambda: len(client.acks) == 300)
    tab.page.click("#toggle")
    wait_until(lambda: tab.texts[-1:] == ["message 299"])
    tab.wait("[...document.querySelectorAll('#messages .note')].every((note) => note.textContent)")


#: Removes the request for details from the page's auth, so that it sees a server without details.
WITHOUT_DETAILS = """
let real;
Object.defineProperty(globalThis, "io", {
  set(io) { real = io; },
  get: () => (options) => {
    const auth = (give) => options.auth(({ details, identity, ...rest }) => give(rest));
    return real({ ...options, auth });
  },
});
"""


def test_the_page_works_with_a_server_without_details(serve, open_tab, browser):
    chatd = serve()
    context = browser.new_context()
    context.add_init_script(WITHOUT_DETAILS)
    tab, other = open_tab(chatd, context), open_tab(chatd)
    tab.write("one")
    other.write("two")
    for each in (tab, other):
        wait_until(lambda: sorted(each.texts) == ["one", "two"] and not each.unsent)
    tab.page.click("#toggle")
    tab.write("three")
    tab.page.click("#toggle")
    wait_until(lambda: tab.texts[-1] == "three" and not tab.unsent and tab.kept == [])
    tab.page.reload()
    wait_until(lambda: len(tab.texts) == 3)
    tab.wait("[...document.querySelectorAll('#messages .note')].every((note) => note.textContent)")
    context.close()
