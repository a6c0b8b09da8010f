"""What the log and the metrics tell an operator about refused clients, commands and failures."""

import json
import os
import signal
import socket
import subprocess

import pytest

import tokens
from metrics import Page
from packets import SocketIOWebSocket
from processes import run_chatd
from sites import Site, serving
from waiting import wait_until
from wire import HTTPConnection

pytestmark = pytest.mark.timeout(120)

KEY = "a secret that only the issuer of tokens and chatd know"
HANDSHAKE = "/socket.io/?EIO=4&transport=polling"


@pytest.fixture
def admin():
    """A free port for the metrics."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def refusals(port):
    """The reasons for which something was refused, with the numbers."""
    values = Page(port).values
    prefix = 'chatd_refusals_total{reason="'
    return {key[len(prefix):-2]: value for key, value in values.items() if key.startswith(prefix) and value}


def handshake_status(port, address):
    with HTTPConnection(port) as connection:
        connection.send(
            f"GET {HANDSHAKE} HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {address}\r\n\r\n".encode())
        return connection.read_response().status


# Clients that are refused


def test_clients_refused_by_their_token_are_counted_and_logged_without_it(start_chatd, tmp_path, admin):
    keys = tmp_path / "keys"
    keys.write_text(KEY + "\n")
    keys.chmod(0o600)
    chatd = start_chatd(
        "--auth", "token", "--auth-keys", keys, "--admin-port", admin, "--log-level", "debug",
        "--trusted-proxies", "loopback")
    page = Page(admin)
    for reason in ("identity", "identity_unavailable", "ban", "middleware", "namespace", "auth_size"):
        assert page[f'chatd_refusals_total{{reason="{reason}"}}'] == 0
    forged, expired = tokens.token("eve", "another key of at least thirty-two bytes"), tokens.token("eve", KEY, exp=1)
    for auth in ({"token": forged}, {"token": expired}, {"token": "hidden\nerror: word"}, {}):
        with SocketIOWebSocket(chatd.port, headers=[("X-Forwarded-For", "203.0.113.7")]) as client:
            client.send_text("40" + json.dumps(auth))
            assert client.receive_packet().startswith("44")
    with SocketIOWebSocket(chatd.port) as client:
        client.send_text("40/x\\n: admitted,")
        assert client.receive_packet().startswith("44/x")
    assert refusals(admin) == {"identity": 4, "namespace": 1}
    log = chatd.stderr_text()
    for text in (
        "its token is signed with no known key", "its token has expired", "its token is malformed", "it has no token",
    ):
        assert f"debug: refused a client from 203.0.113.7 in /: {text}\n" in log
    assert r'refused a client from 127.0.0.1 in "/x\\n: admitted": it may not enter this namespace' in log
    assert "hidden" not in log and forged.rsplit(".", 1)[1] not in log and expired.rsplit(".", 1)[1] not in log


def test_clients_refused_by_the_service_and_those_that_it_does_not_decide_are_counted_apart(start_chatd, admin):
    site = Site()
    site.banned.add("ada")
    with serving(site) as address:
        chatd = start_chatd(
            "--auth", f"http://127.0.0.1:{address[1]}/", "--admin-port", admin, "--log-level", "debug",
            "--auth-timeout", "1000")
        with SocketIOWebSocket(chatd.port) as client:
            client.send_text('40{"token":"ada"}')
            assert client.receive_packet().startswith('44{"message":"banned"')
        assert refusals(admin) == {"identity": 1}
    with SocketIOWebSocket(chatd.port) as client:
        client.send_text('40{"token":"bob"}')
        assert client.wait_for_close().code == 1013
    assert refusals(admin) == {"identity": 1, "identity_unavailable": 1}
    log = chatd.stderr_text()
    assert "debug: refused a client from 127.0.0.1 in /: it was not identified\n" in log
    assert "debug: refused a client from 127.0.0.1 in /: it is unknown who the client is\n" in log


def test_each_refusal_counts_under_one_reason(start_chatd, tmp_path, admin):
    server = start_chatd("--admin-port", admin, "--trusted-proxies", "loopback", "--handshake-rate", "1/2")
    assert run_chatd("admin", "ban", "203.0.113.7", "--for", "1h", cwd=tmp_path).returncode == 0
    assert handshake_status(server.port, "203.0.113.7") == 403
    statuses = [handshake_status(server.port, "203.0.113.8") for _ in range(10)]
    with HTTPConnection(server.port) as connection:
        connection.send(f"GET {HANDSHAKE} HTTP/1.1\r\nHost: foreign.example\r\n\r\n".encode())
        assert connection.read_response().status == 403
    assert statuses.count(429) > 3
    assert refusals(admin) == {"ban": 1, "handshake_rate": statuses.count(429), "host": 1}


def test_a_refused_request_is_described_in_words(start_chatd):
    server = start_chatd("--log-level", "debug")
    for query in ("EIO=4", "EIO=4&transport=smoke", "transport=polling"):
        with HTTPConnection(server.port) as connection:
            connection.send(f"GET /socket.io/?{query} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            assert connection.read_response().status == 400
    log = server.stderr_text()
    for words in ("(code 0, no transport)", "(code 0, transport smoke)", "(code 5, no protocol version)"):
        assert words in log
    assert "Optional" not in log


def test_ipv4_clients_of_an_ipv6_socket_have_ipv4_addresses(start_chatd, tmp_path):
    site = Site()
    with serving(site) as address:
        server = start_chatd(
            "--host", "::", "--auth", f"http://127.0.0.1:{address[1]}/", "--access-log", "on", "--port", 0)
        with SocketIOWebSocket(server.port) as client:
            client.connect_namespace(auth={"token": "ada"})
            listed = run_chatd("admin", "connections", "--json", cwd=tmp_path).stdout
            assert json.loads(listed)["address"] == "127.0.0.1"
    assert site.requests[0]["address"] == "127.0.0.1"
    wait_until(lambda: "websocket closed address=127.0.0.1" in server.stderr_text())
    assert "::ffff:" not in server.stderr_text()


# Commands and failures


def test_no_line_about_a_command_that_changes_something_is_suppressed(start_chatd, tmp_path):
    server = start_chatd()
    count = 150
    for number in range(count):
        body = json.dumps({"command": "ban", "target": f"address:203.0.113.{number}", "seconds": 60}).encode()
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(15)
            connection.connect(str(tmp_path / "chat.db.admin"))
            connection.sendall(
                b"POST /command HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
                % (len(body), body))
            assert connection.recv(65536).startswith(b"HTTP/1.1 200")
    log = server.stderr_text()
    for number in range(count):
        assert f"ban address:203.0.113.{number}: done" in log
    assert "suppressed" not in log


def test_a_killed_worker_is_a_warning(supervise):
    server = supervise(1, "--log-level", "warning")
    killed = server.worker_pid(0)
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: f"warning: worker 0, process {killed}, was ended by signal 9" in server.stderr_text())
    wait_until(lambda: server.worker_pid(0) not in (None, killed))
    assert server.stop() == 0
    assert server.stderr_text().count("warning: worker") == 1, "a worker that is asked to end is no warning"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may act as another user")
def test_a_user_who_may_not_give_commands_is_logged(start_chatd, tmp_path):
    server = start_chatd()
    path = tmp_path / "chat.db.admin"
    # The mode of the file is the first obstacle.
    path.chmod(0o666)
    for directory in (tmp_path, *tmp_path.parents):
        if directory.stat().st_mode & 0o001 == 0:
            directory.chmod(directory.stat().st_mode | 0o011)
    program = "import socket,sys; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); print(s.recv(99))"
    for _ in range(3):
        result = subprocess.run(
            ["setpriv", "--reuid", "65534", "--clear-groups", "/usr/bin/python3", "-c", program, path],
            capture_output=True, text=True, timeout=30)
        assert "HTTP/1.1 403" in result.stdout, result
    line = "warning: refused user 65534 at the socket of chatd admin, which is for this server's user and root\n"
    wait_until(lambda: line in server.stderr_text())
    assert server.stderr_text().count("refused user 65534") == 1, "the line is rate-limited"
