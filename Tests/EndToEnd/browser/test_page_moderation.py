"""What the built-in page shows of the operator's commands."""

import pytest
from playwright.sync_api import expect

from processes import run_chatd
from tabs import fill
from waiting import wait_until

pytestmark = pytest.mark.timeout(90)


def test_the_page_shows_announcements_as_text(serve, open_tab, tmp_path):
    tab = open_tab(serve())
    expect(tab.page.locator("#announcement")).to_have_text("")
    for text in ["Maintenance at noon", "<b>It is over</b>"]:
        assert run_chatd("admin", "announce", text, cwd=tmp_path).returncode == 0
        expect(tab.page.locator("#announcement")).to_have_text(text)


def test_the_page_removes_deleted_messages(serve, open_tab, tmp_path):
    one, other = open_tab(server := serve()), open_tab(server)
    for number in range(1, 5):
        one.write(f"message {number}")
    for tab in (one, other):
        tab.shows([f"message {number}" for number in range(1, 5)])
    assert run_chatd("admin", "delete", 2, 4, cwd=tmp_path).returncode == 0
    for tab in (one, other):
        tab.shows(["message 1", "message 3"])
    # The newest message is gone: the conversation continues all the same, also after a new connection.
    other.page.click("text=Disconnect")
    other.page.click("#toggle:has-text('Connect')")
    other.connected()
    one.write("message 5")
    for tab in (one, other):
        tab.shows(["message 1", "message 3", "message 5"])
    assert run_chatd("admin", "delete", 1, 3, 5, cwd=tmp_path).returncode == 0
    for tab in (one, other):
        tab.shows([])
        expect(tab.page.locator("#empty")).to_be_visible()
    one.page.reload()
    one.connected().shows([])


def test_a_page_that_was_away_removes_the_deleted_last_message(serve, open_tab, tmp_path):
    server = serve("--recovery", 0)
    tab = open_tab(server)
    for number in range(1, 4):
        tab.write(f"message {number}")
    tab.shows(["message 1", "message 2", "message 3"])
    tab.page.click("text=Disconnect")
    assert run_chatd("admin", "delete", 3, cwd=tmp_path).returncode == 0
    # The rest of the conversation is not loaded again.
    tab.evaluate("messages.querySelector('.message').isKept = true")
    tab.page.click("#toggle:has-text('Connect')")
    tab.shows(["message 1", "message 2"])
    assert tab.evaluate("messages.querySelector('.message').isKept")
    tab.page.click("text=Disconnect")
    assert run_chatd("admin", "delete", 1, 2, cwd=tmp_path).returncode == 0
    tab.page.click("#toggle:has-text('Connect')")
    tab.shows([])
    expect(tab.page.locator("#empty")).to_be_visible()


def test_earlier_messages_appear_when_all_loaded_ones_are_deleted(serve, open_tab, tmp_path):
    server = serve()
    fill(server.port, 200)
    tab = open_tab(server)
    wait_until(lambda: len(tab.texts) >= 60)
    first = int(tab.texts[0].split()[1])
    loaded = range(first, 201)
    assert run_chatd("admin", "delete", *loaded, cwd=tmp_path).returncode == 0
    wait_until(lambda: tab.texts[-1:] == [f"message {first - 1}"] and len(tab.texts) >= 30)
    expect(tab.page.locator("#empty")).to_be_hidden()
    tab.write("goes on")
    wait_until(lambda: tab.texts[-2:] == [f"message {first - 1}", "goes on"])


def test_later_messages_appear_when_all_those_around_the_user_are_deleted(serve, open_tab, tmp_path):
    server = serve()
    fill(server.port, 500)
    tab = open_tab(server)
    wait_until(lambda: len(tab.texts) >= 60)
    tab.page.focus("#scroller")
    beginning = "messages.querySelector('.text').textContent === 'message 1' && scroller.scrollTop === 0"
    wait_until(lambda: tab.evaluate(beginning) or (tab.page.keyboard.press("Home"), False)[1], 30)
    last = int(tab.texts[-1].split()[1])
    assert last < 400, "the page shows a part of its messages"
    for start in range(1, last + 1, 100):
        ids = range(start, min(start + 100, last + 1))
        assert run_chatd("admin", "delete", *ids, cwd=tmp_path).returncode == 0
    wait_until(lambda: tab.texts[:1] == [f"message {last + 1}"] and len(tab.texts) >= 60)
