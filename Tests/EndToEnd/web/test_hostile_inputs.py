"""Inputs that have broken other servers. After each, the same process still serves others in bounded memory."""

import json
import resource
import socket as sockets
import threading
import time
from contextlib import contextmanager

import pytest

import processes
from engine import ENGINE_IO, SEPARATOR, SOCKET_IO, EngineWebSocket, PollingSession, websocket_target
from packets import ChatClient, ConformanceClient, SocketIOWebSocket
from wire import (
    BINARY, CONTINUATION, PONG, TEXT, Connection, Disconnected, HTTPConnection, WebSocket,
    frame, http, refusal, upgrade_request,
)

pytestmark = pytest.mark.timeout(30)

MEBIBYTE = 1 << 20

NAMES = ["__proto__", "constructor", "toString", "hasOwnProperty", "prototype"]

#: Each of these means that the server or the kernel ended the connection while the test was still sending.
GONE = (BrokenPipeError, ConnectionResetError, Disconnected)


@pytest.fixture
def echo_server(tmp_path):
    """A conformance server for one test. The memory peak of the shared one already includes 16 MiB messages."""
    server = processes.conformance_server(tmp_path)
    yield server
    server.end()


@pytest.fixture
def bounded_memory():
    """`with bounded_memory(server, 16 MiB):` the server's peak grows by no more than that."""

    @contextmanager
    def guard(server, growth):
        before = server.status("VmHWM")
        yield
        grown = server.status("VmHWM") - before
        assert grown <= growth, f"the peak grew by {grown / MEBIBYTE:.1f} MiB"

    return guard


# Names with a special meaning in JavaScript


@pytest.mark.parametrize("name", NAMES)
def test_special_javascript_names_are_unknown_namespaces(conformance, name):
    for path in (ENGINE_IO, SOCKET_IO):
        response = http(conformance.port, "GET", f"{path}?EIO=4&transport={name}")
        assert (response.status, json.loads(response.text)["code"]) == (400, 0)
        for method in ("GET", "POST"):
            response = http(conformance.port, method, f"{path}?EIO=4&transport=polling&sid={name}", body="")
            assert (response.status, json.loads(response.text)["code"]) == (400, 1)
    with ConformanceClient(conformance.port) as client:
        client.send_text(f"40/{name},")
        assert client.receive_packet() == f'44/{name},{{"message":"Invalid namespace"}}'
        client.emit(name, name)
        client.emit("message", {name: name, "_placeholder": name})
        assert json.loads(client.receive_packet()[2:]) == ["message-back", {name: name, "_placeholder": name}]


@pytest.mark.parametrize("name", ["error", "__proto__", "", *NAMES])
def test_events_with_special_names_are_plain_events(conformance, name):
    with ConformanceClient(conformance.port) as client:
        client.emit(name, "x", ack=1)
        client.send_text(f'451-["{name}",{{"_placeholder":true,"num":0}}]')
        client.send_binary(b"\x01")
        client.round_trip()


@pytest.mark.parametrize("name", NAMES)
def test_special_names_are_plain_texts_and_offsets(chatd, name):
    with ChatClient(chatd.port, name) as client:
        assert client.say(name, name) == []
        assert client.rows == [(1, name)]


# Invalid frames after the upgrade request


GARBAGE = {
    "ones": b"\xff" * 64,
    "text": b"GET / HTTP/1.1\r\n\r\n",
    "unmasked": frame(TEXT, "40", mask=False),
    "reserved bits": frame(TEXT, "40", reserved=7),
    "continuation": frame(CONTINUATION, "40"),
    "absurd length": b"\x82\xff" + b"\xff" * 12,
    "zeros": b"\0" * 64,
}


@pytest.mark.parametrize("with_sid", [False, True], ids=["fresh", "with a sid"])
@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE.keys())
def test_invalid_frames_after_an_upgrade_request_end_the_connection_only(chatd, survives, garbage, with_sid):
    with survives(chatd):
        session = PollingSession(chatd.port) if with_sid else None
        with HTTPConnection(chatd.port) as connection:
            target = websocket_target(SOCKET_IO, session.sid if session else None)
            connection.send(upgrade_request(chatd.port, target) + garbage)
            connection.wait_for_end(5)
        if session:
            assert session.post("40").text == "ok"
            assert session.receive(1)[0].startswith("40{")


# Resets


@pytest.mark.parametrize("sent", [0, 1, 20, 100, 1000])
def test_a_reset_during_a_handshake_does_no_harm(chatd, survives, sent):
    with survives(chatd):
        request = upgrade_request(chatd.port, websocket_target(SOCKET_IO))
        for _ in range(50):
            connection = HTTPConnection(chatd.port)
            connection.send(request[:sent])
            connection.reset()


@pytest.mark.parametrize("step", ["request sent", "accepted", "probe sent", "probed", "half a frame"])
def test_a_reset_during_an_upgrade_keeps_the_session(chatd, survives, step):
    with survives(chatd):
        for _ in range(20):
            session = PollingSession(chatd.port)
            if step == "request sent":
                connection = HTTPConnection(chatd.port)
                connection.send(upgrade_request(chatd.port, websocket_target(SOCKET_IO, session.sid)))
            else:
                connection = EngineWebSocket(chatd.port, sid=session.sid)
                if step == "probe sent":
                    connection.send_text("2probe")
                elif step == "probed":
                    connection.probe()
                elif step == "half a frame":
                    connection.send(frame(TEXT, "2probe")[:-2])
            connection.reset()
            assert session.post("40").text == "ok"
            assert session.receive(1)[0].startswith("40{")


def test_resets_of_connected_clients_do_no_harm(chatd, survives):
    with survives(chatd):
        for _ in range(50):
            client = ChatClient(chatd.port)
            client.chat("said and gone")
            client.reset()


# Oversized heads


def head(*lines):
    return b"\r\n".join([b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1", b"Host: localhost", *lines])


UPGRADE = [
    b"Connection: Upgrade",
    b"Upgrade: websocket",
    b"Sec-WebSocket-Version: 13",
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
]

HEADS = {
    "3000 headers": head(*UPGRADE, *[b"X-%d: %d" % (n, n) for n in range(3000)], b"", b""),
    "3000 times the same header": head(*UPGRADE, *[b"X: x"] * 3000, b"", b""),
    "a header of 50 000 spaces": head(*UPGRADE, b"X: " + b" " * 50_000 + b"x", b"", b""),
    "an offer of 50 000 spaces": head(*UPGRADE, b"Sec-WebSocket-Extensions: a" + b" " * 50_000 + b";", b"", b""),
    "a header name of 50 000 bytes": head(*UPGRADE, b"X" * 50_000 + b": x", b"", b""),
    "a header line without end": head(*UPGRADE, b"X: " + b"x" * MEBIBYTE),
    "a request line without end": b"GET /" + b"x" * MEBIBYTE,
}


@pytest.mark.parametrize("data", HEADS.values(), ids=HEADS.keys())
def test_an_oversized_head_is_refused_in_linear_time(chatd, survives, bounded_memory, data):
    with survives(chatd), bounded_memory(chatd, 16 * MEBIBYTE):
        before = chatd.cpu_seconds()
        for _ in range(5):
            response = refusal(chatd.port, data, timeout=20)
            # None: the connection was reset while the test was still sending, and the answer was lost.
            assert response is None or response.status in (400, 414, 431)
        assert chatd.cpu_seconds() - before < 2.5


@pytest.mark.parametrize("name", ["3000 headers", "a header of 50 000 spaces"])
def test_an_oversized_head_in_small_pieces_takes_linear_time(chatd, survives, name):
    """The parser must not rescan an unfinished head for each byte."""
    with survives(chatd):
        before = chatd.cpu_seconds()
        with HTTPConnection(chatd.port) as connection:
            try:
                connection.send_in_pieces(HEADS[name], 16)
                response = connection.read_response()
                assert response.status in (400, 431)
            except GONE:
                pass
        assert chatd.cpu_seconds() - before < 2.5


# Oversized bodies and messages


def send_until_gone(connection, piece, times):
    """True if everything was sent."""
    try:
        for _ in range(times):
            connection.send(piece)
    except GONE:
        return False
    return True


@pytest.mark.parametrize("framing", [{"Content-Length": "104857600"}, {"Transfer-Encoding": "chunked"}], ids=str)
def test_a_post_of_100_mb_to_a_session_is_refused_in_bounded_memory(chatd, survives, bounded_memory, framing):
    with survives(chatd), bounded_memory(chatd, 16 * MEBIBYTE):
        session = PollingSession(chatd.port)
        piece = b"x" * MEBIBYTE
        if "Transfer-Encoding" in framing:
            piece = b"%x\r\n%s\r\n" % (len(piece), piece)
        with HTTPConnection(chatd.port) as connection:
            connection.send_request("POST", session.target, framing)
            send_until_gone(connection, piece, 100)
            try:
                assert connection.read_response().status == 413
            except GONE:
                pass


def test_a_post_of_100_mb_to_a_page_is_refused_in_bounded_memory(chatd, survives, bounded_memory):
    with survives(chatd), bounded_memory(chatd, 16 * MEBIBYTE):
        with HTTPConnection(chatd.port) as connection:
            connection.send_request("POST", "/", {"Content-Length": "104857600"})
            send_until_gone(connection, b"x" * MEBIBYTE, 100)
            try:
                assert connection.read_response().status in (405, 413)
            except GONE:
                pass


PAYLOADS = {
    "a million empty packets": SEPARATOR * 999_999,
    "half a million empty messages": SEPARATOR.join("4" for _ in range(500_000)),
    "half a million bad packets": SEPARATOR.join("x" for _ in range(500_000)),
    "an ack id of a megabyte": "42" + "1" * 999_000 + '["x"]',
    "a count of a megabyte": "45" + "1" * 999_000 + '-["x"]',
    "a placeholder number of a megabyte": '451-["x",{"_placeholder":true,"num":' + "1" * 999_000 + "}]",
    "a number of a megabyte": "42[" + "1" * 999_000 + "]",
    "brackets of a megabyte": "42" + "[" * 999_000,
    "objects of a megabyte": '42["x",' + '{"a":' * 199_000,
    "quotes of a megabyte": '42["' + '\\"' * 499_000,
}


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS.keys())
def test_a_large_invalid_payload_by_polling_uses_bounded_memory_and_time(chatd, survives, bounded_memory, payload):
    with survives(chatd), bounded_memory(chatd, 48 * MEBIBYTE):
        before = chatd.cpu_seconds()
        session = PollingSession(chatd.port)
        assert session.post("40").text == "ok"
        try:
            assert session.post(payload).status in (200, 400, 413)
        except GONE:
            pass
        while session.get(5).status == 200:
            pass
        assert chatd.cpu_seconds() - before < 5


@pytest.mark.parametrize("name", [name for name, payload in PAYLOADS.items() if SEPARATOR not in payload])
def test_a_large_invalid_packet_by_websocket_uses_bounded_memory_and_time(chatd, survives, bounded_memory, name):
    with survives(chatd), bounded_memory(chatd, 48 * MEBIBYTE):
        before = chatd.cpu_seconds()
        with SocketIOWebSocket(chatd.port) as client:
            client.connect_namespace()
            client.send_text(PAYLOADS[name])
            client.wait_for_close()
        assert chatd.cpu_seconds() - before < 5


def test_a_namespace_of_a_megabyte_is_refused(chatd, survives, bounded_memory):
    """A long name is refused as unknown or too long."""
    with survives(chatd), bounded_memory(chatd, 48 * MEBIBYTE):
        with SocketIOWebSocket(chatd.port) as client:
            client.send_text("40/" + "n" * 999_000)
            try:
                assert client.receive_packet().startswith("44/nnn")
            except GONE:
                pass


def test_refused_namespaces_of_a_connection_use_no_memory(chatd, survives, bounded_memory):
    """Each is unknown and refused, and must leave nothing in memory."""
    with survives(chatd), bounded_memory(chatd, 32 * MEBIBYTE):
        with SocketIOWebSocket(chatd.port) as client:
            client.connect_namespace()
            try:
                for start in range(0, 20_000, 500):
                    client.send(b"".join(frame(TEXT, f"40/n{number}") for number in range(start, start + 500)))
                    for number in range(start, start + 500):
                        assert client.receive_packet().startswith(f"44/n{number},")
            except GONE:
                pass


# Fragments


def send_too_many_fragments(socket, payload):
    """131 071 continuations are within the limit; one more is not."""
    socket.send_frame(TEXT, payload and b"4", fin=False)
    socket.send(frame(CONTINUATION, payload, fin=False) * 131_071)
    socket.send_frame(CONTINUATION, payload, fin=False)
    assert socket.wait_for_close().code == 1008


every_fragment = pytest.mark.parametrize("payload", [b"", b"x"], ids=["0 bytes", "1 byte"])


@every_fragment
def test_endless_fragments_close_with_1008(chatd, survives, bounded_memory, payload):
    with survives(chatd), bounded_memory(chatd, 16 * MEBIBYTE):
        with EngineWebSocket(chatd.port) as socket:
            send_too_many_fragments(socket, payload)


@every_fragment
def test_endless_fragments_to_the_echo_close_with_1008(echo_server, survives, bounded_memory, payload):
    with survives(echo_server), bounded_memory(echo_server, 16 * MEBIBYTE):
        with WebSocket(echo_server.port, "/echo") as socket:
            send_too_many_fragments(socket, payload)


def test_control_frames_between_fragments_do_no_harm(echo_server, survives, bounded_memory):
    with survives(echo_server), bounded_memory(echo_server, 16 * MEBIBYTE):
        with WebSocket(echo_server.port, "/echo") as socket:
            socket.send_frame(TEXT, "a", fin=False)
            for _ in range(100):
                socket.send(frame(PONG, b"pong") * 1000)
            socket.send_frame(CONTINUATION, "b")
            assert socket.receive_message() == "ab"


def test_a_client_may_send_one_byte_in_each_segment(chatd, survives):
    with survives(chatd):
        with Connection(chatd.port) as connection:
            connection.send_bytewise(upgrade_request(chatd.port, websocket_target(SOCKET_IO)))
            connection.receive_until(b"\r\n\r\n")
            connection.send_bytewise(frame(TEXT, "40"))
            connection.receive_until(b"40{")
            text = "x" * 2000
            connection.send_bytewise(frame(TEXT, f'42["chat message","{text}"]'))
            connection.receive_until(text.encode())


# Silence


def drip(connections, stop):
    """Sends one header byte a second on each connection."""
    request = b"GET / HTTP/1.1\r\nX: " + b"x" * 100
    for byte in request:
        for connection in connections:
            try:
                connection.send(bytes([byte]))
            except GONE:
                pass
        if stop.wait(1):
            return


def test_2000_silent_or_slow_connections_end_in_time_and_others_are_served(chatd, survives):
    """This test measures time: the header timeout is 10 s, and a byte a second does not extend it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 8192)), hard))
    with survives(chatd):
        started = time.monotonic()
        silent = [Connection(chatd.port) for _ in range(1800)]
        slow = [Connection(chatd.port) for _ in range(200)]
        opened = time.monotonic()
        stop = threading.Event()
        dripping = threading.Thread(target=drip, args=(slow, stop))
        dripping.start()
        try:
            # Other clients are served meanwhile.
            with ChatClient(chatd.port) as client:
                for number in range(20):
                    asked = time.monotonic()
                    assert client.say(f"m{number}") == []
                    assert time.monotonic() - asked < 8
                assert http(chatd.port, "GET", "/").status == 200
            first = silent.pop(0)
            first.wait_for_end(34)
            assert time.monotonic() - started >= 9.5
            for connection in silent + slow:
                answer = connection.wait_for_end(max(opened + 34 - time.monotonic(), 0.1))
                assert answer == b"" or answer.startswith(b"HTTP/1.1 408 ")
        finally:
            stop.set()
            dripping.join()
            for connection in silent + slow:
                connection.close()


# Clients that never read


def send_without_reading(socket, piece, times):
    """Sends until the server stops reading or ends the connection."""
    socket.socket.setsockopt(sockets.SOL_SOCKET, sockets.SO_SNDBUF, 65536)
    socket.timeout = 2
    try:
        send_until_gone(socket, piece, times)
    except TimeoutError:
        pass  # Back-pressure: the kernel's buffers are full.


def test_a_client_that_never_reads_the_raw_echo_uses_bounded_memory(echo_server, survives, bounded_memory):
    """The test sends 256 MB and reads nothing. The echo accepts messages of 16 MiB, so it may hold a few of them."""
    with survives(echo_server), bounded_memory(echo_server, 80 * MEBIBYTE):
        with WebSocket(echo_server.port, "/echo", receive_buffer=4096) as socket:
            send_without_reading(socket, frame(BINARY, b"x" * 65536), 4000)


def test_a_client_that_never_reads_the_engine_echo_uses_bounded_memory(echo_server, survives, bounded_memory):
    """The limit is 1 MiB plus the input of one read."""
    with survives(echo_server), bounded_memory(echo_server, 16 * MEBIBYTE):
        with EngineWebSocket(echo_server.port, ENGINE_IO, receive_buffer=4096) as socket:
            send_without_reading(socket, frame(BINARY, b"x" * 65536), 1000)


def test_a_poller_that_posts_and_never_gets_is_ended_in_bounded_memory(chatd, survives, bounded_memory):
    with survives(chatd), bounded_memory(chatd, 32 * MEBIBYTE):
        session = PollingSession(chatd.port)
        assert session.post("40").text == "ok"
        refused = SEPARATOR.join('4217["chat message",1]' for _ in range(20_000))
        for _ in range(40):
            try:
                if session.post(refused).status != 200:
                    break
            except GONE:
                break
        else:
            pytest.fail("the session still accepts requests while 800 000 answers wait")


def test_a_client_that_never_reads_its_acks_uses_bounded_memory(chatd, survives, bounded_memory):
    with survives(chatd), bounded_memory(chatd, 32 * MEBIBYTE):
        with ChatClient(chatd.port, receive_buffer=4096) as client:
            send_without_reading(client, frame(TEXT, '421["chat message",1]') * 1000, 2000)


def test_pipelined_requests_whose_answers_are_never_read_use_bounded_memory(chatd, survives, bounded_memory):
    with survives(chatd), bounded_memory(chatd, 32 * MEBIBYTE):
        with HTTPConnection(chatd.port, receive_buffer=4096) as connection:
            send_without_reading(connection, connection.request_bytes("GET", "/") * 1000, 500)
