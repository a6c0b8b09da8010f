"""What the built-in page shows of the operator's commands."""

import pytest
from playwright.sync_api import expect

from processes import run_chatd

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
    tab.page.click("#toggle:has-text('Connect')")
    tab.shows(["message 1", "message 2"])
