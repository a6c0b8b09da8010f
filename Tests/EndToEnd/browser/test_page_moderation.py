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
