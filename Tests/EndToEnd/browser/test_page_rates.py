"""The built-in page while its user is over a rate."""

import pytest

from tabs import fill
from waiting import wait_until

pytestmark = pytest.mark.timeout(90)


def test_a_page_of_the_history_that_waits_for_the_rate_is_loaded_in_the_end(serve, open_tab):
    # A page of 60 such messages takes about 13 s of the rate, which is longer than the page waits for other answers.
    chatd = serve("--history-rate", "2000/2000")
    fill(chatd.port, 170, lambda number: f"message {number} " + "word " * 80)
    tab = open_tab(chatd)
    # The first page and the next one do not wait: the rate has not been used.
    for count in (60, 120, 170):
        tab.wait(f"document.querySelectorAll('#messages .text').length >= {count}", 45)
        tab.scroll("scrollTop = 0")
    numbers = [int(text.split()[1]) for text in tab.texts]
    assert numbers == list(range(1, 171))
    assert tab.evaluate("document.querySelectorAll('#older button').length") == 0
    tab.write("after all")
    wait_until(lambda: not tab.unsent)
