"""Opening an Engine.IO session, and every reason to refuse one."""

import json
import re

import pytest

from engine import ENGINE_IO, SOCKET_IO, EngineWebSocket, PollingSession, websocket_target
from wire import HTTPConnection, http, upgrade_request

pytestmark = pytest.mark.timeout(20)


def open_packet(upgrades, interval, timeout):
    return re.compile(
        r'0\{"sid":"[A-Za-z0-9_-]{20}","upgrades":' + re.escape(upgrades)
        + rf',"pingInterval":{interval},"pingTimeout":{timeout},"maxPayload":1000000\}}'
    )


@pytest.mark.parametrize("path", [ENGINE_IO, SOCKET_IO])
def test_a_polling_handshake_has_exactly_these_keys(conformance, path):
    session = PollingSession(conformance.port, path)
    assert open_packet('["websocket"]', 300, 200).fullmatch(session.open_packet)


@pytest.mark.parametrize("path", [ENGINE_IO, SOCKET_IO])
def test_a_websocket_handshake_offers_no_upgrade(conformance, path):
    with EngineWebSocket(conformance.port, path) as socket:
        assert open_packet("[]", 300, 200).fullmatch(socket.open_packet)


def test_chatd_has_the_usual_heartbeat(shared_chatd):
    session = PollingSession(shared_chatd.port)
    assert open_packet('["websocket"]', 25000, 20000).fullmatch(session.open_packet)
    with EngineWebSocket(shared_chatd.port) as socket:
        assert open_packet("[]", 25000, 20000).fullmatch(socket.open_packet)


def test_session_ids_are_unique_and_random(shared_chatd):
    sids = [PollingSession(shared_chatd.port).sid for _ in range(200)]
    assert len(set(sids)) == len(sids)
    varied = [place for place in zip(*sids) if len(set(place)) >= 16]
    assert len(varied) >= 12, "too few of the 20 characters look random"


def test_the_query_may_have_more_parameters_in_any_order(shared_chatd):
    target = "/socket.io/?t=abc&transport=polling&token=a%26b%3Dc&EIO=4&empty=&flag"
    assert http(shared_chatd.port, "GET", target).text.startswith("0{")


REFUSALS = [
    ("GET", "EIO=4", 0, "Transport unknown"),
    ("GET", "EIO=4&transport=", 0, "Transport unknown"),
    ("GET", "EIO=4&transport=abc", 0, "Transport unknown"),
    ("GET", "EIO=4&transport=webtransport", 0, "Transport unknown"),
    ("GET", "EIO=4&transport=__proto__", 0, "Transport unknown"),
    ("GET", "EIO=4&transport=constructor", 0, "Transport unknown"),
    ("GET", "EIO=4&transport=polling&sid=unknown", 1, "Session ID unknown"),
    ("GET", "EIO=4&transport=polling&sid=AAAAAAAAAAAAAAAAAAAA", 1, "Session ID unknown"),
    ("POST", "EIO=4&transport=polling&sid=AAAAAAAAAAAAAAAAAAAA", 1, "Session ID unknown"),
    ("GET", "EIO=4&transport=polling&sid=__proto__", 1, "Session ID unknown"),
    ("POST", "EIO=4&transport=polling", 2, "Bad handshake method"),
    ("PUT", "EIO=4&transport=polling", 2, "Bad handshake method"),
    ("DELETE", "EIO=4&transport=polling", 2, "Bad handshake method"),
    ("GET", "EIO=4&transport=websocket", 3, "Bad request"),
    ("GET", "transport=polling", 5, "Unsupported protocol version"),
    ("GET", "EIO=&transport=polling", 5, "Unsupported protocol version"),
    ("GET", "EIO=3&transport=polling", 5, "Unsupported protocol version"),
    ("GET", "EIO=5&transport=polling", 5, "Unsupported protocol version"),
    ("GET", "EIO=abc&transport=polling", 5, "Unsupported protocol version"),
]


@pytest.mark.parametrize("path", [ENGINE_IO, SOCKET_IO])
@pytest.mark.parametrize("method, query, code, message", REFUSALS)
def test_a_refused_handshake_has_a_reason(conformance, path, method, query, code, message):
    response = http(conformance.port, method, f"{path}?{query}", body=None if method == "GET" else "")
    assert response.status == 400
    assert response.header("content-type").startswith("application/json")
    assert response.text == f'{{"code":{code},"message":"{message}"}}'


@pytest.mark.parametrize(
    "query, code",
    [
        ("EIO=4&transport=websocket&sid=AAAAAAAAAAAAAAAAAAAA", 1),
        ("transport=websocket", 5),
        ("EIO=abc&transport=websocket", 5),
        ("EIO=4", 0),
        ("EIO=4&transport=abc", 0),
    ],
)
def test_a_refused_websocket_handshake_is_answered_and_closed(conformance, query, code):
    with HTTPConnection(conformance.port) as connection:
        connection.send(upgrade_request(conformance.port, f"/engine.io/?{query}"))
        response = connection.read_response()
        assert response.status == 400
        assert json.loads(response.text)["code"] == code


def test_a_request_with_the_wrong_transport_for_its_session_is_refused(conformance):
    with EngineWebSocket(conformance.port, ENGINE_IO) as socket:
        response = http(conformance.port, "GET", f"/engine.io/?EIO=4&transport=polling&sid={socket.sid}")
        assert (response.status, json.loads(response.text)["code"]) == (400, 3)
        # The refused request does not affect the session.
        socket.send_text("4still here")
        assert socket.receive_packet() == "4still here"


def test_a_websocket_request_for_a_polling_session_without_upgrade_is_refused(conformance):
    session = PollingSession(conformance.port, ENGINE_IO)
    response = http(conformance.port, "GET", websocket_target(ENGINE_IO, session.sid))
    assert (response.status, json.loads(response.text)["code"]) == (400, 3)


@pytest.mark.parametrize("origin", [b"http://a\x01b", b"\x7f", b"a\x00b"])
def test_an_origin_with_control_bytes_is_a_bad_request(conformance, origin):
    with HTTPConnection(conformance.port) as connection:
        connection.send(
            b"GET /engine.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: localhost\r\nOrigin: " + origin + b"\r\n\r\n"
        )
        assert connection.read_response().status == 400
