"""Unfinished and unaccepted input has one limit per process. Above it, the client that holds the most is reset."""

import base64

import pytest

import floods
from engine import PONG, PollingSession, upgrade
from metrics import Page
from packets import ChatClient, SocketIOPollingSession
from ports import free_port
from waiting import wait_until

pytestmark = pytest.mark.timeout(120)

MEBIBYTE = 1 << 20
BUDGET = 64 * MEBIBYTE

#: The budget, the slack of growing arrays, and the constant cost of sessions and connections.
ALLOWED_GROWTH = 160 * MEBIBYTE


def counters(server):
    """The server's current counters, from its log."""
    before = server.stderr_text().count("counters ")
    server.send_signal(10)
    wait_until(lambda: server.stderr_text().count("counters ") > before)
    line = server.stderr_text().rsplit("counters ", 1)[1].split("\n")[0]
    return {name: value for name, value in (field.split("=") for field in line.split())}


class Bystanders:
    """Well-behaved clients that stay connected."""

    def __init__(self, port):
        self.port = port
        self.client = ChatClient(port)
        self.poller = SocketIOPollingSession(port)

    def are_served(self):
        said = len(self.client.rows)
        assert self.client.say(f"message {said}", timeout=20) == []
        assert self.poller.is_open()

    def check_newcomer(self):
        with ChatClient(self.port, len(self.client.rows)) as newcomer:
            assert newcomer.say("new", timeout=20) == []


FLOODS = {
    "polling auth": (floods.polling_auths, 200),
    "WebSocket auth": (floods.websocket_auths, 300),
    "handshakes with large heads": (floods.polling_handshakes, 4000),
    "unfinished messages": (floods.unfinished_messages, 300),
    "missing attachments": (floods.missing_attachments, 40),
    "unfinished bodies": (floods.unfinished_bodies, 300),
    "bodies overtaken by an upgrade": (floods.overtaken_bodies, 240),
    "pipelined requests": (floods.pipelined_requests, 600),
}


@pytest.mark.parametrize("kind", FLOODS)
def test_memory_is_bounded_and_others_are_served(chatd, kind):
    flood, count = FLOODS[kind]
    others = Bystanders(chatd.port)
    others.are_served()
    before = chatd.status("VmRSS")
    held = []
    for _ in range(4):
        held += flood(chatd.port, count // 4)
        others.are_served()
    growth = chatd.status("VmHWM") - before
    assert growth <= ALLOWED_GROWTH, f"memory grew by {growth / MEBIBYTE:.1f} MiB"
    assert int(counters(chatd)["input_bytes"]) <= BUDGET
    others.are_served()
    others.check_newcomer()
    for connection in held:
        connection.close()
    wait_until(lambda: int(counters(chatd)["input_bytes"]) == 0, message="not everything was released")


def test_memory_is_bounded_and_others_are_served_at_a_worker(supervise):
    server = supervise(1)
    worker = server.worker_pid(0)

    def rss(key):
        text = open(f"/proc/{worker}/status").read()
        return int(text.split(key + ":")[1].split()[0]) * 1024

    others = Bystanders(server.port)
    others.are_served()
    before = rss("VmRSS")
    held = floods.unfinished_messages(server.port, 300)
    others.are_served()
    assert rss("VmHWM") - before <= ALLOWED_GROWTH
    assert server.worker_pid(0) == worker
    for connection in held:
        connection.close()


def test_the_connection_that_holds_the_most_is_reset_and_smaller_ones_stay(start_chatd):
    admin = free_port()
    chatd = start_chatd("--max-input-memory", 16 * MEBIBYTE, "--admin-port", admin)
    small = floods.unfinished_messages(chatd.port, 10, 100_000)
    large = floods.unfinished_messages(chatd.port, 20)
    with ChatClient(chatd.port) as other:
        assert other.say("served", timeout=20) == []
        # The budget has room for 15 of the large ones.
        wait_until(lambda: int(counters(chatd)["input_resets"]) >= 5)
        assert all(floods.is_open(socket) for socket in small)
        gone = [floods.is_open(socket) for socket in large].count(False)
        assert gone == int(counters(chatd)["input_resets"])
        assert Page(admin)['chatd_refusals_total{reason="input_memory_reset"}'] == gone
        assert "--max-input-memory" in chatd.stderr_text()
        # The others can complete their message, which is not a Socket.IO packet.
        for socket in small:
            socket.send(b"4")
            assert socket.wait_for_close().had_frame


def test_one_packet_may_have_ten_attachments_of_the_largest_size(start_chatd):
    chatd = start_chatd("--max-input-memory", MEBIBYTE)
    socket = floods.missing_attachments(chatd.port, 1)[0]
    socket.send(floods.unmasked_frame(floods.BINARY, bytes(floods.MEGABYTE)))
    socket.send_text("40/other,")
    assert socket.receive_message() == '44/other,{"message":"Invalid namespace"}'
    assert counters(chatd)["input_resets"] == "0"


def post_attachment(session, size):
    return session.post("b" + base64.b64encode(bytes(size)).decode())


def begin_packet(session):
    """Begins a packet with two attachments."""
    assert session.post("40").text == "ok"
    assert session.receive(1)[0].startswith("40{")
    placeholders = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}'
    assert session.post(f'452-["file",{placeholders}]').text == "ok"


def test_a_polling_session_that_holds_the_most_is_ended(start_chatd):
    chatd = start_chatd("--max-input-memory", MEBIBYTE, "--max-payload", 200_000)
    # The limit is 11 times the largest message.
    sessions = [PollingSession(chatd.port) for _ in range(37)]
    for number, session in enumerate(sessions):
        begin_packet(session)
        size = 140_000 if number == 7 else 60_000
        assert post_attachment(session, size).text == "ok"
    assert counters(chatd)["input_resets"] == "1"
    assert sessions[7].post("3").status == 400
    assert [session.post("3").status for session in sessions].count(200) == 36


def test_the_input_of_a_session_still_counts_after_its_upgrade(chatd):
    session = PollingSession(chatd.port)
    begin_packet(session)
    assert post_attachment(session, 100_000).text == "ok"
    held = int(counters(chatd)["input_bytes"])
    assert held > 100_000
    socket = upgrade(session)
    socket.send_text(PONG)
    assert int(counters(chatd)["input_bytes"]) == held
    socket.close()
    wait_until(lambda: counters(chatd)["input_bytes"] == "0")


def test_among_small_connections_a_new_one_gets_503_and_the_others_stay(start_chatd):
    admin = free_port()
    chatd = start_chatd("--max-input-memory", MEBIBYTE, "--max-payload", 1000, "--admin-port", admin)
    others = Bystanders(chatd.port)
    heads = floods.unfinished_heads(chatd.port, 80)
    others.are_served()
    refused = int(counters(chatd)["input_refusals"])
    assert refused > 0
    assert Page(admin)['chatd_refusals_total{reason="input_memory"}'] == refused
    assert counters(chatd)["input_resets"] == "0"
    last = heads[-1].wait_for_end()
    assert last.startswith(b"HTTP/1.1 503 "), last[:200]
    assert floods.is_open(heads[0])
    others.check_newcomer()


@pytest.mark.parametrize("size, is_taken", [(65_536, True), (65_537, False)])
def test_a_large_auth_is_refused_and_the_connection_stays(shared_chatd, size, is_taken):
    auth = '{"token":"' + "x" * (size - 12) + '"}'
    assert len(auth) == size
    socket = floods.open_websocket(shared_chatd.port)
    socket.send_text("40" + auth)
    answer = socket.receive_message()
    if is_taken:
        assert answer.startswith('40{"sid":"')
    else:
        assert answer == '44{"message":"auth is too large"}'
        socket.send_text("40")
        assert socket.receive_message().startswith('40{"sid":"')


def test_the_limit_of_auth_is_an_option(start_chatd):
    chatd = start_chatd("--max-auth", 20)
    socket = floods.open_websocket(chatd.port)
    socket.send_text('40{"a":"0123456789012"}')
    assert socket.receive_message() == '44{"message":"auth is too large"}'
    session = PollingSession(chatd.port)
    assert session.post('40{"a":"012345678901"}').text == "ok"
    assert session.receive(1)[0].startswith("40{")


def test_handshakes_are_not_kept(chatd):
    with ChatClient(chatd.port, 0) as client:
        client.say("hello")
        PollingSession(chatd.port)
        # The method, path and version of each.
        assert int(counters(chatd)["handshake_bytes"]) < 100
        assert counters(chatd)["input_bytes"] == "0"
