"""The log: levels, lines of JSON, the access log, and clients that try to forge a line."""

import json
import re
import signal
import socket
from contextlib import suppress

import pytest

import processes
from engine import PollingSession
from packets import ChatClient, SocketIOWebSocket
from waiting import wait_until
from wire import Disconnected, HTTPConnection, http


def records(server):
    """The lines of a log in JSON, each of which must be an object."""
    return [json.loads(line) for line in server.stderr_text().split("\n")[:-1]]


def access(server, **fields):
    """The lines of the access log with these fields."""
    lines = [record for record in records(server) if record["kind"] == "access"]
    return [line for line in lines if all(line.get(name) == value for name, value in fields.items())]


@pytest.fixture
def logging(start_chatd):
    return start_chatd("--log-format", "json", "--access-log", "on")


def test_the_first_line_has_the_version_the_options_and_the_limits(start_chatd):
    chatd = start_chatd("--max-auth", "77")
    line = chatd.stderr_text().splitlines()[0]
    assert re.search(r"chatd \d+\.\d+\.\d+ serve, process \d+, database \S+, options .*--max-auth=77", line)
    assert re.search(r", limits descriptors=\d+ .*max-payload=1000000 .*handshake-rate=20/500 .*max-auth=77", line)
    assert " max-db-size=none " in line
    # What is in force, where the value does not say it.
    assert " message-rate=auto (100/300) byte-rate=auto (262144/4194304) history-rate=auto (524288/8388608) " in line


def test_the_first_line_has_the_limit_of_the_memory_that_is_in_force(start_chatd):
    line = start_chatd("--max-payload", "10000000").stderr_text().splitlines()[0]
    assert " max-input-memory=67108864 (raised to 110000000) " in line


def test_a_value_without_effect_is_named_at_the_start(start_chatd):
    chatd = start_chatd("--backplane-outage", "fail", "--auth-timeout", "5000", environment={"CHATD_MAX_ROOMS": "7"})
    warnings = [line for line in chatd.stderr_text().splitlines() if "has no effect" in line]
    assert len(warnings) == 2
    assert warnings[0].endswith("warning: --backplane-outage: this has no effect without --backplane")
    assert warnings[1].endswith("warning: CHATD_MAX_ROOMS: this has no effect without --auth")


def test_each_line_is_a_json_object(logging):
    with ChatClient(logging.port) as client:
        client.say("hello")
    logging.send_signal(signal.SIGUSR1)
    wait_until(lambda: any(record["kind"] == "counters" for record in records(logging)))
    assert logging.stop() == 0
    lines = records(logging)
    assert lines[0]["kind"] == "start" and lines[-1]["message"] == "stopped"
    for record in lines:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", record["time"])
        assert record["level"] in ("error", "warning", "info", "debug")
        assert record["process"] == "primary" and record["pid"] == logging.pid


def test_workers_log_in_the_same_form(supervise):
    server = supervise(2, "--log-format", "json", "--access-log", "on", "--ports", "distinct")
    http(server.ports[1], "GET", "/")
    wait_until(lambda: access(server, path="/"))
    [line] = access(server, path="/")
    assert line["process"] == "worker 1" and line["pid"] == server.worker_pid(1)


def test_a_failed_start_is_a_json_object_too(tmp_path):
    result = processes.run_chatd("serve", "--log-format", "json", "--db", "/nowhere/chat.db", cwd=tmp_path)
    record = json.loads(result.stderr)
    assert result.returncode == 69 and record["level"] == "error" and "/nowhere" in record["message"]


@pytest.mark.parametrize(("level", "has_start", "has_refusal", "has_detail"), [
    ("error", False, False, False), ("warning", False, True, False), ("info", True, True, False),
    ("debug", True, True, True)])
def test_the_level_selects_lines(start_chatd, level, has_start, has_refusal, has_detail):
    chatd = start_chatd("--log-level", level)
    _request(chatd, b"GET / HTTP/1.1\r\nHost: foreign.example\r\n\r\n")
    with SocketIOWebSocket(chatd.port) as client:
        client.connect_namespace()
        client.send_text("4hidden-word")
        client.wait_for_close()
    chatd.stop()
    log = chatd.stderr_text()
    assert ("database" in log) == has_start
    assert ("refused requests for host foreign.example" in log) == has_refusal
    assert ("debug: " in log and "127.0.0.1" in log.split("debug: ")[-1]) == has_detail
    assert "hidden-word" not in log


def test_requests_and_websockets_are_logged_without_secrets(logging):
    session = PollingSession(logging.port)
    session.post("40")
    session.receive(1)
    with SocketIOWebSocket(logging.port) as client:
        client.connect_namespace(auth={"token": "hidden-word"})
    http(logging.port, "GET", "/nowhere?token=hidden-word")
    wait_until(lambda: access(logging, message="websocket closed"))
    [missing] = access(logging, path="/nowhere")
    assert missing["status"] == 404 and missing["method"] == "GET" and missing["address"] in ("127.0.0.1", "::1")
    assert missing["bytes"] > 50 and missing["ms"] > 0
    [closed] = access(logging, message="websocket closed")
    assert len(closed["id"]) == 20 and closed["bytes"] > 50 and closed["ms"] > 0
    assert len(access(logging, message="websocket opened")) == 1
    assert len(access(logging, method="POST", status=200)) == 1
    assert session.sid not in logging.stderr_text() and "hidden-word" not in logging.stderr_text()
    assert "?" not in "".join(line["path"] for line in access(logging))


def test_a_polling_request_has_the_id_of_the_socket(logging):
    session = PollingSession(logging.port)
    session.post("40")
    [packet] = session.receive(1)
    sid = json.loads(packet[2:])["sid"]
    session.post("41")
    wait_until(lambda: access(logging, id=sid))


def test_a_client_that_leaves_before_the_answer_is_logged_without_a_status(logging):
    session = PollingSession(logging.port)
    session.post("40")
    session.receive(1)
    connection = HTTPConnection(logging.port)
    connection.send(
        f"GET /socket.io/?EIO=4&transport=polling&sid={session.sid} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    http(logging.port, "GET", "/")
    connection.close()
    wait_until(lambda: access(logging, message="request cut off"))


def test_a_file_that_is_sent_in_pieces_is_one_request(start_chatd, tmp_path):
    (tmp_path / "root").mkdir()
    (tmp_path / "root/large.bin").write_bytes(bytes(3_000_000))
    chatd = start_chatd("--log-format", "json", "--access-log", "on", "--web-root", tmp_path / "root")
    assert len(http(chatd.port, "GET", "/large.bin").body) == 3_000_000
    wait_until(lambda: access(chatd, path="/large.bin"))
    [line] = access(chatd, path="/large.bin")
    assert line["status"] == 200 and 3_000_000 < line["bytes"] < 3_001_000


def test_pipelined_requests_are_logged_one_by_one(logging):
    _request(logging, b"".join(b"GET /%d HTTP/1.1\r\nHost: localhost\r\n\r\n" % number for number in range(3)))
    wait_until(lambda: len(access(logging, status=404)) == 3)
    assert [line["path"] for line in access(logging)] == ["/0", "/1", "/2"]


def test_without_the_option_no_request_is_logged(chatd):
    http(chatd.port, "GET", "/nowhere")
    chatd.stop()
    assert "nowhere" not in chatd.stderr_text()


def _request(server, request):
    """Sends one request, and waits for the end of the answer."""
    connection = HTTPConnection(server.port)
    connection.send(request)
    connection.socket.shutdown(socket.SHUT_WR)
    connection.wait_for_end()
    connection.close()


HOSTILE = [
    b"GET /\x1b[2J HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET /%0a2026-01-01T00:00:00Z%20forged HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b'GET /","level":"error HTTP/1.1\r\nHost: localhost\r\n\r\n',
    b"GET / HTTP/1.1\r\nHost: a\x0bforged\r\n\r\n",
    b'GET / HTTP/1.1\r\nHost: x"}forged.example\r\n\r\n',
    b"GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: a\rforged\r\n\r\n",
    b'F"ORGED / HTTP/1.1\r\nHost: localhost\r\n\r\n',
    b"GET / HTTP/1.1\r\nHost: localhost\r\nOrigin: http://x\\\"forged\r\n\r\n",
    b"\x00\xff\xfe\n\nforged\n\n",
    b"GET /\xe2\x80\xae\xc2\x9bforged HTTP/1.1\r\nHost: localhost\r\n\r\n",
]


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_client_can_forge_a_line(start_chatd, form):
    chatd = start_chatd("--log-format", form, "--access-log", "on", "--log-level", "debug")
    for request in HOSTILE:
        _request(chatd, request)
    for packet in ['40/a\nforged","x":"y\x1b[2J,', '42/a\nforged\x1b[2J,["x"]', '4\n{"forged"']:
        with SocketIOWebSocket(chatd.port) as client:
            client.connect_namespace()
            client.send_text(packet)
            with suppress(Disconnected):
                client.receive_packet()
    http(chatd.port, "GET", "/socket.io/?EIO=4&transport=polling&sid=hidden-session-12345")
    chatd.stop()
    assert b"hidden-session" not in chatd.stderr_path.read_bytes()
    lines = chatd.stderr_path.read_bytes().split(b"\n")[:-1]
    assert len(lines) > len(HOSTILE)
    for line in lines:
        assert all(byte >= 0x20 and byte != 0x7F for byte in line)
        if form == "json":
            members = json.loads(line)
            assert set(members) <= {
                "time", "level", "process", "pid", "kind", "message", "address", "method", "path", "status", "bytes",
                "ms", "id", "suppressed"}
            assert members["level"] != "error"
        else:
            assert re.match(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ ", line)
