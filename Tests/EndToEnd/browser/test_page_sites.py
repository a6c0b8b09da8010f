"""The built-in page while the site that knows its users (`--auth http://…`) has trouble."""

import pytest

from sites import Site, serving
from waiting import wait_until

pytestmark = pytest.mark.timeout(90)


def test_the_page_enters_by_itself_when_the_site_answers_again(serve, open_tab):
    site = Site()
    with serving(site) as address:
        pass
    url = f"http://127.0.0.1:{address[1]}/"
    chatd = serve("--auth", url, "--auth-timeout", 300)
    tab = open_tab(chatd, wait=False, extra_http_headers={"Cookie": "session=ada"})
    # It was sent away at least once, and tries again.
    wait_until(lambda: chatd.stderr_text().count("no usable answer") >= 1)
    tab.reconnecting()
    # A slow site, which is asked once for each connection.
    site.delays["ada"] = 1
    with serving(site, address):
        wait_until(lambda: site.requests)
        site.delays.clear()
        tab.connected()
        tab.write("entered")
        tab.shows(["entered"])


def test_a_refusal_of_the_site_is_final(serve, open_tab):
    site = Site()
    with serving(site) as address:
        chatd = serve("--auth", f"http://127.0.0.1:{address[1]}/")
        tab = open_tab(chatd, wait=False)
        wait_until(lambda: site.requests)
        wait_until(lambda: tab.evaluate("state.dataset.state") == "disconnected")
        assert len(site.requests) == 1
