"""Allowed pages and hosts, with the requests of browsers and proxies in common setups."""

import json

import pytest

import processes
from engine import SOCKET_IO, EngineWebSocket, PollingSession, polling_target, websocket_target
from processes import run_chatd
from waiting import wait_until
from wire import HTTPConnection, WebSocket, http, refusal, upgrade_request

pytestmark = pytest.mark.timeout(30)

HANDSHAKE = polling_target(SOCKET_IO)
SCRIPT = "/socket.io/socket.io.js"
FORBIDDEN = '{"code":4,"message":"Forbidden"}'


def request(port, host, target=HANDSHAKE, origin=None, method="GET", more=()):
    """The bytes of a request with any Host."""
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}"]
    lines += [f"Origin: {origin}"] if origin is not None else []
    return "\r\n".join([*lines, *more, "", ""]).encode()


def polling(port, host, origin=None, **how):
    with HTTPConnection(port) as connection:
        connection.send(request(port, host, origin=origin, **how))
        return connection.read_response(how.get("method", "GET"))


def websocket(port, host, origin=None):
    headers = {"Host": host, **({"Origin": origin} if origin is not None else {})}
    with HTTPConnection(port) as connection:
        connection.send(upgrade_request(port, websocket_target(SOCKET_IO), headers))
        return connection.read_response()


def cors(response):
    return {name.lower(): value for name, value in response.headers if name.lower().startswith("access-control-")}


SETUPS = {
    "the server's own page": ("http://localhost:{port}", "localhost:{port}", True),
    "by IPv6": ("http://[::1]:{port}", "[::1]:{port}", True),
    "by IPv4": ("http://127.0.0.1:{port}", "127.0.0.1:{port}", True),
    "python-socketio": ("http://127.0.0.1:{port}", "127.0.0.1:{port}", True),
    "vite, direct": ("http://localhost:5173", "localhost:{port}", False),
    "vite as a proxy": ("http://localhost:5173", "localhost:5173", True),
    "vite as a proxy, changeOrigin": ("http://localhost:5173", "localhost:{port}", False),
    "nginx with its default Host": ("http://chat.example", "127.0.0.1:{port}", False),
    "nginx with $http_host": ("http://chat.example:8080", "chat.example:8080", True),
    "nginx with $host on 8080": ("http://chat.example:8080", "chat.example", False),
    "TLS in front": ("https://chat.example", "chat.example", True),
    "TLS in front, port in Host": ("https://chat.example", "chat.example:443", True),
    "a foreign page": ("https://evil.example", "localhost:{port}", False),
    "a sandboxed page": ("null", "localhost:{port}", False),
    "a local file": ("file://", "localhost:{port}", False),
    "no browser": (None, "localhost:{port}", True),
}


@pytest.fixture(scope="module")
def behind_proxy(tmp_path_factory):
    server = processes.chatd(tmp_path_factory.mktemp("chatd"), "--allowed-hosts", "chat.example")
    yield server
    server.end()


@pytest.mark.parametrize("origin, host, is_allowed", SETUPS.values(), ids=SETUPS.keys())
def test_a_setup_works_or_is_refused_with_every_transport(behind_proxy, origin, host, is_allowed):
    port = behind_proxy.port
    host = host.format(port=port)
    origin = origin.format(port=port) if origin else None
    polled, opened = polling(port, host, origin), websocket(port, host, origin)
    if is_allowed:
        assert (polled.status, opened.status) == (200, 101)
    else:
        assert [(response.status, response.text) for response in (polled, opened)] == [(403, FORBIDDEN)] * 2
        assert polled.header("content-type") == "application/json"
    assert cors(polled) == {}


def test_a_foreign_page_cannot_post_upgrade_or_poll_in_a_session(shared_chatd):
    session = PollingSession(shared_chatd.port)
    evil = {"Origin": "https://evil.example"}
    assert http(shared_chatd.port, "POST", session.target, evil, "40").status == 403
    assert http(shared_chatd.port, "GET", session.target, evil).status == 403
    with HTTPConnection(shared_chatd.port) as connection:
        connection.send(upgrade_request(shared_chatd.port, websocket_target(SOCKET_IO, session.sid), evil))
        assert connection.read_response().status == 403
    assert session.post("40").text == "ok"
    assert session.receive(1)[0].startswith("40{")


@pytest.mark.parametrize(
    "method, query, code",
    [
        ("GET", "EIO=4&transport=abc", 0),
        ("GET", "EIO=4&transport=polling&sid=AAAAAAAAAAAAAAAAAAAA", 1),
        ("POST", "EIO=4&transport=polling", 4),
        ("GET", "EIO=4&transport=websocket", 4),
        ("GET", "EIO=3&transport=polling", 4),
        ("GET", "EIO=4&transport=polling", 4),
    ],
)
def test_the_origin_is_checked_after_transport_and_session(conformance, method, query, code):
    headers = {"Origin": "https://evil.example"}
    response = http(conformance.port, method, f"{SOCKET_IO}?{query}", headers, None if method == "GET" else "")
    assert json.loads(response.text)["code"] == code


def test_an_origin_that_is_not_ascii_is_a_bad_request(shared_chatd):
    response = polling(shared_chatd.port, "localhost", "http://\N{LATIN SMALL LETTER A WITH DIAERESIS}.example")
    assert (response.status, json.loads(response.text)["code"]) == (400, 3)


def test_an_origin_is_logged_once_with_the_option_that_allows_it(start_chatd):
    server = start_chatd()
    for _ in range(3):
        assert polling(server.port, "localhost:1", "http://localhost:5173").status == 403
        assert websocket(server.port, "localhost:1", "http://localhost:5173").status == 403
    assert polling(server.port, "localhost:1", "http://other.example").status == 403
    wait_until(lambda: "http://other.example" in server.stderr_text(), 5, "the refusal is not logged")
    lines = [line for line in server.stderr_text().splitlines() if "refused pages" in line]
    assert len(lines) == 2
    for part in ("http://localhost:5173", "localhost:1", "--cors-origin http://localhost:5173", "Host $http_host"):
        assert part in lines[0]


def test_the_number_of_logged_origins_and_hosts_is_limited(start_chatd):
    server = start_chatd()
    with HTTPConnection(server.port) as connection:
        for number in range(300):
            connection.send(request(server.port, "localhost", origin=f"http://{number}.example"))
            assert connection.read_response().status == 403
            connection.send(request(server.port, f"{number}.example"))
            assert connection.read_response().status == 403
    for kind in ("refused pages", "refused requests for host"):
        lines = [line for line in server.stderr_text().splitlines() if kind in line]
        assert len(lines) == 100 and "will be logged" in lines[-1]


# Other origins


def test_a_listed_origin_gets_its_headers_with_every_answer(start_chatd):
    port = start_chatd("--cors-origin", "https://Good.example/, capacitor://localhost,null").port
    for origin in ("https://good.example", "capacitor://localhost", "null"):
        expected = {"access-control-allow-origin": origin, "access-control-allow-credentials": "true"}
        session = PollingSession(port)
        headers = {"Origin": origin}
        with HTTPConnection(port) as connection:
            answers = [
                connection.request("GET", HANDSHAKE, headers),
                connection.request("POST", session.target, headers, "40"),
                connection.request("GET", session.target, headers),
                connection.request("GET", "/socket.io/?EIO=4&transport=abc", headers),
                connection.request("GET", "/socket.io/?EIO=4&transport=polling&sid=x", headers),
                connection.request("PUT", session.target, headers, ""),
                connection.request("GET", SCRIPT, headers),
                connection.request("HEAD", SCRIPT, headers),
                connection.request("GET", "/socket.io/socket.io.msgpack.min.js", headers),
                connection.request("DELETE", SCRIPT, headers),
            ]
            tag = answers[6].header("etag")
            answers.append(connection.request("GET", SCRIPT, {**headers, "If-None-Match": tag}))
        large = HTTPConnection(port).request_bytes("POST", session.target, {**headers, "Content-Length": "1000001"})
        answers.append(refusal(port, large))
        chunked = {**headers, "Transfer-Encoding": "chunked"}
        too_large_chunk = HTTPConnection(port).request_bytes("POST", session.target, chunked) + b"FFFFFF\r\n"
        answers.append(refusal(port, too_large_chunk))
        many = "".join(f"X-{number}: y\r\n" for number in range(200))
        too_long = "X: " + "y" * 20_000 + "\r\n"
        begin = f"GET {HANDSHAKE} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: {origin}\r\n"
        answers += [refusal(port, (begin + rest).encode()) for rest in (many, too_long, "no colon\r\n")]
        answers.append(polling(port, "evil.example", origin))
        assert [answer.status for answer in answers] == [
            200, 200, 200, 400, 400, 400, 200, 200, 404, 405, 304, 413, 413, 431, 431, 400, 403,
        ]
        assert [(cors(answer), answer.header("vary")) for answer in answers] == [(expected, "Origin")] * len(answers)
    assert cors(http(port, "GET", "/", {"Origin": "https://good.example"})) == {}


def test_preflights_are_answered_for_listed_origins_only(start_chatd):
    port = start_chatd("--cors-origin", "https://good.example").port
    ask = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-a, x-b"}
    for target in (HANDSHAKE, SCRIPT):
        response = http(port, "OPTIONS", target, {"Origin": "https://good.example", **ask})
        assert response.status == 204
        assert cors(response)["access-control-allow-headers"] == "x-a,x-b"
        assert "POST" in cors(response)["access-control-allow-methods"]
        assert cors(response)["access-control-allow-origin"] == "https://good.example"
        refused = http(port, "OPTIONS", target, {"Origin": "https://evil.example", **ask})
        assert (refused.status, cors(refused), refused.header("vary")) == (403, {}, "Origin")


def test_an_unlisted_page_gets_neither_session_nor_script(start_chatd):
    port = start_chatd("--cors-origin", "https://good.example").port
    for origin in ("https://evil.example", "http://good.example", "null", "file://"):
        assert polling(port, "localhost", origin).status == 403
        assert websocket(port, "localhost", origin).status == 403
        assert polling(port, "localhost", origin, target=SCRIPT).status == 403
    assert polling(port, f"localhost:{port}", f"http://localhost:{port}").status == 200
    assert websocket(port, "localhost", "https://good.example").status == 101


def test_a_star_allows_every_page_without_credentials(start_chatd):
    port = start_chatd("--cors-origin", "*").port
    for origin in ("https://evil.example", "null", "file://"):
        response = polling(port, "localhost", origin)
        assert (response.status, cors(response)) == (200, {"access-control-allow-origin": "*"})
        assert websocket(port, "localhost", origin).status == 101
        assert polling(port, "localhost", origin, target=SCRIPT).status == 200


@pytest.mark.parametrize(
    "value", ["a.com", ",", "http://a.com/path", "http://*.a.com", "https://a.com,b.com", "ws://a.com"]
)
def test_an_ambiguous_origin_exits_with_64_in_one_line(tmp_path, value):
    result = run_chatd("serve", "--cors-origin", value, "--port", "0", cwd=tmp_path)
    assert (result.returncode, result.stdout, len(result.stderr.splitlines())) == (64, "", 1)
    assert "--cors-origin" in result.stderr


# Hosts


@pytest.mark.parametrize("target", ["/", "/page.js", SCRIPT, HANDSHAKE, "/nowhere"])
def test_a_foreign_host_name_is_refused_on_loopback(shared_chatd, target):
    """DNS rebinding: the page's origin equals the host, but the name is not the server's."""
    port = shared_chatd.port
    response = polling(port, f"evil.example:{port}", f"http://evil.example:{port}", target=target)
    assert response.status == 403
    assert "evil.example" not in response.text
    for host in ("localhost", "app.localhost:3000", "127.0.0.1", "[::1]:3000", "192.168.1.2"):
        assert polling(port, host, target=target).status in (200, 404)
    wait_until(lambda: "--allowed-hosts evil.example" in shared_chatd.stderr_text(), 5, "the refusal is not logged")


def test_requests_for_a_foreign_host_name_cannot_upgrade_or_post(shared_chatd):
    port = shared_chatd.port
    session = PollingSession(port)
    assert websocket(port, "evil.example", "http://evil.example").status == 403
    body = ["Content-Length: 2", "Expect: 100-continue"]
    response = polling(port, "evil.example", target=session.target, method="POST", more=body)
    assert (response.status, response.text) == (403, FORBIDDEN)
    assert session.post("40").text == "ok"


def test_an_absolute_url_has_precedence_over_host(shared_chatd):
    port = shared_chatd.port
    assert polling(port, "localhost", target=f"http://evil.example{HANDSHAKE}").status == 403
    assert polling(port, "evil.example", target=f"http://localhost{HANDSHAKE}").status == 200


def test_http_1_0_requests_may_lack_a_host(shared_chatd):
    for target in ("/", HANDSHAKE):
        with HTTPConnection(shared_chatd.port) as connection:
            connection.send(f"GET {target} HTTP/1.0\r\n\r\n".encode())
            assert b" 200 " in connection.wait_for_end().split(b"\r\n")[0]


def test_allowed_hosts_are_names_and_patterns(start_chatd):
    port = start_chatd("--allowed-hosts", "Chat.example, *.b.example").port
    for host, status in {
        "chat.example:443": 200, "a.b.example": 200, "b.example": 403, "a.chat.example": 403, "localhost": 200,
        "127.0.0.1": 200,
    }.items():
        assert polling(port, host).status == status, host


def test_a_server_on_other_addresses_answers_to_every_name_by_default(start_chatd):
    assert polling(start_chatd("--host", "0.0.0.0", db="a.db").port, "anything.example").status == 200
    port = start_chatd("--host", "0.0.0.0", "--allowed-hosts", "chat.example", db="b.db").port
    assert [polling(port, host).status for host in ("anything.example", "chat.example")] == [403, 200]
    assert polling(start_chatd("--allowed-hosts", "*", db="c.db").port, "anything.example").status == 200


def test_workers_apply_the_host_policy_of_their_addresses(supervise):
    assert polling(supervise(1, db="a.db").port, "evil.example").status == 403
    assert polling(supervise(1, "--host", "0.0.0.0", db="b.db").port, "anything.example").status == 200


# The path


@pytest.mark.parametrize("path", ["chat/ws", "/chat/ws/"])
def test_the_engine_can_have_another_path(start_chatd, path):
    port = start_chatd("--path", path).port
    assert PollingSession(port, "/chat/ws/").post("40").text == "ok"
    with EngineWebSocket(port, "/chat/ws/") as socket:
        socket.send_text("40")
        assert socket.receive_packet().startswith("40{")
    assert http(port, "GET", "/chat/ws/socket.io.js").status == 200
    assert 'src="chat/ws/socket.io.min.js"' in http(port, "GET", "/").text
    assert http(port, "GET", HANDSHAKE).status == 404
    assert polling(port, "localhost", "http://evil.example", target=polling_target("/chat/ws/")).status == 403


# Health checks of proxies


@pytest.mark.parametrize(
    "first_line", ["OPTIONS / HTTP/1.0", "OPTIONS * HTTP/1.0", "GET / HTTP/1.0", "HEAD / HTTP/1.0"]
)
@pytest.mark.parametrize("with_root", [False, True])
def test_a_health_check_is_answered(start_chatd, tmp_path, first_line, with_root):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("hello")
    server = start_chatd(*(["--web-root", tmp_path / "site"] if with_root else []))
    with HTTPConnection(server.port) as connection:
        connection.send(f"{first_line}\r\n\r\n".encode())
        assert connection.wait_for_end().split(b" ")[1] in (b"200", b"204")


def test_a_tls_handshake_is_refused_at_its_first_byte(shared_chatd):
    with HTTPConnection(shared_chatd.port) as connection:
        connection.send(b"\x16")
        assert connection.read_response().status == 400
        assert connection.wait_for_end() == b""


# Upgrades


@pytest.mark.parametrize(
    "headers",
    [
        {"Upgrade": "h2c", "Connection": "Upgrade, HTTP2-Settings", "HTTP2-Settings": "AAMAAABkAAQAAP__"},
        {"Upgrade": "websocket"},
        {"Upgrade": "websocket", "Connection": "Upgrade"},
        {"Upgrade": ""},
        {"Upgrade": "TLS/1.0", "Connection": "upgrade"},
        {"Connection": "upgrade"},
        {"Upgrade": "websocket", "Connection": "upgrade", "Sec-WebSocket-Version": "8", "Sec-WebSocket-Key": "x"},
    ],
    ids=str,
)
def test_an_invalid_upgrade_header_does_not_affect_polling(conformance, headers):
    target = polling_target("/engine.io/")
    assert http(conformance.port, "GET", target, headers).text.startswith("0{")
    session = PollingSession(conformance.port, "/engine.io/")
    assert http(conformance.port, "POST", session.target, headers, "4hello").text == "ok"
    assert "4hello" in http(conformance.port, "GET", session.target, headers).text


@pytest.mark.parametrize(
    "change",
    [
        {"without": ["Sec-WebSocket-Key"]},
        {"headers": {"Upgrade": "h2c"}},
        {"headers": {"Upgrade": "<script>"}},
        {"headers": {"Connection": "close"}},
        {"headers": {"Sec-WebSocket-Version": "8"}},
    ],
    ids=str,
)
def test_a_websocket_request_without_a_valid_upgrade_gets_error_3(conformance, change):
    for sid in (None, PollingSession(conformance.port, "/engine.io/").sid):
        with HTTPConnection(conformance.port) as connection:
            connection.send(upgrade_request(conformance.port, websocket_target("/engine.io/", sid), **change))
            response = connection.read_response()
            assert (response.status, response.text) == (400, '{"code":3,"message":"Bad request"}')
            has_version = "Sec-WebSocket-Version" in change.get("headers", {})
            assert response.header("sec-websocket-version") == ("13" if has_version else None)


@pytest.mark.parametrize("target", [websocket_target("/engine.io/"), "/echo"])
def test_http_1_0_is_never_upgraded(conformance, target):
    with HTTPConnection(conformance.port) as connection:
        connection.send(upgrade_request(conformance.port, target).replace(b" HTTP/1.1", b" HTTP/1.0"))
        assert connection.read_response().status == 400


def test_a_refused_upgrade_has_a_content_type_and_no_repeated_input(conformance):
    with HTTPConnection(conformance.port) as connection:
        connection.send(upgrade_request(conformance.port, "/echo", {"Upgrade": "<script>alert(1)</script>"}))
        response = connection.read_response()
        assert response.status == 400 and "script" not in response.text
        assert response.header("content-type").startswith("text/plain")


@pytest.mark.parametrize("offer, spoken", [("x", "x"), ("chat, superchat", "chat"), ("a b", None), (None, None)])
def test_the_first_subprotocol_is_selected(conformance, offer, spoken):
    headers = {"Sec-WebSocket-Protocol": offer} if offer else {}
    for target in (websocket_target(SOCKET_IO), "/echo"):
        with WebSocket(conformance.port, target, headers) as socket:
            assert socket.response.header("sec-websocket-protocol") == spoken
    sid = PollingSession(conformance.port).sid
    with WebSocket(conformance.port, websocket_target(SOCKET_IO, sid), headers) as socket:
        assert socket.response.header("sec-websocket-protocol") == spoken
