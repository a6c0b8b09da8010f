"""The opening handshake of RFC 6455, section 4."""

import base64
import hashlib

import pytest

from wire import TEXT, HTTPConnection, WebSocket, frame, http, upgrade_request

pytestmark = pytest.mark.timeout(20)

MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


@pytest.mark.parametrize("key", ["dGhlIHNhbXBsZSBub25jZQ==", base64.b64encode(b"\xff" * 16).decode()])
def test_the_accept_header_is_derived_from_the_key(conformance, key):
    with WebSocket(conformance.port, "/echo", {"Sec-WebSocket-Key": key}) as socket:
        expected = base64.b64encode(hashlib.sha1((key + MAGIC).encode()).digest()).decode()
        assert socket.response.header("sec-websocket-accept") == expected
        assert socket.response.header("upgrade").lower() == "websocket"
        assert socket.response.header("connection").lower() == "upgrade"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits"},
        {"Sec-WebSocket-Extensions": "x-unknown;;;==,,"},
        {"Connection": "keep-alive, Upgrade"},
        {"Connection": "UPGRADE"},
        {"Upgrade": "WebSocket"},
        {"Upgrade": "h2c, websocket"},
        {"Origin": "http://elsewhere.example"},
    ],
    ids=str,
)
def test_extension_offers_and_spellings_do_not_affect_the_handshake(conformance, headers):
    with WebSocket(conformance.port, "/echo", headers) as socket:
        assert socket.response.header("sec-websocket-extensions") is None
        assert socket.response.header("sec-websocket-protocol") is None
        socket.send_text("hello")
        assert socket.receive_message() == "hello"


@pytest.mark.parametrize(
    "change",
    [
        {"without": ["Sec-WebSocket-Key"]},
        {"without": ["Sec-WebSocket-Version"]},
        {"without": ["Connection"]},
        {"headers": {"Sec-WebSocket-Key": "short"}},
        {"headers": {"Sec-WebSocket-Key": "!" * 24}},
        {"headers": {"Upgrade": "h2c"}},
        {"headers": {"Connection": "close"}},
        {"method": "POST"},
    ],
    ids=str,
)
def test_an_invalid_handshake_is_refused(conformance, change):
    with HTTPConnection(conformance.port) as connection:
        connection.send(upgrade_request(conformance.port, "/echo", **change))
        assert 400 <= connection.read_response().status < 500


@pytest.mark.parametrize("version", ["8", "12", "14", "abc"])
def test_another_version_is_refused_with_the_supported_one(conformance, version):
    with HTTPConnection(conformance.port) as connection:
        connection.send(upgrade_request(conformance.port, "/echo", {"Sec-WebSocket-Version": version}))
        response = connection.read_response()
        assert response.status in (400, 426)
        assert response.header("sec-websocket-version") == "13"


def test_a_plain_get_is_not_upgraded(conformance):
    assert http(conformance.port, "GET", "/echo").status in (400, 404, 426)


def test_frames_may_follow_the_handshake_in_one_segment(conformance):
    with HTTPConnection(conformance.port) as connection:
        connection.send(upgrade_request(conformance.port, "/echo") + frame(TEXT, "early"))
        assert connection.read_response().status == 101
        assert connection.receive_exactly(7) == b"\x81\x05early"


def test_the_handshake_may_come_byte_by_byte(conformance):
    with HTTPConnection(conformance.port) as connection:
        connection.send_bytewise(upgrade_request(conformance.port, "/echo") + frame(TEXT, "slow"))
        assert connection.read_response().status == 101
        assert connection.receive_exactly(6) == b"\x81\x04slow"
