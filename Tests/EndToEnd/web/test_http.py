"""chatd's HTTP/1.1, below Engine.IO."""

import pytest

from engine import ENGINE_IO, PollingSession, polling_target
from wire import HTTPConnection, http, refusal

pytestmark = pytest.mark.timeout(20)

HANDSHAKE = polling_target("/socket.io/")


def test_a_connection_can_carry_many_requests(shared_chatd):
    with HTTPConnection(shared_chatd.port) as connection:
        for _ in range(3):
            assert connection.request("GET", HANDSHAKE).status == 200


def test_pipelined_requests_are_answered_in_their_order(shared_chatd):
    with HTTPConnection(shared_chatd.port) as connection:
        targets = [HANDSHAKE, "/nowhere", HANDSHAKE]
        connection.send(b"".join(connection.request_bytes("GET", target) for target in targets))
        assert [connection.read_response().status for _ in targets] == [200, 404, 200]


def test_a_request_may_come_byte_by_byte(shared_chatd):
    with HTTPConnection(shared_chatd.port) as connection:
        connection.send_bytewise(connection.request_bytes("GET", HANDSHAKE))
        assert connection.read_response().status == 200


def test_connection_close_ends_the_connection(shared_chatd):
    with HTTPConnection(shared_chatd.port) as connection:
        assert connection.request("GET", HANDSHAKE, {"Connection": "close"}).status == 200
        assert connection.wait_for_end() == b""


def test_an_http_1_0_request_is_answered_and_closed(shared_chatd):
    with HTTPConnection(shared_chatd.port) as connection:
        connection.send(b"GET / HTTP/1.0\r\n\r\n")
        assert b" 200 " in connection.wait_for_end().split(b"\r\n")[0]


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_body_may_be_chunked(conformance, size):
    session = PollingSession(conformance.port, ENGINE_IO)
    body = "4" + "chunked é " * 20
    with HTTPConnection(conformance.port) as connection:
        connection.send_request("POST", session.target, {"Transfer-Encoding": "chunked"})
        data = body.encode()
        for start in range(0, len(data), size):
            piece = data[start : start + size]
            connection.send(b"%x\r\n%s\r\n" % (len(piece), piece))
        connection.send(b"0\r\n\r\n")
        assert connection.read_response().text == "ok"
        assert session.receive(1) == [body]


def test_head_answers_like_get_without_the_body(shared_chatd):
    with HTTPConnection(shared_chatd.port) as connection:
        get = connection.request("GET", "/")
        head = connection.request("HEAD", "/")
        assert (head.status, head.body) == (200, b"")
        assert head.header("content-length") == get.header("content-length") == str(len(get.body))
        assert head.header("content-type") == get.header("content-type")
        # No body followed: the next answer begins in the right place.
        assert connection.request("GET", "/nowhere").status == 404


@pytest.mark.parametrize("target", ["/nowhere", "/index", "/socket.iox/", "/../etc/passwd", "/%2e%2e/"])
def test_an_unknown_path_gets_404(shared_chatd, target):
    assert http(shared_chatd.port, "GET", target).status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_a_page_refuses_other_methods_and_names_the_right_ones(shared_chatd, method):
    response = http(shared_chatd.port, method, "/", body="")
    assert response.status == 405
    assert "GET" in response.header("allow")


@pytest.mark.parametrize("server_name", ["chatd", "conformance"])
def test_no_cors_and_no_cookies_unless_configured(server_name, request):
    server = request.getfixturevalue("shared_chatd" if server_name == "chatd" else server_name)
    for method in ("GET", "OPTIONS"):
        response = http(server.port, method, HANDSHAKE, {"Origin": "http://elsewhere.example"})
        names = [name.lower() for name, _ in response.headers]
        assert not [name for name in names if name.startswith("access-control-")]
        assert "set-cookie" not in names


MALFORMED = {
    "no request line": b"\r\n\r\nnonsense\r\n\r\n",
    "no version": b"GET /\r\n\r\n",
    "a word too many": b"GET / x HTTP/1.1\r\nHost: a\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "header without colon": b"GET / HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n",
    "space before colon": b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
    "folded header": b"GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n",
    "negative length": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    "length not a number": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1x\r\n\r\n",
    "length beyond 64 bits": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "length and chunks":
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunk size not a number": b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    "chunk size beyond 64 bits":
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffffff\r\n",
    "zero byte": b"GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n",
}


@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_request_is_refused_and_the_connection_ends(shared_chatd, data):
    with HTTPConnection(shared_chatd.port) as connection:
        connection.send(data)
        assert connection.read_response().status in (400, 413, 501, 505)
        assert connection.wait_for_end() == b""
    assert http(shared_chatd.port, "GET", "/").status == 200


def test_a_body_over_the_limit_gets_413_before_it_has_been_sent(conformance):
    session = PollingSession(conformance.port, ENGINE_IO)
    with HTTPConnection(conformance.port) as connection:
        connection.send_request("POST", session.target, {"Content-Length": "1000001"})
        assert connection.read_response().status == 413


def test_a_chunked_body_over_the_limit_gets_413(conformance):
    session = PollingSession(conformance.port, ENGINE_IO)
    with HTTPConnection(conformance.port) as connection:
        head = connection.request_bytes("POST", session.target, {"Transfer-Encoding": "chunked"})
    piece = b"10000\r\n" + b"4" * 0x10000 + b"\r\n"
    response = refusal(conformance.port, head + piece * 17)
    assert response is None or response.status == 413


def test_a_head_that_is_too_long_gets_431(shared_chatd):
    head = b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 200_000 + b"\r\n\r\n"
    assert refusal(shared_chatd.port, head).status == 431


def test_a_target_that_is_too_long_is_refused(shared_chatd):
    response = refusal(shared_chatd.port, b"GET /" + b"x" * 200_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n")
    assert response.status in (400, 414, 431)
