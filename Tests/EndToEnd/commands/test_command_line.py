"""The output of chatd, its exit codes, and its stop."""

import os
import re
import signal
import socket as sockets
import sqlite3
from contextlib import closing

import pytest

import chat_database
import processes
from engine import EngineWebSocket, PollingSession
from packets import ChatClient
from ports import free_port
from processes import chatd_binary, run_chatd
from waiting import wait_until
from wire import Disconnected, HTTPConnection, http

pytestmark = pytest.mark.timeout(30)

USAGE, UNAVAILABLE = 64, 69


def has_ipv6():
    try:
        with closing(sockets.socket(sockets.AF_INET6)) as probe:
            probe.bind(("::1", 0))
        return True
    except OSError:
        return False


def assert_one_line_of_error(result, code, *mentions):
    assert result.returncode == code, result
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1, result.stderr
    for mention in mentions:
        assert mention in result.stderr


# Help and version


@pytest.mark.parametrize(
    "arguments", [["--help"], ["-h"], ["help"], ["--port", "1", "--help"], ["nonsense", "-h"]], ids=str
)
def test_help_names_the_commands(arguments):
    result = run_chatd(*arguments)
    assert (result.returncode, result.stderr) == (0, "")
    assert "serve" in result.stdout


def test_help_of_serve_explains_every_option():
    result = run_chatd("serve", "--help")
    assert (result.returncode, result.stderr) == (0, "")
    for option in ("--host", "--port", "--db"):
        assert option in result.stdout
    for default in ("localhost", "3000", "chat.db", "CHATD_"):
        assert default in result.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["--version"], ["version"], ["-V"], ["serve", "--version"], ["supervise", "version"],
        ["serve", "--port", "1", "--version"],
    ],
    ids=str,
)
def test_version_is_one_line_with_a_number(arguments):
    result = run_chatd(*arguments)
    assert (result.returncode, result.stderr) == (0, "")
    assert re.search(r"\d+\.\d+", result.stdout)
    assert len(result.stdout.splitlines()) == 1


# Usage errors


@pytest.mark.parametrize(
    "arguments, mention",
    [
        ([], "chatd serve"),
        (["nonsense"], "nonsense"),
        (["--port", "1"], "chatd serve --port 1"),
        (["server", "--port", "1"], "chatd serve"),
        (["serve", "--prot", "1"], "--port"),
        (["serve", "-p", "1"], "--port"),
        (["serve", "8080"], "--port 8080"),
        (["serve", "--nonsense"], "--nonsense"),
        (["serve", "nonsense"], "nonsense"),
        (["serve", "--port"], "--port"),
        (["serve", "--port", "abc"], "--port"),
        (["serve", "--port", "-1"], "--port"),
        (["serve", "--port", "65536"], "--port"),
        (["serve", "--port", "99999999999999999999"], "--port"),
        (["serve", "--port", ""], "--port"),
    ],
    ids=str,
)
def test_an_invalid_option_exits_with_64_and_one_line(tmp_path, arguments, mention):
    assert_one_line_of_error(run_chatd(*arguments, cwd=tmp_path), USAGE, mention)


@pytest.mark.parametrize("option", ["--host", "--db"])
def test_an_empty_value_is_refused_in_one_line(tmp_path, option):
    result = run_chatd("serve", option, "", cwd=tmp_path)
    assert_one_line_of_error(result, result.returncode, option)
    assert result.returncode in (USAGE, UNAVAILABLE)


@pytest.mark.parametrize("variable", ["CHATD_PORT", "PORT"])
def test_an_invalid_port_in_the_environment_exits_with_64_and_names_the_variable(tmp_path, variable):
    result = run_chatd("serve", cwd=tmp_path, environment={variable: "abc"})
    assert_one_line_of_error(result, USAGE, variable)


# The port


def serve(directory, *options, environment=()):
    return processes.ServerProcess([chatd_binary(), "serve", *options], directory, environment)


@pytest.mark.parametrize("given", [("option", "CHATD_PORT", "PORT"), ("CHATD_PORT", "PORT"), ("PORT",)], ids="+".join)
def test_the_port_comes_from_the_option_then_chatd_port_then_port(tmp_path, given):
    ports = {source: free_port() for source in given}
    options = ["--port", str(ports["option"])] if "option" in ports else []
    environment = {source: str(port) for source, port in ports.items() if source != "option"}
    server = serve(tmp_path, *options, environment=environment)
    try:
        assert server.port == ports[given[0]]
        assert http(server.port, "GET", "/").status == 200
    finally:
        server.end()


def test_a_value_can_follow_an_equals_sign(tmp_path):
    server = serve(tmp_path, "--port=0", "--db=other.db")
    try:
        with ChatClient(server.port) as client:
            client.say("hello")
        assert chat_database.contents(tmp_path / "other.db") == ["hello"]
    finally:
        server.end()


def test_options_can_be_environment_variables(tmp_path):
    server = serve(tmp_path, environment={"CHATD_PORT": "0", "CHATD_DB": "other.db", "CHATD_HOST": "127.0.0.1"})
    try:
        with ChatClient(server.port) as client:
            client.say("hello")
        assert chat_database.contents(tmp_path / "other.db") == ["hello"]
    finally:
        server.end()


def test_port_0_picks_one_free_port_for_both_families(chatd):
    assert chatd.port > 0
    assert http(chatd.port, "GET", "/").status == 200
    if has_ipv6():
        assert http(chatd.port, "GET", "/", host="::1").status == 200


def test_localhost_listens_on_loopback_only(chatd):
    """The default host listens on the loopback addresses only."""
    listening = set()
    for family, width in (("tcp", 8), ("tcp6", 32)):
        with open(f"/proc/{chatd.pid}/net/{family}") as table:
            for line in table.readlines()[1:]:
                local, state = line.split()[1], line.split()[3]
                address, port = local.split(":")
                if state == "0A" and int(port, 16) == chatd.port:
                    assert len(address) == width
                    listening.add(address)
    loopback = {"0100007F", "0" * 24 + "01000000"}
    assert listening and listening <= loopback


@pytest.mark.skipif(not has_ipv6(), reason="no IPv6 on this machine")
def test_clients_of_both_families_chat(chatd):
    with ChatClient(chatd.port) as four, ChatClient(chatd.port, host="::1") as six:
        assert four.say("from IPv4") == []
        assert six.say("from IPv6") == []
        assert four.read_rows(2) == six.read_rows(2) == [(1, "from IPv4"), (2, "from IPv6")]


@pytest.mark.skipif(not has_ipv6(), reason="no IPv6 on this machine")
def test_a_literal_host_is_the_only_address(start_chatd):
    chatd = start_chatd("--host", "127.0.0.1")
    assert http(chatd.port, "GET", "/").status == 200
    with pytest.raises(ConnectionRefusedError):
        http(chatd.port, "GET", "/", host="::1")


def test_host_0_0_0_0_listens_on_every_address(start_chatd):
    chatd = start_chatd("--host", "0.0.0.0")
    assert http(chatd.port, "GET", "/", host="127.0.0.1").status == 200
    assert http(chatd.port, "GET", "/", host="127.0.0.2").status == 200


# Unavailable resources


def test_a_taken_port_exits_with_69(tmp_path):
    with closing(sockets.socket()) as owner:
        owner.bind(("127.0.0.1", 0))
        owner.listen()
        port = owner.getsockname()[1]
        result = run_chatd("serve", "--port", port, cwd=tmp_path)
        assert_one_line_of_error(result, UNAVAILABLE, str(port), "--port")


def test_a_port_taken_by_another_chatd_exits_with_69(tmp_path, chatd):
    result = run_chatd("serve", "--port", chatd.port, "--db", "other.db", cwd=tmp_path)
    assert_one_line_of_error(result, UNAVAILABLE, str(chatd.port), "--port")
    assert http(chatd.port, "GET", "/").status == 200


def test_a_port_can_be_reused_at_once(start_chatd):
    """Connections in TIME_WAIT do not delay a restart."""
    first = start_chatd()
    with ChatClient(first.port) as client:
        client.say("hello")
        assert first.stop() == 0
    second = start_chatd(port=first.port)
    assert second.port == first.port


def test_a_second_writer_exits_with_69_and_the_first_keeps_serving(tmp_path, chatd):
    with ChatClient(chatd.port) as client:
        assert client.say("before") == []
        result = run_chatd("serve", "--port", 0, "--db", "chat.db", cwd=tmp_path)
        assert_one_line_of_error(result, UNAVAILABLE, "chat.db", "--db")
        assert client.say("after") == []


def test_a_kill_releases_the_lock(start_chatd):
    first = start_chatd()
    first.send_signal(signal.SIGKILL)
    first.wait()
    with ChatClient(start_chatd().port) as client:
        assert client.say("hello") == []


def make_garbage(path):
    path.write_bytes(b"this is no database at all " * 1000)


def make_foreign_table(path):
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE messages (something TEXT)")


@pytest.mark.parametrize("make", [os.mkdir, make_garbage, make_foreign_table], ids=["folder", "garbage", "foreign"])
def test_an_unusable_database_exits_with_69_and_is_not_changed(tmp_path, make):
    path = tmp_path / "chat.db"
    make(path)
    before = path.read_bytes() if path.is_file() else None
    result = run_chatd("serve", "--port", 0, cwd=tmp_path)
    assert_one_line_of_error(result, UNAVAILABLE, "chat.db", "--db")
    assert before is None or path.read_bytes() == before


def test_a_database_in_a_missing_directory_exits_with_69(tmp_path):
    result = run_chatd("serve", "--port", 0, "--db", tmp_path / "missing" / "chat.db", cwd=tmp_path)
    assert_one_line_of_error(result, UNAVAILABLE, "missing", "--db")


def test_an_unreadable_database_exits_with_69(tmp_path):
    """Nobody can read a loop of links, not even root."""
    (tmp_path / "chat.db").symlink_to("chat.db")
    assert_one_line_of_error(run_chatd("serve", "--port", 0, cwd=tmp_path), UNAVAILABLE, "chat.db", "--db")


def test_a_foreign_host_address_exits_with_69(tmp_path):
    result = run_chatd("serve", "--host", "192.0.2.1", "--port", 0, cwd=tmp_path)
    assert_one_line_of_error(result, UNAVAILABLE, "192.0.2.1", "--host")


# Stopping


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_stop_is_graceful_and_takes_at_most_5_s_with_any_clients(chatd, number):
    """The server closes transports but no namespaces, because the official client does not reconnect after `41`."""
    clients = ChatClient(chatd.port), EngineWebSocket(chatd.port), HTTPConnection(chatd.port)
    with clients[0] as client, clients[1] as unconnected, clients[2] as idle:
        assert client.say("hello") == []
        assert idle.request("GET", "/").status == 200
        session = PollingSession(chatd.port)
        assert session.post("40").text == "ok"
        assert len(session.receive(2)) == 2
        with session.start_get() as waiting:
            chatd.send_signal(number)
            answer = waiting.read_response()
            assert (answer.status, answer.text) == (200, "6")
        for socket in (client, unconnected):
            code = closing_code(socket)
            assert code in (1001, 1012), code
        assert idle.wait_for_end() == b""
    assert chatd.wait() == 0


def closing_code(socket):
    """The code of the close frame, which must be the next frame."""
    frame = socket.receive_frame()
    assert frame.opcode == 8, frame
    return int.from_bytes(frame.payload[:2], "big")


def test_unresponsive_clients_do_not_delay_the_stop(chatd):
    """A WebSocket that ignores the close frame, an incomplete request, and a client that does not read."""
    connections = [ChatClient(chatd.port), EngineWebSocket(chatd.port), HTTPConnection(chatd.port)]
    connections[2].send(b"GET / HTTP/1.1\r\n")
    chatd.send_signal(signal.SIGTERM)
    # Less than the time that the server gives an incomplete request.
    assert chatd.wait(9) == 0
    for connection in connections:
        connection.close()


def test_a_second_signal_has_no_effect(chatd):
    with ChatClient(chatd.port) as client:
        client.say("hello")
        chatd.send_signal(signal.SIGTERM)
        chatd.send_signal(signal.SIGTERM)
        with pytest.raises(Disconnected):
            client.receive_packet()
    assert chatd.wait() == 0


def test_every_message_acked_before_the_stop_is_stored(tmp_path, chatd):
    with ChatClient(chatd.port) as client:
        sent = [client.chat(f"m{number}", f"tab-{number}") for number in range(500)]
        client.read_until(lambda: len(client.acks) >= 100)
        chatd.send_signal(signal.SIGTERM)
        try:
            client.read_until(lambda: len(client.acks) == len(sent))
        except Disconnected:
            pass
        assert chatd.wait() == 0
        acked = {f"m{ack}" for ack in client.acks}
    stored = chat_database.contents(tmp_path / "chat.db")
    assert acked <= set(stored)
    assert stored == [f"m{number}" for number in range(len(stored))], "stored in order, once, without a gap"


# Output


def test_standard_output_has_only_the_running_line(chatd):
    with ChatClient(chatd.port) as client:
        client.say("hello")
        client.send_text("4abc")
        client.wait_for_close()
    http(chatd.port, "GET", "/nowhere")
    chatd.send_signal(signal.SIGUSR1)
    assert chatd.stop() == 0
    assert chatd.stdout == [f"server running at http://localhost:{chatd.port}\n"]


def test_sigusr1_logs_the_counters_and_chatd_keeps_serving(chatd):
    with ChatClient(chatd.port) as client, ChatClient(chatd.port):
        client.say("hello")
        before = len(chatd.stderr_text())

        def counters():
            return chatd.stderr_text()[before:].lower()

        chatd.send_signal(signal.SIGUSR1)
        wait_until(lambda: {"connections", "messages"} <= words(counters()), 5, lambda: f"logged: {counters()!r}")
        assert client.say("still here") == []
    assert chatd.is_running


def words(text):
    return set(re.findall("[a-z]+", text))


# The page


def test_the_page_is_html(chatd):
    response = http(chatd.port, "GET", "/")
    assert response.status == 200
    assert response.header("content-type").startswith("text/html")
    assert "<html" in response.text.lower()


@pytest.mark.parametrize(
    "method, target, status",
    [("GET", "/nowhere", 404), ("POST", "/nowhere", 404), ("POST", "/", 405), ("DELETE", "/", 405)],
)
def test_unknown_paths_get_404_and_wrong_methods_405(chatd, method, target, status):
    assert http(chatd.port, method, target, body=None if method == "GET" else "").status == status
