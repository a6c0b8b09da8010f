"""The built-in page says why the server has refused or disconnected its user."""

import http.server
import json
import threading
import time

import pytest
from playwright.sync_api import expect

from details import DetailsClient
from processes import run_chatd
from tokens import token
from waiting import let_time_pass

pytestmark = pytest.mark.timeout(90)

KEY = "a key that only the issuer of tokens and chatd know"


def admin(directory, *words):
    result = run_chatd("admin", *words, cwd=directory)
    assert result.returncode == 0, result.stderr


def told(tab, words):
    """Waits until the page has given up, and says why."""
    expect(tab.page.locator("#trouble")).to_contain_text(words)
    expect(tab.page.locator("#state")).to_have_attribute("data-state", "disconnected")


def forget_refusals(tab):
    """Clears the console, to which the browser writes each refused request."""
    tab.errors = [error for error in tab.errors if "status of 4" not in error and "WebSocket connection" not in error]


# Bans, and other commands of the operator


def author_in_tab(chatd, open_tab):
    """Opens the page, writes "before", and returns the tab with the id of its author."""
    tab = open_tab(chatd)
    tab.write("before")
    tab.shows(["before"])
    with DetailsClient(chatd.port, details=1, serverOffset=0) as reader:
        reader.read_rows(1)
        return tab, reader.details[1]["author"]


def test_a_banned_user_sees_that_and_until_when(serve, open_tab, tmp_path):
    tab, author = author_in_tab(serve(), open_tab)
    admin(tmp_path, "ban", f"user:{author}", "--for", "3h")
    told(tab, "The operator has banned you until ")
    tab.write("after")
    expect(tab.page.locator("#unsent .state")).to_have_text("Waits for the connection")
    told(tab, "The operator has banned you until ")
    for act in [lambda: tab.page.click("#toggle"), tab.page.reload]:
        act()
        told(tab, "The operator has banned you until ")
    admin(tmp_path, "unban", f"user:{author}")
    tab.page.click("#toggle")
    tab.connected().shows(["before", "after"])
    expect(tab.page.locator("#trouble")).to_have_text("")
    forget_refusals(tab)


def test_a_banned_address_is_told_so(serve, open_tab, browser, tmp_path):
    chatd = serve("--trusted-proxies", "loopback")
    context = browser.new_context(extra_http_headers={"X-Forwarded-For": "203.0.113.7"})
    tab = open_tab(chatd, context)
    admin(tmp_path, "ban", "203.0.113.7", "--for", "3h")
    told(tab, "The operator has banned you")
    tab.page.click("#toggle")
    refused = "The server does not let you in: this address is banned"
    expect(tab.page.locator("#trouble")).to_have_text(refused)
    # It stays while the page tries again, and when the user stops it.
    let_time_pass(2.5)
    expect(tab.page.locator("#trouble")).to_have_text(refused)
    tab.page.click("#toggle:has-text('Disconnect')")
    told(tab, refused)
    admin(tmp_path, "unban", "203.0.113.7")
    tab.page.click("#toggle")
    tab.connected()
    expect(tab.page.locator("#trouble")).to_have_text("")
    forget_refusals(tab)
    context.close()


def test_the_reason_of_the_operator_is_shown_as_text(serve, open_tab, tmp_path):
    tab, author = author_in_tab(serve(), open_tab)
    admin(tmp_path, "disconnect", f"user:{author}", "--reason", "<b>go outside</b>")
    told(tab, "The operator has disconnected you: <b>go outside</b>")
    tab.page.click("#toggle")
    tab.connected()
    expect(tab.page.locator("#trouble")).to_have_text("")
    forget_refusals(tab)


# Identities


@pytest.fixture
def proving(serve, tmp_path):
    keys = tmp_path / "keys"
    keys.write_text(KEY + "\n")
    keys.chmod(0o600)
    return serve("--auth", "token", "--auth-keys", keys, "--auth-cookie", "session")


def sign_in(tab, **claims):
    tab.page.context.add_cookies(
        [{"name": "session", "value": token("ada", KEY, **claims), "url": "http://localhost"}])


def test_a_user_whose_sign_in_is_missing_or_expires_learns_that(proving, open_tab):
    tab = open_tab(proving, wait=False)
    told(tab, "You are not signed in.")
    sign_in(tab, exp=int(time.time()) + 3)
    tab.page.click("#toggle")
    tab.connected()
    expect(tab.page.locator("#trouble")).to_have_text("")
    told(tab, "Your sign-in has expired.")
    sign_in(tab)
    tab.page.click("#toggle")
    tab.connected()
    expect(tab.page.locator("#trouble")).to_have_text("")
    forget_refusals(tab)


class Site:
    """A site that tells chatd who its user is, or refuses it."""

    def __init__(self):
        self.status, self.answer = 200, {"id": "ada", "name": "Ada"}
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(site.status)
                self.end_headers()
                self.wfile.write(json.dumps(site.answer).encode())

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}).start()


@pytest.fixture
def site():
    site = Site()
    yield site
    site.server.shutdown()
    site.server.server_close()


def test_a_refusal_of_the_site_is_shown_with_its_message(serve, site, open_tab):
    site.status, site.answer = 403, {"message": "members only", "data": {"until": 7}}
    tab = open_tab(serve("--auth", site.url), wait=False)
    told(tab, "The server does not let you in: members only")
    forget_refusals(tab)


def test_a_user_who_may_not_read_the_history_is_told_once(serve, site, open_tab):
    chatd = serve("--auth", site.url)
    site.answer = {"id": "bob", "name": "Bob"}
    other = open_tab(chatd)
    other.write("before")
    other.shows(["before"])
    site.answer = {"id": "ada", "name": "Ada", "actions": ["send"]}
    tab = open_tab(chatd)
    older = tab.page.locator("#older")
    expect(older).to_have_text("You cannot read earlier messages here. New ones will appear.")
    asked = []
    tab.page.on("websocket", lambda socket: socket.on("framesent", lambda data: asked.append(str(data))))
    tab.page.on("request", lambda request: asked.append(request.post_data or ""))
    tab.page.reload()
    expect(older).to_have_text("You cannot read earlier messages here. New ones will appear.")
    expect(tab.page.locator("#empty")).to_be_hidden()
    other.write("after")
    tab.shows(["after"])
    expect(older).to_be_visible()
    # The page would ask again after two seconds, and on scrolling.
    tab.scroll("dispatchEvent(new Event('scroll'))")
    let_time_pass(2.5)
    assert sum("chat history" in packet for packet in asked) == 1
    # On another connection, the user may be allowed to read.
    site.answer = {"id": "ada", "name": "Ada"}
    tab.page.click("#toggle")
    tab.page.click("#toggle:has-text('Connect')")
    tab.connected().shows(["before", "after"])
    expect(older).to_have_text("The conversation begins here")
