"""The built-in page while its user is over a rate."""

import pytest

from tabs import fill
from waiting import wait_until

pytestmark = pytest.mark.timeout(120)


def test_a_page_of_the_history_that_waits_for_the_rate_is_loaded_in_the_end(serve, open_tab):
    # A page of 60 such messages is ten seconds of the rate, which the tabs of one address share.
    chatd = serve("--history-rate", "2000/2000", "--trusted-proxies", "loopback", "--max-address-rates", 1)
    fill(chatd.port, 100, lambda number: f"message {number} " + "word " * 80)
    tabs = [open_tab(chatd, extra_http_headers={"X-Forwarded-For": "203.0.113.7"}) for _ in range(2)]
    shown = "document.querySelectorAll('#messages .text').length"
    for tab in tabs:
        tab.wait(f"{shown} >= 60", 45)
    for tab in tabs:
        tab.scroll("scrollTop = 0")
    # The first tab gets its next page after ten seconds, and the second one after twenty.
    for tab in tabs:
        tab.wait(f"{shown} >= 100", 60)
        assert [int(text.split()[1]) for text in tab.texts] == list(range(1, 101))
        assert tab.evaluate("document.querySelectorAll('#older button').length") == 0
    tabs[1].write("after all")
    wait_until(lambda: not tabs[1].unsent)
