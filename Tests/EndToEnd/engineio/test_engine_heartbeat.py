"""Pings and deadlines. These tests measure time: interval 300 ms, timeout 200 ms."""

import time

import pytest

from engine import ENGINE_IO, SOCKET_IO, EngineWebSocket, PollingSession
from waiting import let_time_pass
from wire import Disconnected

pytestmark = pytest.mark.timeout(20)

INTERVAL, TIMEOUT = 0.3, 0.2

#: The delay allowed for a loaded machine.
SLACK = 0.4


# A Socket.IO client that joins no namespace is disconnected after a second.
@pytest.mark.parametrize("path, rounds", [(ENGINE_IO, 4), (SOCKET_IO, 2)])
def test_a_polling_session_that_answers_pings_stays_open(conformance, path, rounds):
    session = PollingSession(conformance.port, path)
    last = session.opened_at
    for _ in range(rounds):
        assert session.get().text == "2"
        now = time.monotonic()
        assert INTERVAL - 0.05 <= now - last <= INTERVAL + SLACK
        assert session.post("3").text == "ok"
        last = now


def test_a_websocket_session_that_answers_pings_stays_open(conformance):
    with EngineWebSocket(conformance.port, ENGINE_IO) as socket:
        last = socket.opened_at
        for _ in range(4):
            assert socket.receive_message() == "2"
            now = time.monotonic()
            assert INTERVAL - 0.05 <= now - last <= INTERVAL + SLACK
            socket.send_text("3")
            last = now
        socket.send_text("4hello")
        assert socket.receive_packet() == "4hello"


@pytest.mark.parametrize("path", [ENGINE_IO, SOCKET_IO])
@pytest.mark.parametrize("request_of", ["get", "post"])
def test_a_session_without_a_pong_ends_500_ms_after_its_handshake(conformance, path, request_of):
    session = PollingSession(conformance.port, path)
    let_time_pass(INTERVAL + TIMEOUT)
    response = session.get() if request_of == "get" else session.post("3")
    assert response.status == 400
    assert response.text == '{"code":1,"message":"Session ID unknown"}'


def test_a_waiting_get_is_ended_when_the_pong_is_late(conformance):
    session = PollingSession(conformance.port, ENGINE_IO)
    assert session.get().text == "2"
    response = session.get()
    assert INTERVAL + TIMEOUT - 0.05 <= time.monotonic() - session.opened_at <= INTERVAL + TIMEOUT + SLACK
    assert (response.status, response.text) == (200, "6")
    assert session.get().status == 400, "the client must learn of the end and reconnect"


@pytest.mark.parametrize("path", [ENGINE_IO, SOCKET_IO])
def test_a_silent_websocket_is_closed_500_ms_after_its_handshake(conformance, path):
    with EngineWebSocket(conformance.port, path) as socket:
        assert socket.receive_message() == "2"
        socket.wait_for_close(5)
        elapsed = time.monotonic() - socket.opened_at
        assert INTERVAL + TIMEOUT - 0.05 <= elapsed <= INTERVAL + TIMEOUT + SLACK


def test_messages_do_not_count_as_pongs(conformance):
    """Deadlines are absolute: a client that sends messages but no pongs is closed."""
    with EngineWebSocket(conformance.port, ENGINE_IO) as socket:
        try:
            while time.monotonic() - socket.opened_at < 3:
                socket.send_text("4I am busy")
                socket.receive_message()
        except (Disconnected, BrokenPipeError, ConnectionResetError):
            pass
        assert time.monotonic() - socket.opened_at <= INTERVAL + TIMEOUT + SLACK


@pytest.mark.parametrize("packet", ["2", "3", "2hello", "3probe"])
def test_an_unexpected_ping_or_pong_is_harmless(conformance, packet):
    """It may close that session. It must not harm the server, which the fixture checks."""
    session = PollingSession(conformance.port, ENGINE_IO)
    assert session.post(packet).status in (200, 400)
    with EngineWebSocket(conformance.port, ENGINE_IO) as socket:
        socket.send_text(packet)
        socket.send_text("4after")
        try:
            while socket.receive_message() != "4after":
                pass
        except Disconnected:
            pass
