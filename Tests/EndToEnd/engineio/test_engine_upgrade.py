"""The upgrade from polling to WebSocket loses, repeats and reorders nothing."""

import signal
import time

import pytest

from engine import ENGINE_IO, SEPARATOR, EngineWebSocket, PollingSession, upgrade
from packets import SocketIOPollingSession
from waiting import wait_until
from wire import PING, PONG, TEXT, Disconnected, HTTPConnection, frame

pytestmark = pytest.mark.timeout(30)


@pytest.fixture
def session(conformance):
    return PollingSession(conformance.port, ENGINE_IO)


def test_a_session_upgrades(session):
    with upgrade(session) as socket:
        socket.send_text("4hello")
        assert receive_after_upgrade(socket) == "4hello"


def test_a_probe_that_sends_many_pings_ends_and_polling_continues(session):
    with EngineWebSocket(session.port, ENGINE_IO, session.sid) as socket:
        socket.send(frame(PING) * 100)
        socket.wait_for_end()
    session.post("4hello")
    assert session.get().text == "4hello"


def test_pings_count_for_the_whole_time_in_which_a_websocket_probes(session):
    with EngineWebSocket(session.port, ENGINE_IO, session.sid) as socket:
        for _ in range(2):
            socket.send(frame(PING) * 8)
            for _ in range(8):
                assert socket.receive_frame().opcode == PONG
        socket.send(frame(PING))
        socket.wait_for_end()
    session.post("4hello")
    assert session.get().text == "4hello"


def test_a_session_that_upgrades_before_its_post_is_answered_outlives_the_connection_of_the_post(start_chatd):
    port = start_chatd("--message-rate", "10/5").port
    session = PollingSession(port)
    assert session.post("40").text == "ok"
    session.receive(1)
    session.target += "&t=held"
    # The POST is answered when the rate allows the last message: in a second.
    body = SEPARATOR.join(['42["nothing"]'] * 15)
    held = session.start_post(body, len(body))
    with upgrade(session) as socket:
        held.close()
        # A repeat of a POST must come within five seconds.
        deadline = time.monotonic() + 7
        number = 0
        while time.monotonic() < deadline:
            number += 1
            socket.send_text(f'42{number}["chat message","hello","offset-{number}"]')
            while not socket.receive_packet().startswith(f"43{number}["):
                pass


def receive_after_upgrade(socket):
    """The next packet. Skips a noop that closed the polling side."""
    while (packet := socket.receive_packet()) == "6":
        pass
    return packet


def test_the_probe_ends_a_waiting_get_with_noop_within_100_ms(conformance):
    def attempt():
        session = PollingSession(conformance.port, ENGINE_IO)
        with session.start_get() as waiting, EngineWebSocket(conformance.port, ENGINE_IO, session.sid) as socket:
            socket.probe()
            probed_at = time.monotonic()
            answer = waiting.read_response()
            assert (answer.status, answer.text) == (200, "6")
            return time.monotonic() - probed_at

    # The best of three: a busy machine may delay one of them, a bug in the server delays all.
    assert min(attempt() for _ in range(3)) <= 0.1


def test_a_get_after_the_probe_is_ended_with_noop_within_100_ms(conformance):
    def attempt():
        session = PollingSession(conformance.port, ENGINE_IO)
        with EngineWebSocket(conformance.port, ENGINE_IO, session.sid) as socket:
            socket.probe()
            asked_at = time.monotonic()
            answer = session.get()
            assert (answer.status, answer.text) == (200, "6")
            elapsed = time.monotonic() - asked_at
            socket.send_text("5")
            socket.send_text("4hello")
            assert receive_after_upgrade(socket) == "4hello"
            return elapsed

    assert min(attempt() for _ in range(3)) <= 0.1


def test_after_the_upgrade_polling_requests_are_refused(session):
    with upgrade(session) as socket:
        socket.send_text("4hello")
        assert receive_after_upgrade(socket) == "4hello"
        assert session.get().status == 400
        assert session.post("4by post").status == 400
        socket.send_text("4still here")
        assert receive_after_upgrade(socket) == "4still here"


def test_probe_and_upgrade_may_arrive_in_one_segment(conformance, session):
    with EngineWebSocket(conformance.port, ENGINE_IO, session.sid) as socket:
        socket.send(frame(TEXT, "2probe") + frame(TEXT, "5") + frame(TEXT, "4hello"))
        assert socket.receive_packet() == "3probe"
        assert receive_after_upgrade(socket) == "4hello"
        assert session.get().status == 400


def numbered(first, last):
    return [f"4m{number}" for number in range(first, last)]


@pytest.mark.parametrize("polls_after_probe", [0, 1, 2])
def test_queued_packets_keep_their_order_across_the_upgrade(conformance, session, polls_after_probe):
    """20 before the probe, 20 between probe and upgrade, 20 after. Some arrive by polling, the rest by WebSocket."""
    received = []
    assert session.post(SEPARATOR.join(numbered(0, 20))).text == "ok"
    with EngineWebSocket(conformance.port, ENGINE_IO, session.sid) as socket:
        socket.probe()
        assert session.post(SEPARATOR.join(numbered(20, 40))).text == "ok"
        for _ in range(polls_after_probe):
            received += session.poll()
        socket.send_text("5")
        for packet in numbered(40, 60):
            socket.send_text(packet)
        while len(received) < 60:
            received.append(receive_after_upgrade(socket))
        assert received == numbered(0, 60)


def test_queued_binary_is_sent_as_binary_after_the_upgrade(conformance, session):
    assert session.post("4text\x1ebAQIDBA==").text == "ok"
    with upgrade(session) as socket:
        assert receive_after_upgrade(socket) == "4text"
        assert receive_after_upgrade(socket) == b"\x01\x02\x03\x04"


def test_a_websocket_for_an_upgraded_session_is_accepted_and_closed(conformance, session):
    with upgrade(session) as first:
        first.send_text("4hello")
        assert receive_after_upgrade(first) == "4hello"
        with EngineWebSocket(conformance.port, ENGINE_IO, session.sid) as second:
            assert second.response.status == 101
            second.wait_for_close()
        first.send_text("4still here")
        assert receive_after_upgrade(first) == "4still here"


@pytest.mark.parametrize("ending", ["close", "reset", "send_close"])
def test_an_upgrade_that_fails_after_the_probe_does_not_affect_polling(shared_chatd, ending):
    session = SocketIOPollingSession(shared_chatd.port)
    socket = EngineWebSocket(shared_chatd.port, sid=session.sid)
    socket.probe()
    getattr(socket, ending)()
    wait_until(lambda: get_waits(session), 5, "polls still end at once")
    with upgrade(session) as second:
        second.send_text("41")
        assert session.get().status == 400
    socket.close()


def get_waits(session):
    """True if a GET waits for data again instead of ending with a noop. The data is the ack of an invalid message."""
    with session.start_get() as waiting:
        session.post('4217["chat message",1]')
        answer = waiting.read_response().text
    if answer.startswith("4317["):
        return True
    assert answer == "6"
    assert session.receive(1)[0].startswith("4317[")
    return False


@pytest.mark.parametrize("first", ["5", "4hello", "2", "2prob", "3probe", "abc", ""], ids=repr)
def test_a_websocket_without_a_probe_does_not_upgrade_the_session(shared_chatd, first):
    session = PollingSession(shared_chatd.port)
    with EngineWebSocket(shared_chatd.port, sid=session.sid) as socket:
        socket.send_text(first)
        # A ping follows: once its pong (or the end) arrives, the server has handled everything before it.
        socket.send_frame(PING, b"after")
        try:
            while socket.receive_frame().opcode != PONG:
                pass
        except Disconnected:
            pass
    assert session.post("40").text == "ok"
    assert session.receive(1)[0].startswith("40{")


def test_an_incomplete_upgrade_is_closed_after_10_s_and_polling_continues(chatd):
    """This test measures time: one client stops before the probe, one after it."""
    sessions = [PollingSession(chatd.port), PollingSession(chatd.port)]
    sockets = [EngineWebSocket(chatd.port, sid=session.sid) for session in sessions]
    started = time.monotonic()
    sockets[1].probe()
    for socket in sockets:
        socket.wait_for_close(13)
        assert 9 <= time.monotonic() - started <= 13
    for session in sessions:
        assert session.post("40").text == "ok"
        assert session.receive(1)[0].startswith("40{")


# The server ends the session during the upgrade. A client may have stopped polling, so it must get its WebSocket.


def stop(chatd):
    """Asks the server to stop, and returns once it has closed its sessions."""
    with HTTPConnection(chatd.port) as idle:
        assert idle.request("GET", "/nowhere").status == 404
        chatd.send_signal(signal.SIGTERM)
        # A stopping server closes sessions first, then idle connections.
        idle.wait_for_end()


def is_open(socket):
    """True if the server still answers pings of the WebSocket."""
    socket.send_frame(PING, b"open?")
    return socket.receive_frame().opcode == PONG


def test_a_server_that_stops_during_an_upgrade_closes_the_websocket_after_it(chatd):
    session = PollingSession(chatd.port)
    with session.start_get() as waiting, EngineWebSocket(chatd.port, sid=session.sid) as socket:
        socket.probe()
        assert waiting.read_response().text == "6"
        stop(chatd)
        assert is_open(socket)
        socket.send_text("5")
        assert socket.wait_for_close().code == 1001
    assert chatd.wait() == 0


def test_a_client_that_never_finishes_its_upgrade_does_not_prevent_a_stop(chatd):
    session = PollingSession(chatd.port)
    with EngineWebSocket(chatd.port, sid=session.sid) as socket:
        socket.probe()
        assert chatd.stop() == 0


def test_a_server_that_stops_before_the_probe_closes_the_websocket_at_once(chatd):
    session = PollingSession(chatd.port)
    with EngineWebSocket(chatd.port, sid=session.sid) as socket:
        chatd.send_signal(signal.SIGTERM)
        assert socket.wait_for_close(1).code == 1001
    assert chatd.wait() == 0


def test_a_session_that_the_server_closes_during_an_upgrade_gets_its_packets_on_the_websocket(shared_chatd):
    session = SocketIOPollingSession(shared_chatd.port)
    with EngineWebSocket(shared_chatd.port, sid=session.sid) as socket:
        socket.probe()
        # The acknowledgement waits for the next GET. The second packet is malformed, which ends the session.
        session.post('4217["chat message",1]' + SEPARATOR + "4x")
        assert is_open(socket)
        socket.send_text("5")
        assert socket.receive_packet().startswith("4317[")
        assert socket.wait_for_close().code == 1000


def test_a_session_that_the_server_closes_during_an_upgrade_answers_a_get_with_close(shared_chatd):
    session = SocketIOPollingSession(shared_chatd.port)
    with EngineWebSocket(shared_chatd.port, sid=session.sid) as socket:
        socket.probe()
        session.post("4x")
        assert is_open(socket)
        assert session.get().text == "1"
        assert socket.wait_for_close().code == 1000
