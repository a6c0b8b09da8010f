"""Exactly-once polling: the network loses an answer, and the client repeats the request with the identical `t`."""

import itertools
import json
import os
import shutil

import pytest
from playwright.sync_api import sync_playwright

import chat_database
from engine import SEPARATOR, EngineWebSocket, PollingSession
from fault_proxy import FaultProxy
from packets import ChatClient, SocketIOWebSocket
from recovering import parts
from waiting import let_time_pass, wait_until
from wire import Disconnected, HTTPConnection, http

pytestmark = pytest.mark.timeout(120)

CHROMIUM = "/usr/bin/chromium"


class Stamped:
    """A polling session in the chat. The test chooses the `t` of each request."""

    def __init__(self, port, auth=None):
        self.session = PollingSession(port)
        self.port = port
        assert self.session.post("40" + ("" if auth is None else json.dumps(auth))).text == "ok"
        self.connected, *self.early = self.session.receive(1)

    def target(self, stamp):
        return f"{self.session.target}&t={stamp}"

    def get(self, stamp):
        return http(self.port, "GET", self.target(stamp))

    def post(self, stamp, body):
        return http(self.port, "POST", self.target(stamp), body=body)

    def start(self, method, stamp, body=None, sent=None):
        """Sends a request, or some bytes of its body, and returns once the server has them."""
        connection = HTTPConnection(self.port)
        first = connection.request_bytes("GET", "/nowhere")
        whole = connection.request_bytes(method, self.target(stamp), body=body)
        left = 0 if sent is None else len(body) - sent
        connection.send(first + whole[: len(whole) - left])
        assert connection.read_response().status == 404
        return connection


def rows(packets):
    """The texts of the messages in some packets."""
    return [json.loads(packet[2:])[1] for packet in packets if packet.startswith('42["chat message"')]


@pytest.fixture(params=["serve", "supervise"])
def server(request):
    if request.param == "serve":
        return request.getfixturevalue("chatd")
    return request.getfixturevalue("supervise")(2)


# Raw repeats


def test_a_repeated_get_gets_the_same_bytes_and_a_new_one_gets_the_next(server):
    with ChatClient(server.port) as writer:
        reader = Stamped(server.port)
        writer.say("one")
        first = reader.get("a")
        writer.say("two")
        again = [reader.get("a"), reader.get("a")]
        assert rows(first.text.split(SEPARATOR)) == ["one"]
        assert all(answer.body == first.body for answer in again)
        assert rows(reader.get("b").text.split(SEPARATOR)) == ["two"]


def test_a_repeated_post_is_answered_ok_and_stored_once(server, tmp_path):
    sender = Stamped(server.port)
    body = '42["chat message","once"]'
    assert [sender.post("a", body).text for _ in range(3)] == ["ok"] * 3
    assert sender.post("b", '42["chat message","after"]').text == "ok"
    received = []
    for stamp in itertools.count():
        received += rows(sender.get(f"g{stamp}").text.split(SEPARATOR))
        if "after" in received:
            break
    assert received == ["once", "after"]
    assert chat_database.contents(tmp_path / "chat.db") == ["once", "after"]


def test_a_repeat_replaces_the_waiting_get(server):
    with ChatClient(server.port) as writer:
        reader = Stamped(server.port)
        first = reader.start("GET", "a")
        second = reader.start("GET", "a")
        with pytest.raises(Disconnected):
            first.read_response()
        writer.say("one")
        assert rows(second.read_response().text.split(SEPARATOR)) == ["one"]
        assert rows(reader.get("a").text.split(SEPARATOR)) == ["one"]


@pytest.mark.parametrize("ending", ["reset", "close", "half_close"])
def test_a_waiting_get_that_loses_its_connection_can_be_repeated_within_5_s(server, ending):
    with ChatClient(server.port) as writer:
        reader = Stamped(server.port)
        getattr(reader.start("GET", "a"), ending)()
        writer.say("one")
        let_time_pass(1)
        assert rows(reader.get("a").text.split(SEPARATOR)) == ["one"]


def test_a_lost_get_without_a_repeat_ends_the_session_after_5_s(chatd):
    reader = Stamped(chatd.port)
    reader.start("GET", "a").reset()
    let_time_pass(3)
    assert reader.post("p", '42["nobody handles this"]').text == "ok"
    wait_until(lambda: reader.post("p", '42["x"]').status == 400, 5, "the session outlived its client")


def test_a_claim_succeeds_at_once_while_a_repeat_is_awaited_and_gets_the_unconfirmed_rows(server):
    with ChatClient(server.port) as writer:
        reader = Stamped(server.port)
        identity = json.loads(reader.connected[2:])
        writer.say("one")
        offset = json.loads(reader.get("a").text.removeprefix("42"))[-1]
        writer.say("lost")
        assert rows(reader.get("b").text.split(SEPARATOR)) == ["lost"]
        reader.start("GET", "c").reset()
        with SocketIOWebSocket(server.port) as back:
            answer = back.connect_namespace(auth={"pid": identity["pid"], "offset": offset})
            assert answer["sid"] == identity["sid"], "recovered"
            assert json.loads(back.receive_packet()[2:])[1] == "lost"
        assert reader.get("c").status == 400


def test_an_incomplete_post_is_dropped_and_its_repeat_is_handled(server, tmp_path):
    sender = Stamped(server.port)
    body = '42["chat message","once"]'
    lost = sender.start("POST", "a", body, sent=10)
    lost.reset()
    assert sender.post("a", body).text == "ok"
    second = body.replace("once", "twice")
    waiting = sender.start("POST", "b", second, sent=10)
    assert sender.post("b", second).text == "ok", (
        "a repeat is handled even if the loss of the first connection has not been noticed")
    waiting.wait_for_end()
    assert sender.post("c", body.replace("once", "end")).text == "ok"
    wait_until(lambda: "end" in chat_database.contents(tmp_path / "chat.db"))
    assert chat_database.contents(tmp_path / "chat.db") == ["once", "twice", "end"]


def test_the_upgrade_confirms_the_last_answer_and_receives_the_rest(server):
    with ChatClient(server.port) as writer:
        reader = Stamped(server.port)
        writer.say("one")
        assert rows([reader.get("a").text]) == ["one"]
        with EngineWebSocket(server.port, sid=reader.session.sid) as socket:
            socket.probe()
            assert rows([reader.get("a").text]) == ["one"]
            writer.say("two")
            socket.send_text("5")
            assert rows([socket.receive_packet()]) == ["two"]
        assert reader.get("a").status == 400


def test_a_repeated_get_gets_the_close_packet_again(chatd):
    reader = Stamped(chatd.port)
    waiting = reader.start("GET", "a")
    assert reader.post("p", "4abc").text == "ok"  # Not a Socket.IO packet: the server closes the session.
    assert waiting.read_response().text == "1"
    assert reader.get("a").text == "1"
    assert reader.get("b").status == 400


def test_a_head_request_does_not_confirm_an_answer(chatd):
    with ChatClient(chatd.port) as writer:
        reader = Stamped(chatd.port)
        writer.say("one")
        first = reader.get("a")
        with HTTPConnection(chatd.port) as connection:
            assert connection.request("HEAD", reader.target("b")).status == 400
        assert reader.get("a").body == first.body


def test_large_output_is_split_into_answers_of_bounded_size(chatd):
    """An answer has a first packet of any size, and at most 64 KiB after it."""
    with ChatClient(chatd.port) as writer:
        texts = [f"{number} " + "x" * 20_000 for number in range(20)]
        for text in texts:
            writer.say(text)
        reader = Stamped(chatd.port)
        received = rows(reader.early)
        for stamp in itertools.count():
            answer = reader.get(f"g{stamp}")
            assert reader.get(f"g{stamp}").body == answer.body
            packets = answer.text.split(SEPARATOR)
            assert sum(len(packet) + 1 for packet in packets[1:]) <= 65_536
            received += rows(packets)
            if len(received) >= len(texts):
                break
        assert received == texts


# A browser


@pytest.fixture(params=["our client", "the official client"])
def client_options(request, tmp_path):
    if request.param == "our client":
        return []
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    for name in ["socket.io.js", "socket.io.min.js"]:
        shutil.copy(os.environ["OFFICIAL_CLIENT"], bundle / name)
    return ["--client-bundle", bundle]


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


PAGE = """
async (count) => {
    window.rows = [], window.connects = 0, window.acked = 0, window.errors = []
    const socket = window.socket = io({ transports: ["polling"], auth: { serverOffset: 0 } })
    socket.on("connect", () => connects++)
    socket.on("disconnect", (reason) => errors.push(reason))
    socket.on("chat message", (text, id, offset) => {
        socket.auth.serverOffset = id
        rows.push([id, text, offset])
    })
    for (let number = 0; number < count; number++) {
        // Without a client offset: what is handled twice is stored twice.
        socket.emit("chat message", `page ${number}`, null, () => acked++)
        await new Promise((resolve) => setTimeout(resolve, 20))
    }
}
"""


class Faults:
    """Loses the first answer to every third request of a session, and resets every fifth GET while it waits.

    Affects only requests that a browser repeats by itself.
    """

    def __init__(self):
        self.seen = set()
        self.lost = {"GET": 0, "POST": 0, "waiting": 0}
        self.count = 0

    def __call__(self, request):
        key = (request.method, request.target)
        is_first = key not in self.seen
        self.seen.add(key)
        if not (is_first and request.has_session and request.is_on_used_connection):
            return "pass"
        self.count += 1
        if request.method == "GET" and self.count % 5 == 0:
            self.lost["waiting"] += 1
            return "lose waiting"
        if self.count % 3 == 0:
            self.lost[request.method] += 1
            return "lose answer"
        return "pass"


@pytest.mark.parametrize("command", ["serve", "supervise"])
def test_a_browser_that_polls_gets_and_sends_every_message_once(
    request, tmp_path, browser, client_options, command, start_chatd, supervise
):
    server = start_chatd(*client_options) if command == "serve" else supervise(2, *client_options)
    faults, count = Faults(), 60
    with FaultProxy(server.port, faults) as proxy, ChatClient(server.port) as writer:
        page = browser.new_context().new_page()
        page.goto(f"http://localhost:{proxy.port}/socket.io/")
        page.add_script_tag(url="/socket.io/socket.io.js")
        page.evaluate(f"void ({PAGE})({count})")
        for number in range(count):
            writer.say(f"other {number}")
            page.wait_for_timeout(20)
        page.wait_for_function(f"rows.length >= {2 * count} && acked >= {count}", timeout=60_000)
        # The last GET still waits, and its answer may be one that is lost.
        wait_until(
            lambda: proxy.repeats >= sum(faults.lost.values()) - 1, message="the browser did not repeat each by itself")
        received, connects, errors = page.evaluate("[rows, connects, errors]")
        page.evaluate("socket.disconnect()")
        page.context.close()
        stored = [(identifier, text) for identifier, _, text in chat_database.rows(tmp_path / "chat.db")]
        assert (connects, errors) == (1, []), "recovery must not be needed"
        assert [(identifier, text) for identifier, text, _ in received] == stored, "each once, in order"
        assert len(stored) == 2 * count
        for sender in ("page", "other"):
            assert [text for _, text in stored if text.startswith(sender)] == [f"{sender} {n}" for n in range(count)]
        assert [parts(offset)[2] for *_, offset in received] == [identifier for identifier, *_ in received]
        assert min(faults.lost.values()) > 0, faults.lost
