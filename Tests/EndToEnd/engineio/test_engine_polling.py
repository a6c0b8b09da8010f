"""The polling transport: payloads, order, closing, and concurrent requests."""

import signal

import pytest

from engine import ENGINE_IO, SEPARATOR, PollingSession
from packets import SocketIOPollingSession
from waiting import wait_until
from wire import Disconnected, HTTPConnection, http, refusal

pytestmark = pytest.mark.timeout(20)


@pytest.fixture
def session(conformance):
    """A new session of the echoing engine. It ends after 500 ms if its pings are not answered."""
    return PollingSession(conformance.port, ENGINE_IO)


def assert_unknown(session):
    response = session.get()
    assert (response.status, response.text) == (400, '{"code":1,"message":"Session ID unknown"}')


def test_a_post_is_answered_with_ok(session):
    response = session.post("4hello")
    assert (response.status, response.body) == (200, b"ok")
    assert response.header("content-type").split(";")[0] == "text/html"


@pytest.mark.parametrize(
    "body",
    [
        "4hello",
        "4",
        "4test1\x1e4test2\x1e4test3",
        "4hello\x1ebAQIDBA==",
        "bAQIDBA==",
        "b",
        "4é€😀\x1e4ünï",
        '4{"json":"\\u001e"}',
    ],
)
def test_messages_come_back_in_one_answer(session, body):
    assert session.post(body).text == "ok"
    assert session.get().text == body


def test_a_waiting_get_is_answered_with_a_message_at_once(session):
    with session.start_get() as waiting:
        assert session.post("4hello").text == "ok"
        response = waiting.read_response()
        assert (response.status, response.text) == (200, "4hello")


def test_an_answer_carries_at_most_16_packets_and_the_rest_waits(session):
    sent = [f"4m{number}" for number in range(40)]
    assert session.post(SEPARATOR.join(sent)).text == "ok"
    answers, received = [], []
    while len(received) < len(sent):
        answers.append(session.get().text.split(SEPARATOR))
        received += [packet for packet in answers[-1] if packet != "2"]
    assert received == sent
    assert [len(answer) for answer in answers[:2]] == [16, 16]
    assert all(len(answer) <= 16 for answer in answers)


def test_a_body_of_exactly_the_limit_is_accepted(session):
    body = "4" + "x" * 999_999
    assert session.post(body).text == "ok"
    assert session.receive(1) == [body]


def test_a_body_over_the_limit_gets_413(conformance, session):
    with HTTPConnection(conformance.port) as connection:
        data = connection.request_bytes("POST", session.target, body="4" + "x" * 1_000_000)
    response = refusal(conformance.port, data)
    assert response is not None and response.status == 413


def test_raw_binary_bodies_are_refused(session):
    response = session.post(b"\x01\x02", {"Content-Type": "application/octet-stream"})
    assert response.status == 400


@pytest.mark.parametrize("content_type", ["text/plain;charset=UTF-8", "text/plain", "application/json"])
def test_other_content_types_are_accepted(session, content_type):
    assert session.post("4hello", {"Content-Type": content_type}).text == "ok"
    assert session.receive(1) == ["4hello"]


@pytest.mark.parametrize(
    "body",
    ["abc", "7", "9hello", "4ok\x1eabc", "\x1e", "4a\x1e\x1e4b", "b%%%%", "bA", b"4\xff\xfe"],
    ids=repr,
)
def test_an_invalid_packet_closes_the_session(conformance, session, body):
    with HTTPConnection(conformance.port) as connection:
        try:
            assert connection.request("POST", session.target, body=body).status == 400
        except Disconnected:
            pass
    assert_unknown(session)


def test_a_second_get_ends_the_first_and_the_session(session):
    with session.start_get() as first:
        second = session.get()
        answer = first.read_response()
        assert (answer.status, answer.text) == (200, "1")
        assert second.status == 400
    assert_unknown(session)


def test_a_second_post_during_the_first_closes_the_session(session):
    body = "4" + "x" * 1000
    with session.start_post(body, sent=500) as first:
        assert session.post("4second").status == 400
        try:
            first.send(body[500:].encode())
            assert first.read_response().status == 400
        except (Disconnected, BrokenPipeError, ConnectionResetError):
            pass
    assert_unknown(session)


def test_consecutive_posts_on_one_connection_keep_their_order(conformance, session):
    with HTTPConnection(conformance.port) as connection:
        for number in range(10):
            assert connection.request("POST", session.target, body=f"4m{number}").text == "ok"
    assert session.receive(10) == [f"4m{number}" for number in range(10)]


def test_close_ends_a_waiting_get_with_noop(session):
    with session.start_get() as waiting:
        assert session.post("1").text == "ok"
        answer = waiting.read_response()
        assert (answer.status, answer.text) == (200, "6")
    assert_unknown(session)


def test_close_without_a_waiting_get_ends_the_session(session):
    assert session.post("1").text == "ok"
    assert_unknown(session)


def test_a_close_by_the_server_ends_the_waiting_get_with_close(shared_chatd):
    session = PollingSession(shared_chatd.port)
    with session.start_get() as waiting:
        session.post("4abc")  # no Socket.IO packet: the server closes
        answer = waiting.read_response()
        assert answer.status == 200
        assert answer.text in ("1", "6\x1e1")
    assert_unknown(session)


def test_a_server_that_stops_ends_the_waiting_get_with_noop(chatd):
    """It must not send a close packet, after which python clients do not reconnect."""
    session = PollingSession(chatd.port)
    with session.start_get() as waiting:
        chatd.send_signal(signal.SIGTERM)
        answer = waiting.read_response()
        assert (answer.status, answer.text) == (200, "6")


@pytest.mark.parametrize("ending", ["close", "reset", "half_close"])
def test_a_client_that_disconnects_during_a_get_ends_the_session(shared_chatd, ending):
    """chatd's heartbeat is too slow to end the session first. With a `t` it has 5 s: test_polling_repeats.py."""
    session = SocketIOPollingSession(shared_chatd.port)
    connection = session.start_get()
    getattr(connection, ending)()
    wait_until(lambda: not session.is_open(), 5, "the session outlived its client")
    assert_unknown(session)
    connection.close()


def test_a_client_that_disconnects_between_requests_keeps_its_session(shared_chatd):
    assert SocketIOPollingSession(shared_chatd.port).is_open()


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_a_session_accepts_only_get_and_post(shared_chatd, method):
    session = SocketIOPollingSession(shared_chatd.port)
    assert http(shared_chatd.port, method, session.target, body="").status in (400, 405)
    assert session.is_open()
