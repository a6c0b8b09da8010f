"""What the built-in page shows and does when a proxy, the server or the database fails."""

import signal
import sqlite3
from contextlib import suppress

import pytest
from playwright.sync_api import expect

import chat_database
from packets import ChatClient
from processes import run_chatd
from reverse_proxy import ReverseProxy, UpgradeDelayingProxy
from waiting import let_time_pass, wait_until
from wire import HTTPConnection

pytestmark = pytest.mark.timeout(90)


# A proxy


@pytest.mark.parametrize("websocket", [True, False])
def test_the_page_works_below_a_path_of_a_proxy(serve, open_tab, websocket):
    chatd = serve()
    with ReverseProxy(chatd.port, prefix="/team/chat", websocket=websocket) as proxy:
        below, direct = open_tab(proxy, path="team/chat/", color_scheme="dark"), open_tab(chatd)
        below.write("from below")
        direct.shows(["from below"])
        direct.write("from above")
        for tab in (below, direct):
            tab.shows(["from below", "from above"])
        assert below.evaluate("getComputedStyle(document.body).display") == "grid", "the style sheet must be loaded"
        outside = [request for request in proxy.requests if not request.startswith("/team/chat/")]
        assert outside in ([], ["/favicon.ico"])
        assert any("transport=websocket" in request for request in proxy.requests)
        below.errors = [error for error in below.errors if "WebSocket connection" not in error]


def test_behind_a_round_robin_proxy_the_page_uses_a_websocket(supervise, client_options, open_tab):
    supervisor = supervise(2, *client_options)
    with ReverseProxy(*supervisor.ports) as proxy:
        tab, other = open_tab(proxy, wait=False), open_tab(supervisor)
        # Requests of one session reach both workers, and each worker knows only its own sessions.
        tab.connected()
        tab.write("one")
        other.write("two")
        for each in (tab, other):
            expect(each.page.locator("#messages .text")).to_have_count(2)
        expect(tab.page.locator("#trouble")).to_have_text("")
        forget_refusals(tab)


def test_behind_a_round_robin_proxy_without_websockets_the_page_shows_the_problem(
    supervise, client_options, open_tab
):
    supervisor = supervise(2, *client_options)
    with ReverseProxy(*supervisor.ports, websocket=False) as proxy:
        tab = open_tab(proxy, wait=False)
        expect(tab.page.locator("#trouble")).to_contain_text("sticky sessions", timeout=20_000)
        tab.reconnecting()
        tab.page.click("#toggle")
        expect(tab.page.locator("#trouble")).to_have_text("")
        forget_refusals(tab)


def test_the_page_shows_the_status_of_a_server_that_refuses_it(chatd, open_tab, browser):
    context = browser.new_context()
    context.route("**/socket.io/?*", lambda route: route.fulfill(status=403, body="no"))
    tab = open_tab(chatd, context, wait=False)
    expect(tab.page.locator("#trouble")).to_have_text("The server does not let you in (status 403).")
    context.unroute("**/socket.io/?*")
    tab.connected()
    expect(tab.page.locator("#trouble")).to_have_text("")
    forget_refusals(tab)
    context.close()


def test_the_page_shows_no_problem_after_a_restart_of_the_server(serve, open_tab):
    chatd = serve()
    tab = open_tab(chatd)
    chatd.stop()
    tab.reconnecting()
    expect(tab.page.locator("#trouble")).to_have_text("")
    serve(port=chatd.port)
    tab.connected()
    expect(tab.page.locator("#trouble")).to_have_text("")
    tab.write("back")
    tab.shows(["back"])


def test_the_page_notices_a_stop_of_the_server_during_its_upgrade(serve, open_tab):
    chatd = serve()
    with UpgradeDelayingProxy(chatd.port) as proxy, HTTPConnection(chatd.port) as idle:
        tab = open_tab(proxy)
        proxy.begin.set()
        assert proxy.is_probed.wait(30) and proxy.holds_poll.wait(30)
        assert idle.request("GET", "/nowhere").status == 404
        chatd.send_signal(signal.SIGTERM)
        # A stopping server closes sessions first, then idle connections.
        idle.wait_for_end()
        # If the server has closed the WebSocket, the page learns of it before the answer to its poll arrives.
        let_time_pass(0.3)
        proxy.complete.set()
        tab.reconnecting()
        assert chatd.wait() == 0
        serve(port=chatd.port)
        tab.connected()
        forget_refusals(tab)


def forget_refusals(tab):
    """Clears the console, to which the browser writes each refused request and WebSocket."""
    tab.errors = [error for error in tab.errors if "status of 4" not in error and "WebSocket connection" not in error]


# The store


def test_the_page_shows_that_the_store_cannot_write_and_loses_nothing(serve, open_tab, tmp_path):
    chatd = serve()
    tab, other = open_tab(chatd), open_tab(chatd)
    tab.write("before")
    other.shows(["before"])
    with sqlite3.connect(tmp_path / "chat.db", isolation_level=None) as database:
        database.execute("BEGIN IMMEDIATE")
        tab.write("one")
        tab.write("two")
        trouble = tab.page.locator("#trouble")
        expect(trouble).to_have_text("Messages cannot be stored at the moment. Yours are kept.")
        expect(tab.page.locator("#unsent .state").first).to_have_text("Waits until it can be stored")
        expect(tab.page.locator("#state")).to_have_text("Connected")
        expect(other.page.locator("#trouble")).to_have_text("")
        assert tab.unsent == ["one", "two"]
        database.execute("ROLLBACK")
    for each in (tab, other):
        each.shows(["before", "one", "two"], 30)
    expect(trouble).to_have_text("")
    assert chat_database.contents(tmp_path / "chat.db") == ["before", "one", "two"]


def test_messages_behind_one_that_does_not_fit_wait_for_it_to_keep_the_order(serve, open_tab, tmp_path):
    chatd = serve("--max-db-size", 1 << 20)
    with ChatClient(chatd.port) as client:
        while "allowed size" not in chatd.stderr_text():
            client.chat("x" * 20_000)
            with suppress(TimeoutError):
                client.read_one(0.2)
    tab = open_tab(chatd)
    # Small messages still fit.
    tab.write("first " + "x" * 50_000)
    refused = tab.page.locator("#unsent .refused .state")
    expect(refused).to_have_text("Not sent: the chat has no room for new messages")
    tab.write("second")
    tab.write("third")
    expect(tab.page.locator("#unsent li:not(.refused) .state")).to_have_text(["Waits for the message above"] * 2)
    tab.page.reload()
    expect(tab.connected().page.locator("#unsent .refused")).to_have_count(1)
    assert [text[:6] for text in tab.unsent] == ["first ", "second", "third"]
    # The page tries again when there is more room.
    assert run_chatd("admin", "delete", *range(1, 20), cwd=tmp_path).returncode == 0
    wait_until(lambda: [text[:6] for text in tab.texts[-3:]] == ["first ", "second", "third"] and not tab.unsent, 40)


def test_discarding_a_refused_message_lets_the_next_ones_go(serve, open_tab):
    chatd = serve("--max-db-size", 1 << 20)
    with ChatClient(chatd.port) as client:
        while "allowed size" not in chatd.stderr_text():
            client.chat("x" * 20_000)
            with suppress(TimeoutError):
                client.read_one(0.2)
    tab = open_tab(chatd)
    tab.write("first " + "x" * 50_000)
    tab.page.locator("#unsent .refused").wait_for()
    tab.write("second")
    tab.page.click("text=Discard")
    wait_until(lambda: tab.texts[-1:] == ["second"] and not tab.unsent)


def test_the_notice_about_the_store_disappears_with_the_connection(chatd, open_tab, tmp_path):
    tab = open_tab(chatd)
    with sqlite3.connect(tmp_path / "chat.db", isolation_level=None) as database:
        database.execute("BEGIN IMMEDIATE")
        tab.write("one")
        expect(tab.page.locator("#trouble")).to_contain_text("cannot be stored")
        tab.page.click("#toggle")
        expect(tab.page.locator("#trouble")).to_have_text("")
        expect(tab.page.locator("#unsent .state")).to_have_text("Waits for the connection")
        database.execute("ROLLBACK")
    tab.page.click("#toggle")
    tab.connected().shows(["one"])


# Limits


def test_the_page_waits_and_says_so_when_the_user_sends_faster_than_the_server_allows(serve, open_tab):
    chatd = serve("--message-rate", "1/3")
    tab, other = open_tab(chatd), open_tab(chatd)
    texts = [f"message {number}" for number in range(6)]
    for text in texts:
        tab.write(text)
    expect(tab.page.locator("#unsent .state").first).to_contain_text("faster than the server allows")
    for each in (tab, other):
        expect(each.page.locator("#messages .text")).to_have_text(texts, timeout=20_000)
    expect(tab.page.locator("#unsent li")).to_have_count(0)


def test_a_message_that_waits_for_another_reason_does_not_blame_the_user_any_more(serve, open_tab, tmp_path):
    chatd = serve("--message-rate", "1/3")
    tab = open_tab(chatd)
    for number in range(5):
        tab.write(f"message {number}")
    expect(tab.page.locator("#unsent .state").first).to_contain_text("faster than the server allows")
    with sqlite3.connect(tmp_path / "chat.db", timeout=10, isolation_level=None) as database:
        database.execute("BEGIN IMMEDIATE")
        expect(tab.page.locator("#unsent .state").first).to_have_text("Waits until it can be stored", timeout=40_000)
        database.execute("ROLLBACK")
    tab.shows([f"message {number}" for number in range(5)], timeout=40)
