"""The official dashboard's protocol on the namespace /admin."""

import base64
import hashlib
import json
import os
import pty
import re
import signal
import subprocess
import time

import pytest
import socketio

import processes
import tokens
from dashboards import ORIGIN, PASSWORD, Dashboard, client
from engine import upgrade
from packets import SocketIOPollingSession, SocketIOWebSocket
from passwords import password_hash
from processes import run_chatd
from waiting import wait_until
from wire import Disconnected

pytestmark = pytest.mark.timeout(120)

WRITES = ["EMIT", "JOIN", "LEAVE", "DISCONNECT", "MJOIN", "MLEAVE", "MDISCONNECT"]
KEY = "a secret that only the issuer of tokens and chatd know"


def test_without_the_option_there_is_no_such_namespace(start_chatd):
    server = start_chatd()
    with SocketIOWebSocket(server.port) as client:
        client.send_text('40/admin,{"username":"ada","password":"x"}')
        assert client.receive_packet() == '44/admin,{"message":"Invalid namespace"}'


def test_a_dashboard_logs_in_and_sees_the_sockets_and_numbers_of_all_workers(start):
    server = start()
    clients = [client(port, f"198.51.100.{index}") for index, port in enumerate(server.ports)]
    with Dashboard(server.ports[0]).enter() as dashboard:
        assert dashboard.wait_for("config") == [{"supportedFeatures": ["AGGREGATED_EVENTS", "ALL_EVENTS"]}]
        assert len(dashboard.wait_for("session")[0]) > 22
        shown = {socket["id"]: socket for socket in dashboard.sockets() if socket["nsp"] == "/"}
        assert set(shown) == {client.id for client in clients}
        one = shown[clients[0].id]
        assert one["transport"] == "websocket" and one["clientId"] == clients[0].id
        assert clients[0].id in one["rooms"] and one["data"] == {}
        assert one["handshake"]["address"] == "198.51.100.0" and one["handshake"]["secure"] is False
        assert abs(one["handshake"]["issued"] / 1000 - time.time()) < 60
        assert one["handshake"]["query"] == {"EIO": "4", "transport": "websocket"}
        own = [socket for socket in dashboard.sockets() if socket["nsp"] == "/admin"]
        assert len(own) == 1 and own[0]["handshake"]["headers"]["origin"] == ORIGIN

        pids = {server.pid} if not isinstance(server, processes.Supervisor) else server.worker_pids()
        numbers = {}

        def has_all(stats):
            numbers[stats["pid"]] = stats
            return set(numbers) == set(pids)

        dashboard.wait_for("server_stats", has_all)
        assert sum(stats["clientsCount"] for stats in numbers.values()) == len(clients) + 1
        assert all(stats["pollingClientsCount"] == 0 for stats in numbers.values())
        assert all(stats["serverId"] == f"{stats['hostname']}#{pid}" for pid, stats in numbers.items())
        counts = {}
        for stats in numbers.values():
            for namespace in stats["namespaces"]:
                counts[namespace["name"]] = counts.get(namespace["name"], 0) + namespace["socketsCount"]
        assert counts == {"/": len(clients), "/admin": 1}
        late = client(server.ports[0])
        late.close()
        dashboard.wait_for("server_stats", lambda stats: any(
            event["type"] == "rawConnection" and event["timestamp"] % 1000 == 0 for event in stats["aggregatedEvents"]))
        dashboard.wait_for("server_stats", lambda stats: any(
            event["type"] == "bytesIn" and event["count"] > 0 for event in stats["aggregatedEvents"]))


def test_a_dashboard_follows_connections_rooms_and_upgrades_on_every_worker(start):
    server = start()
    with Dashboard(server.ports[0]).enter() as dashboard:
        dashboard.sockets()
        dashboard.wait_for_workers(server)
        for port in server.ports:
            new = client(port)
            shown, at, *_ = dashboard.wait_for("socket_connected", lambda socket, *_, new=new: socket["id"] == new.id)
            # A room that is shown here and again in room_joined would be counted twice.
            assert shown["rooms"] == [new.id]
            assert shown["nsp"] == "/" and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", at)
            dashboard.wait_for("room_joined", lambda nsp, room, id, *_, new=new: (nsp, room, id) == (
                "/", "chatd:address:198.51.100.7", new.id))
            new.send_text("41")
            dashboard.wait_for("room_left", lambda nsp, room, id, *_, new=new: (nsp, room, id) == ("/", new.id, new.id))
            ended = dashboard.wait_for("socket_disconnected", lambda nsp, id, *_, new=new: id == new.id)
            assert ended[0] == "/" and ended[2] == "client namespace disconnect"
        polling = SocketIOPollingSession(server.ports[0])
        shown, *_ = dashboard.wait_for("socket_connected", lambda socket, *_: socket["transport"] == "polling")
        with upgrade(polling):
            dashboard.wait_for("socket_updated", lambda change: change == {
                "id": shown["id"], "nsp": "/", "transport": "websocket"})


def test_a_dashboard_that_resumes_its_connection_is_checked_and_gets_a_new_list(start):
    server = start()
    with Dashboard(server.ports[0]).enter() as dashboard:
        session = dashboard.wait_for("session")[0]
        dashboard.sockets()
        chat = client(server.ports[0])
        offset = dashboard.wait_for("room_joined", lambda nsp, room, id, *_: id == chat.id)[-1]
        pid = dashboard.pid
    earlier = {"pid": pid, "offset": offset}
    with Dashboard(server.ports[-1]) as again:
        assert again.log_in(**earlier, sessionId="wrong") == "invalid credentials"
        assert again.log_in(**earlier) == "invalid credentials"
        assert again.log_in(**earlier, sessionId=session) is None
        assert again.pid == pid, "the session is resumed"
        assert chat.id in {socket["id"] for socket in again.sockets()}
        again.wait_for("server_stats")


def test_a_session_is_valid_at_every_worker_until_the_server_ends(start):
    server = start()
    with Dashboard(server.ports[0]).enter() as dashboard:
        session = dashboard.wait_for("session")[0]
    for port in server.ports * 2:
        with Dashboard(port) as again:
            assert again.log_in(sessionId=session) is None
            again.wait_for("config")
            assert "session" not in again.shown
    for wrong in ["", "x", session[:-6] + "AAAAAA", None, 5]:
        with Dashboard(server.ports[0]) as again:
            assert again.log_in(sessionId=wrong) == "invalid credentials"
    server.stop()
    server = start()
    with Dashboard(server.ports[0]) as again:
        assert again.log_in(sessionId=session) == "invalid credentials"


def reload(server):
    count = server.stderr_text().count("every worker is replaced")
    server.send_signal(signal.SIGHUP)
    wait_until(lambda: server.stderr_text().count("every worker is replaced") > count, timeout=60)


def test_sessions_outlive_a_reload_unless_the_password_has_changed(supervise, options, tmp_path):
    server = supervise(2, "--ports", "shared", *options)
    with Dashboard(server.port).enter() as dashboard:
        session = dashboard.wait_for("session")[0]
    reload(server)
    with Dashboard(server.port) as again:
        assert again.log_in(sessionId=session) is None
    (tmp_path / "password").write_text(f"ada:{password_hash('another password')}\n")
    reload(server)
    assert "the dashboard's password has changed" in server.stderr_text()
    with Dashboard(server.port) as again:
        assert again.log_in(sessionId=session) == "invalid credentials"
        assert again.log_in(username="ada", password="another password") is None


def test_wrong_names_and_passwords_are_refused_and_five_a_minute_are_checked(start):
    server = start()
    with Dashboard(server.ports[0]) as dashboard:
        for auth in [{}, {"username": "ada"}, {"username": 5, "password": PASSWORD}, {"password": PASSWORD}]:
            assert dashboard.log_in(**auth) == "invalid credentials"
        assert dashboard.log_in(username="ada", password=PASSWORD) is None, "these have tried no password"
    wrong = [("ada", "x"), ("Ada", PASSWORD), ("", PASSWORD), ("ada", ""), ("ada", PASSWORD + " ")]
    for index, (name, password) in enumerate(wrong):
        with Dashboard(server.ports[index % len(server.ports)]) as dashboard:
            assert dashboard.log_in(username=name, password=password) == "invalid credentials"

    def is_refused(port):
        with Dashboard(port) as dashboard:
            refusal = dashboard.log_in(username="ada", password=PASSWORD)
            return refusal == "too many failed logins from this address; wait a minute"

    # Each worker learns of the other's failures a moment later.
    for port in server.ports:
        wait_until(lambda port=port: is_refused(port))
    with Dashboard(server.ports[0], "203.0.113.2") as other:
        assert other.log_in(username="ada", password=PASSWORD) is None
    assert "a login from 203.0.113.1 has failed" in server.stderr_text()


def test_clients_are_served_while_a_password_is_checked(start_chatd, options, tmp_path):
    # A debug build takes seconds for so many rounds.
    (tmp_path / "password").write_text(f"ada:{password_hash(PASSWORD, rounds=20_000)}\n")
    server = start_chatd(*options)
    chat = client(server.port)
    with Dashboard(server.port) as dashboard:
        dashboard.send_text("40/admin," + json.dumps({"username": "ada", "password": PASSWORD}))
        slowest = 0
        for _ in range(20):
            began = time.monotonic()
            chat.emit("chat identity", ack=1)
            assert chat.receive_packet().startswith("431")
            slowest = max(slowest, time.monotonic() - began)
        assert slowest < 1
        assert dashboard.receive_packet(timeout=60).startswith("40/admin,")


def test_an_ipv6_network_has_one_allowance(start_chatd, options):
    server = start_chatd(*options)
    for index in range(5):
        with Dashboard(server.port, f"2001:db8::{index}") as dashboard:
            assert dashboard.log_in(username="ada", password="x") == "invalid credentials"
    with Dashboard(server.port, "2001:db8::ffff") as dashboard:
        assert "too many" in dashboard.log_in(username="ada", password=PASSWORD)
    with Dashboard(server.port, "2001:db8:0:1::1") as dashboard:
        assert dashboard.log_in(username="ada", password=PASSWORD) is None


def test_a_ban_of_its_address_ends_a_dashboard(start, tmp_path):
    server = start()
    with Dashboard(server.ports[-1]).enter() as dashboard, Dashboard(server.ports[0], "203.0.113.2").enter() as other:
        dashboard.sockets()
        result = run_chatd("admin", "ban", "203.0.113.1", "--for", "1h", cwd=tmp_path)
        assert result.returncode == 0, result.stderr
        with pytest.raises(Disconnected):
            while True:
                dashboard.read_event()
        with pytest.raises(AssertionError, match="403"):
            Dashboard(server.ports[0])
        other.sockets()
        other.wait_for("socket_disconnected", lambda nsp, *_: nsp == "/admin")


def test_only_pages_of_listed_origins_are_dashboards(start_chatd, options):
    server = start_chatd(*options)
    with Dashboard(server.port, origin=f"http://localhost:{server.port}") as page:
        assert "--cors-origin" in page.log_in(username="ada", password=PASSWORD)
    with Dashboard(server.port, origin=None) as program:
        assert program.log_in(username="ada", password=PASSWORD) is None


def test_nothing_secret_is_shown(start_chatd, options, tmp_path):
    keys = tmp_path / "keys"
    keys.write_text(KEY)
    keys.chmod(0o600)
    server = start_chatd(*options, "--auth", "token", "--auth-keys", keys, "--auth-cookie", "session")
    token = tokens.token("ada", KEY, name="Ada")
    headers = [("Cookie", f"session={token}; other=hidden-cookie"), ("Authorization", "Bearer hidden-bearer"),
               ("X-Api-Key", "hidden-key"), ("User-Agent", "a browser"), ("Referer", "https://x.example/?hidden-page")]
    with Dashboard(server.port).enter() as dashboard:
        dashboard.sockets()
        one = client(server.port, headers=headers, token=token, identity="hidden-identity-of-it", name="x")
        socket, *_ = dashboard.wait_for("socket_connected", lambda socket, *_: socket["id"] == one.id)
        assert socket["handshake"]["headers"].keys() == {"host", "user-agent"}
        assert socket["handshake"]["headers"]["user-agent"] == "a browser"
        assert socket["data"] == {"user": "ada", "name": "Ada"}
        one.emit("chat message", "hidden-text", "offset-1", ack=1)
        while not one.receive_packet().startswith("431"):
            pass
        with Dashboard(server.port).enter() as second:
            second.sockets()
            second.wait_for("server_stats")
            texts = json.dumps([dashboard.shown, {**second.shown, "session": None}])
        assert token not in texts and "hidden" not in texts and PASSWORD not in texts
        assert "event_received" not in dashboard.shown and "event_sent" not in dashboard.shown
    assert PASSWORD not in server.stderr_text() and "hidden" not in server.stderr_text()


def test_a_dashboard_that_may_only_look_changes_nothing(start):
    server = start()
    chat = client(server.ports[-1])
    with Dashboard(server.ports[0]).enter() as dashboard:
        dashboard.sockets()
        dashboard.act("emit", "/", None, "hello")
        dashboard.act("join", "/", "a room")
        dashboard.act("leave", "/", chat.id)
        dashboard.act("_disconnect", "/", True)
        wait_until(lambda: server.stderr_text().count("--admin-ui-writes is off") == 4)
        chat.emit("chat identity", ack=1)
        assert chat.receive_packet().startswith("431")


def test_a_dashboard_with_writes_acts_on_all_workers(start):
    server = start("--admin-ui-writes")
    clients = [client(port) for port in server.ports]
    with Dashboard(server.ports[0]).enter() as dashboard:
        assert dashboard.wait_for("config")[0]["supportedFeatures"] == ["AGGREGATED_EVENTS", "ALL_EVENTS", *WRITES]
        dashboard.sockets()
        last = clients[-1]
        dashboard.act("join", "/", "a room", last.id)
        dashboard.wait_for("room_joined", lambda nsp, room, id, *_: (room, id) == ("a room", last.id))
        dashboard.act("emit", "/", "a room", "hello", 1, {"a": [True]})
        assert json.loads(last.receive_packet().removeprefix("42"))[:3] == ["hello", 1, {"a": [True]}]
        dashboard.act("emit", "/", None, "all")
        assert all(json.loads(one.receive_packet().removeprefix("42"))[0] == "all" for one in clients)
        dashboard.act("leave", "/", "a room", last.id)
        dashboard.wait_for("room_left", lambda nsp, room, id, *_: (room, id) == ("a room", last.id))
        dashboard.act("_disconnect", "/", False, clients[0].id)
        assert clients[0].receive_packet() == "41"
        dashboard.act("_disconnect", "/", True)
        for one in clients[1:]:
            with pytest.raises(Disconnected):
                while True:
                    one.receive_packet(timeout=10)
        dashboard.act("emit", "/unknown", None, "x")
        wait_until(lambda: "ignored emit of ada from 203.0.113.1" in server.stderr_text())
        log = server.stderr_text()
        assert f'ada from 203.0.113.1: room {last.id} of /: join room "a room"' in log
        assert 'ada from 203.0.113.1: close the connections of everyone in /' in log


def test_the_list_has_at_most_a_thousand_sockets_and_the_numbers_count_all(supervise, options):
    server = supervise(2, *options)
    clients = [client(server.ports[index % 2], f"198.51.{index % 90}.{index % 250}") for index in range(1010)]
    with Dashboard(server.ports[0]).enter() as dashboard:
        assert len({socket["id"] for socket in dashboard.sockets()}) == 1000
        counts = {}

        def counts_all(stats):
            counts[stats["pid"]] = stats["clientsCount"]
            return sum(counts.values()) == len(clients) + 1

        dashboard.wait_for("server_stats", counts_all)


def test_the_official_python_client_is_a_dashboard(start):
    server = start()
    official, shown = socketio.Client(), {}
    for name in ["session", "config", "all_sockets", "server_stats"]:
        official.on(name, lambda value, name=name: shown.setdefault(name, value), namespace="/admin")
    official.connect(f"http://127.0.0.1:{server.ports[0]}", namespaces=["/admin"], headers={"Origin": ORIGIN},
                     auth={"username": "ada", "password": PASSWORD}, wait_timeout=20)
    try:
        wait_until(lambda: len(shown) == 4)
    finally:
        official.disconnect()
    refused = socketio.Client()
    errors = []
    refused.on("connect_error", errors.append, namespace="/admin")
    with pytest.raises(socketio.exceptions.ConnectionError):
        refused.connect(f"http://127.0.0.1:{server.ports[0]}", namespaces=["/admin"], auth={"sessionId": "old"})
    assert errors == [{"message": "invalid credentials"}]


def test_hash_password_warns_of_a_short_password():
    command = [processes.chatd_binary(), "admin", "hash-password", "--rounds", "1001"]
    for password, warns in [("a", True), ("éèàùçâê", True), ("12345678", False)]:
        result = subprocess.run(command, input=f"{password}\n", text=True, capture_output=True, timeout=60)
        assert result.returncode == 0 and result.stdout.startswith("pbkdf2-sha256$")
        assert ("fewer than 8 characters" in result.stderr) == warns, password


def test_hash_password_reads_a_line_and_the_server_accepts_the_hash(start_chatd, tmp_path):
    # Few rounds, because a debug build takes minutes for the standard number.
    command = [processes.chatd_binary(), "admin", "hash-password", "--rounds", "1001"]
    result = subprocess.run(command, input=f"{PASSWORD}\n", text=True, capture_output=True, timeout=60)
    assert result.returncode == 0 and result.stderr == ""
    scheme, rounds, salt, key = result.stdout.removesuffix("\n").split("$")
    assert (scheme, rounds) == ("pbkdf2-sha256", "1001") and len(base64.b64decode(salt)) == 16
    expected = hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), base64.b64decode(salt), 1001)
    assert base64.b64decode(key) == expected
    path = tmp_path / "password"
    path.write_text(result.stdout)
    path.chmod(0o600)
    server = start_chatd("--admin-ui-password-file", path, "--cors-origin", ORIGIN)
    assert "1001 rounds" in server.stderr_text()
    with Dashboard(server.port) as dashboard:
        assert dashboard.log_in(username="admin", password=PASSWORD) is None


@pytest.mark.parametrize(
    "typed, error", [(["one", "two"], "the two passwords differ"), ([""], "the password is empty")])
def test_hash_password_asks_twice_at_a_terminal_which_shows_nothing(typed, error):
    primary, terminal = pty.openpty()
    process = subprocess.Popen([processes.chatd_binary(), "admin", "hash-password"], stdin=terminal, stdout=terminal,
                               stderr=terminal, start_new_session=True)
    os.close(terminal)
    seen = b""

    def read_until(text):
        nonlocal seen
        while text not in seen:
            seen += os.read(primary, 1000)

    for question, password in zip([b"password: ", b"the same again: "], typed):
        read_until(question)
        os.write(primary, password.encode() + b"\n")
    read_until(error.encode())
    assert process.wait(timeout=10) == 64
    os.close(primary)
    assert not any(password and password.encode() in seen.replace(error.encode(), b"") for password in typed)


@pytest.mark.parametrize(
    "change, error",
    [
        (["--cors-origin", "*"], "list the origin of the dashboard"),
        (["--cors-origin", ""], "list the origin of the dashboard"),
        (["--cors-origin", "null"], "list the origin of the dashboard"),
        (["--admin-ui-password-file", "/nowhere"], "/nowhere cannot be read: No such file"),
        (["--admin-ui-password-file", "", "--admin-ui-writes"], "needs --admin-ui-password-file"),
    ],
)
def test_wrong_options_are_refused(options, change, error):
    result = run_chatd("check", "serve", *map(str, options), *change)
    assert result.returncode == 64 and error in result.stderr, result.stderr
    assert password_hash(PASSWORD) not in result.stdout + result.stderr
