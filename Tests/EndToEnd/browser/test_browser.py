"""The tutorial's pages in a real browser, with chatd's client and with the official one."""

import os
import re
import shutil
import signal
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import pytest
from playwright.sync_api import sync_playwright

from processes import REPOSITORY
from reverse_proxy import ReverseProxy
from waiting import wait_until

PAGES = Path(__file__).parent / "pages"
CHROMIUM = "/usr/bin/chromium"

# The page of the last step keeps a serverOffset. The page of the earlier step relies on recovery only.
TUTORIAL_PAGES = ["index.html", "recovery.html"]


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(params=["our client", "the official client"])
def options(request, tmp_path):
    """The chatd options for the tutorial's pages and the selected client."""
    options = ["--web-root", PAGES]
    if request.param == "the official client":
        bundle = tmp_path / "bundle"
        bundle.mkdir()
        for name in ["socket.io.js", "socket.io.min.js"]:
            shutil.copy(os.environ["OFFICIAL_CLIENT"], bundle / name)
        options += ["--client-bundle", bundle]
    return options


@pytest.fixture
def serve(start_chatd, options):
    return lambda **settings: start_chatd(*options, **settings)


class Tab:
    """A page in its own browser context, so that it can be offline alone."""

    def __init__(self, browser, port, page):
        self.context = browser.new_context()
        self.page = self.context.new_page()
        self.errors = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(f"http://localhost:{port}/{page}")
        self.page.wait_for_function("socket.connected")

    def send(self, text):
        self.page.fill("#input", text)
        self.page.press("#input", "Enter")

    def wait_for(self, count):
        self.page.wait_for_function(f"messages.children.length >= {count}", timeout=30_000)

    @property
    def texts(self):
        return self.page.evaluate("[...messages.children].map((item) => item.textContent)")

    def lose_connection(self):
        self.page.evaluate("socket.io.engine.close()")


def assert_same(tabs, texts):
    for tab in tabs:
        tab.wait_for(len(texts))
        assert sorted(tab.texts) == sorted(texts) and tab.texts == tabs[0].texts
        assert tab.errors == []


@pytest.fixture
def tabs(browser):
    opened = []

    def open_tab(chatd, page, worker=0):
        opened.append(Tab(browser, chatd.ports[worker], page))
        return opened[-1]

    yield open_tab
    for tab in opened:
        tab.context.close()


@pytest.mark.parametrize("page", TUTORIAL_PAGES)
def test_a_tab_that_loses_its_connection_misses_nothing(serve, tabs, page):
    chatd = serve()
    one, other = tabs(chatd, page), tabs(chatd, page)
    one.send("one")
    other.send("two")
    other.wait_for(2)
    other.lose_connection()
    one.send("while the other is away")
    assert_same([one, other], ["one", "two", "while the other is away"])
    other.page.wait_for_function("socket.recovered")


@pytest.mark.parametrize("page", TUTORIAL_PAGES)
def test_an_offline_tab_sends_later_and_misses_nothing(serve, tabs, page):
    chatd = serve()
    one, other = tabs(chatd, page), tabs(chatd, page)
    one.send("one")
    other.wait_for(1)
    other.context.set_offline(True)
    other.lose_connection()
    other.page.wait_for_function("!socket.connected")
    other.send("from offline")
    one.send("to offline")
    one.wait_for(2)
    other.context.set_offline(False)
    assert_same([one, other], ["one", "to offline", "from offline"])


@pytest.mark.parametrize("page", TUTORIAL_PAGES)
def test_killing_the_server_loses_and_repeats_no_message(serve, tabs, page):
    chatd = serve()
    one, other = tabs(chatd, page), tabs(chatd, page)
    # When the server dies, some of these are stored but not acknowledged.
    texts = [f"message {number}" for number in range(20)]
    for text in texts:
        one.send(text)
    other.wait_for(5)
    chatd.stop(signal.SIGKILL)
    other.send("while it is down")
    serve(port=chatd.port)
    one.wait_for(21)
    other.wait_for(21)
    if page == "index.html":
        assert_same([one, other], texts + ["while it is down"])
    else:
        # This page keeps no offset, but the client's own offset names the row.
        assert set(one.texts) == set(other.texts) == {*texts, "while it is down"}
    fresh = tabs(chatd, page)
    assert_same([fresh], texts + ["while it is down"])


@pytest.mark.parametrize("transport", ["polling", "websocket"])
def test_a_page_with_one_transport_chats(serve, tabs, transport):
    chatd = serve()
    one, other = tabs(chatd, f"index.html?transports={transport}"), tabs(chatd, "index.html")
    one.send("one")
    other.send("two")
    assert_same([one, other], ["one", "two"])
    assert one.page.evaluate("socket.io.engine.transport.name") == transport


@pytest.mark.parametrize("transport", ["polling", "websocket"])
def test_a_page_reconnects_to_a_restarted_server(serve, tabs, transport):
    chatd = serve()
    one, other = tabs(chatd, f"index.html?transports={transport}"), tabs(chatd, f"index.html?transports={transport}")
    one.send("before")
    other.wait_for(1)
    assert chatd.stop(signal.SIGTERM) == 0
    one.send("while it is down")
    serve(port=chatd.port)
    other.wait_for(2)
    other.send("after")
    assert_same([one, other], ["before", "while it is down", "after"])


def test_a_reload_shows_every_message_once(serve, tabs):
    chatd = serve()
    one = tabs(chatd, "index.html")
    for number in range(30):
        one.send(f"message {number}")
    one.wait_for(30)
    one.page.reload()
    assert_same([one], [f"message {number}" for number in range(30)])


# One worker per tab


@pytest.mark.parametrize("page", TUTORIAL_PAGES)
def test_four_tabs_on_four_ports_see_the_same_list(supervise, options, tabs, page):
    supervisor = supervise(4, *options)
    opened = [tabs(supervisor, page, worker) for worker in range(4)]
    texts = []
    for number in range(5):
        for worker, tab in enumerate(opened):
            texts.append(f"{number} from {worker}")
            tab.send(texts[-1])
    assert_same(opened, texts)


@pytest.mark.parametrize("page", TUTORIAL_PAGES)
def test_each_tab_recovers_when_its_worker_is_killed(supervise, options, tabs, page):
    supervisor = supervise(4, *options)
    opened = [tabs(supervisor, page, worker) for worker in range(4)]
    texts = []
    for victim, tab in enumerate(opened):
        for worker, other in enumerate(opened):
            texts.append(f"{worker} before {victim}")
            other.send(texts[-1])
        # Each session has received a row, so that the client has an offset to resume with.
        tab.wait_for(1)
        identifier = tab.page.evaluate("socket.id")
        os.kill(supervisor.worker_pid(victim), signal.SIGKILL)
        for worker, other in enumerate(opened):
            texts.append(f"{worker} after {victim}")
            other.send(texts[-1])
        tab.page.wait_for_function("socket.connected && socket.recovered")
        assert tab.page.evaluate("socket.id") == identifier
        for other in opened:
            other.wait_for(len(texts))
    assert_same(opened, texts)


@pytest.mark.parametrize("end", ["closed", "killed", "stopped"])
def test_a_client_recovers_at_another_worker(supervise, options, tabs, end):
    """A client has one address. The test gives its session state to a client with another address."""
    supervisor = supervise(2, "--cors-origin", "*", *options)
    one, other = tabs(supervisor, "index.html", 0), tabs(supervisor, "index.html", 1)
    one.send("one")
    # The row brings the client an offset to resume with.
    one.wait_for(1)
    other.wait_for(1)
    identifier = one.page.evaluate("socket.id")
    victim = supervisor.worker_pid(0)
    # Otherwise the page could claim its session again before the test passes it on.
    one.page.evaluate("{ socket.io.reconnection(false); }")
    if end == "closed":
        one.page.evaluate("{ socket.io.engine.close(); }")
        one.page.wait_for_function("!socket.connected")
    else:
        os.kill(victim, signal.SIGKILL if end == "killed" else signal.SIGSTOP)
    other.send("two")
    other.wait_for(2)
    one.page.evaluate(
        """([port, identifier]) => {
          // The official file has short names for these two.
          const held = Object.entries(socket).filter(([, value]) => typeof value === "string" && value !== identifier);
          const [pid] = held.find(([, value]) => value.length === 20);
          const [offset] = held.find(([, value]) => /^[\\w-]+\\.\\d+\\.\\d+$/.test(value));
          window.back = io(`http://localhost:${port}`, { autoConnect: false, transports: ["websocket"] });
          window.missed = [];
          back.on("chat message", (text) => missed.push(text));
          back[pid] = socket[pid];
          back[offset] = socket[offset];
          back.connect();
        }""",
        [supervisor.ports[1], identifier],
    )
    one.page.wait_for_function("back.connected && missed.length === 1")
    if end == "stopped":
        os.kill(victim, signal.SIGCONT)
        one.page.wait_for_function("!socket.connected")
    other.send("three")
    one.page.wait_for_function("missed.length === 2")
    assert one.page.evaluate("[back.recovered, back.id, ...missed]") == [True, identifier, "two", "three"]
    assert supervisor.worker_pid(0) == victim or end == "killed"


# URLs

#: The argument of io() and the resulting address; {0} is the page's port.
URLS = [
    (None, "http://localhost:{0}/socket.io/"),
    ("", "http://localhost:{0}/socket.io/"),
    ("/", "http://localhost:{0}/socket.io/"),
    ("?x=1", "http://localhost:{0}/socket.io/?x=1"),
    ("/?x=1", "http://localhost:{0}/socket.io/?x=1"),
    ("/admin?x=1", "http://localhost:{0}/socket.io/?x=1"),
    (":3001", "http://localhost:3001/socket.io/"),
    (":3001/admin?x=1", "http://localhost:3001/socket.io/?x=1"),
    ("//other.test", "http://other.test/socket.io/"),
    ("other.test:81", "http://other.test:81/socket.io/"),
    ("https://other.test", "https://other.test/socket.io/"),
]


@pytest.mark.parametrize("url, expected", URLS)
def test_both_clients_connect_to_the_same_place_for_a_url(serve, tabs, url, expected):
    chatd = serve()
    tab = tabs(chatd, "index.html")
    tab.page.evaluate("socket.disconnect()")
    asked = []
    tab.page.route("**/socket.io/?*", lambda route: (asked.append(route.request.url), route.abort()))
    tab.page.evaluate(
        "(url) => void (window.other = io(url ?? undefined, { forceNew: true, transports: ['polling'] }))", url
    )
    wait_until(lambda: (tab.page.evaluate("0"), asked)[1])
    scheme, server, path, query, _ = urlsplit(asked[0])
    parameters = [(name, value) for name, value in parse_qsl(query) if name not in ("EIO", "transport", "t")]
    default = {"http": ":80", "https": ":443"}[scheme]
    connected_to = urlunsplit((scheme, server.removesuffix(default), path, urlencode(parameters), ""))
    assert connected_to == expected.format(chatd.port)


@pytest.mark.parametrize("websocket", [True, False])
def test_a_page_below_a_path_of_a_proxy_needs_no_path_option(start_chatd, browser, websocket):
    """chatd's client uses its own address; the official one would need an option."""
    chatd = start_chatd("--web-root", PAGES)
    with ReverseProxy(chatd.port, prefix="/team/chat", websocket=websocket) as proxy:
        page = browser.new_page()
        page.goto(f"http://localhost:{proxy.port}/team/chat/below.html")
        page.wait_for_function("socket.connected && globalThis.moduleSocket?.connected")
        page.evaluate("socket.emitWithAck('chat message', 'from below', null)")
        page.wait_for_function("messages.textContent === 'from below'")
        if websocket:
            page.wait_for_function("socket.io.engine.transport.name === 'websocket'")
        page.close()


# The page in the README


def test_the_sample_page_of_the_readme_chats_and_sends_no_empty_text(start_chatd, options, tabs, tmp_path):
    site = tmp_path / "site"
    site.mkdir()
    [sample] = re.findall("```html\n(.*?)```", (REPOSITORY / "README.md").read_text(), re.S)
    (site / "index.html").write_text(sample)
    chatd = start_chatd("--web-root", site, *options[2:])
    one, other = tabs(chatd, ""), tabs(chatd, "")
    for text in ["", "   ", "one"]:
        one.send(text)
    # Two offline pages give their messages different names.
    for tab in (one, other):
        tab.wait_for(1)
        tab.lose_connection()
        tab.page.wait_for_function("!socket.connected")
        tab.send("ok")
    assert_same([one, other], ["one", "ok", "ok"])
    one.page.reload()
    assert_same([one], ["one", "ok", "ok"])
