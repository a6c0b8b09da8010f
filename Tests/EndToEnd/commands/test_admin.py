"""`chatd admin`: an operator lists, disconnects and bans clients of a running server."""

import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import threading
import time

import pytest

from metrics import Page
from packets import ChatClient, SocketIOWebSocket
from processes import run_chatd
from waiting import wait_until
from wire import Disconnected, HTTPConnection

pytestmark = pytest.mark.timeout(120)

HANDSHAKE = "/socket.io/?EIO=4&transport=polling"
PROXIED = ("--trusted-proxies", "loopback")


def admin(directory, *arguments, code=0):
    result = run_chatd("admin", *arguments, cwd=directory)
    assert result.returncode == code, (result.returncode, result.stdout, result.stderr)
    return result.stdout


def lines(directory, *arguments):
    return [json.loads(line) for line in admin(directory, *arguments, "--json").splitlines()]


class Client(SocketIOWebSocket):
    """A client that a proxy names, with details if it asks for them."""

    def __init__(self, port, address="203.0.113.7", **auth):
        super().__init__(port, headers=[("X-Forwarded-For", address)])
        self.answer = self.connect_namespace(auth=auth or None)
        self.id = self.answer["sid"]

    def events_until_end(self):
        """The events before the server ended the connection, and whether it sent a disconnect packet."""
        packets = []
        try:
            while True:
                packets.append(self.receive_packet(timeout=10))
        except Disconnected:
            pass
        assert "41" in packets, packets
        return [json.loads(packet[2:]) for packet in packets if packet.startswith("42")]

    def notices(self):
        return [event[1] for event in self.events_until_end() if event[0] == "disconnect reason"]

    def reason(self):
        return [notice["reason"] for notice in self.notices()]


def refused(port, address, **auth):
    """The answer to a CONNECT that must be refused."""
    client = SocketIOWebSocket(port, headers=[("X-Forwarded-For", address)])
    client.send_text("40" + json.dumps(auth))
    packet = client.receive_packet()
    assert packet.startswith("44"), packet
    return json.loads(packet[2:])


def handshake_status(port, address):
    with HTTPConnection(port) as http:
        return http.request("GET", HANDSHAKE, headers=[("X-Forwarded-For", address)]).status


@pytest.fixture(params=["serve", "supervise", "shared"])
def server(request, start_chatd, supervise):
    """A server behind a proxy, in one process and with two workers."""
    if request.param == "serve":
        return start_chatd(*PROXIED)
    if request.param == "shared":
        return supervise(2, "--ports", "shared", *PROXIED)
    return supervise(2, *PROXIED)


def test_lists_the_connections(server, tmp_path):
    clients = [Client(port, f"203.0.113.{index}") for index, port in enumerate(server.ports)]
    named = Client(server.ports[-1], "2001:db8::1", details=1, identity="a secret of this browser")
    rows = {row["id"]: row for row in lines(tmp_path, "connections")}
    assert set(rows) == {client.id for client in [*clients, named]}
    row = rows[clients[0].id]
    assert row["address"] == "203.0.113.0" and row["transport"] == "websocket" and row["user"] is None
    assert abs(row["since"] / 1000 - time.time()) < 60
    assert row["received"] > 0 and row["sent"] > 0 and row["name"] is None
    assert re.fullmatch("[0-9a-f]{32}", rows[named.id]["user"])
    table = admin(tmp_path, "connections").splitlines()
    assert table[0].split() == ["id", "user", "name", "address", "since", "transport", "received", "sent", "process"]
    assert len(table) == len(rows) + 1
    assert len(lines(tmp_path, "connections", "--limit", 1)) == 1


def test_names_that_clients_chose_are_marked_and_forge_no_column(start_chatd, tmp_path):
    server = start_chatd(*PROXIED)
    forged = Client(server.port, details=1, identity="a secret of this browser", name="root  198.51.100.1")
    assert lines(tmp_path, "connections")[0]["name"] == "~root  198.51.100.1"
    header, row = admin(tmp_path, "connections").splitlines()
    assert '"~root  198.51.100.1"' in row and row.index('"~root') == header.index("name")
    assert row.index("203.0.113.7") == header.index("address") and forged.id in row


def test_lists_more_connections_than_one_answer_holds(supervise, tmp_path):
    server = supervise(2, *PROXIED)
    clients = [Client(server.ports[index % 2], f"203.0.113.{index % 100}") for index in range(600)]
    rows = lines(tmp_path, "connections")
    assert sorted(row["id"] for row in rows) == sorted(client.id for client in clients)


def test_disconnects_by_each_kind_of_target(server, tmp_path):
    one, same, other = Client(server.ports[0]), Client(server.ports[-1]), Client(server.ports[-1], "198.51.100.1")
    assert admin(tmp_path, "disconnect", one.id, "--reason", "noise") == "disconnected 1\n"
    assert one.reason() == ["noise"]
    assert admin(tmp_path, "disconnect", "address:203.0.113.7") == "disconnected 1\n"
    assert same.reason() == ["disconnected"]
    users = [Client(port, identity="a secret of this browser", details=1) for port in server.ports]
    user = next(row["user"] for row in lines(tmp_path, "connections") if row["id"] == users[0].id)
    assert admin(tmp_path, "disconnect", f"user:{user}") == f"disconnected {len(users)}\n"
    assert all(client.reason() == ["disconnected"] for client in users)
    assert [row["id"] for row in lines(tmp_path, "connections")] == [other.id]
    admin(tmp_path, "disconnect", one.id, code=1)
    admin(tmp_path, "disconnect", "nobody at all", code=64)


def test_a_ban_of_an_address_ends_its_clients_and_keeps_them_out(server, tmp_path):
    inside = Client(server.ports[-1], "203.0.113.7")
    neighbour = Client(server.ports[0], "203.0.113.8")
    # This session is open, and has not joined the chat yet.
    waiting = SocketIOWebSocket(server.ports[0], headers=[("X-Forwarded-For", "203.0.113.7")])
    assert admin(tmp_path, "ban", "::ffff:203.0.113.7", "--for", "1h", "--reason", "spam") == "disconnected 1\n"
    [notice] = inside.notices()
    waiting.send_text("40")
    answer = json.loads(waiting.receive_packet()[2:])
    assert answer["message"] == "banned" and answer["data"]["reason"] == "banned"
    assert notice == answer["data"]
    assert abs(answer["data"]["until"] / 1000 - time.time() - 3600) < 60
    # An evader with another id and the same address.
    for port in server.ports:
        assert handshake_status(port, "203.0.113.7") == 403
        assert handshake_status(port, "203.0.113.8") == 200
    [ban] = lines(tmp_path, "bans")
    assert ban["target"] == "address:203.0.113.7" and ban["reason"] == "spam"
    admin(tmp_path, "unban", "203.0.113.7")
    assert handshake_status(server.ports[0], "203.0.113.7") == 200
    again = run_chatd("admin", "unban", "203.0.113.7", cwd=tmp_path)
    assert again.returncode == 1 and again.stderr == "chatd: there is no ban of address:203.0.113.7\n"
    neighbour.send_text("3")


def test_a_ban_of_an_ipv6_address_is_of_its_network(server, tmp_path):
    inside = Client(server.ports[0], "2001:db8::1")
    admin(tmp_path, "ban", "[2001:db8::ffff]", "--for", "15m")
    assert inside.reason() == ["banned"]
    assert handshake_status(server.ports[-1], "2001:db8::2") == 403
    assert handshake_status(server.ports[-1], "2001:db8:0:1::2") == 200
    assert [ban["target"] for ban in lines(tmp_path, "bans")] == ["address:2001:db8::/64"]


def test_a_ban_of_a_user_holds_for_all_its_connections_and_addresses(server, tmp_path):
    secret = {"identity": "a secret of this browser", "details": 1}
    inside = [Client(port, f"203.0.113.{index}", **secret) for index, port in enumerate(server.ports)]
    user = lines(tmp_path, "connections")[0]["user"]
    assert admin(tmp_path, "ban", f"user:{user}", "--for", "7d") == f"disconnected {len(inside)}\n"
    assert all(client.reason() == ["banned"] for client in inside)
    for port in server.ports:
        assert refused(port, "198.51.100.9", **secret)["message"] == "banned"
        assert Client(port, "198.51.100.9", identity="the secret of another one").id


def test_a_ban_deletes_the_kept_sessions(server, tmp_path):
    lost = Client(server.ports[0])
    lost.emit("nothing")
    session = {"pid": lost.answer["pid"], "offset": ""}
    lost.close()
    wait_until(lambda: lines(tmp_path, "connections") == [])
    admin(tmp_path, "ban", "203.0.113.7", "--for", "1h")
    counters = lines(tmp_path, "counters")[0]
    assert counters["hub_sessions"] == 0 and counters["lost_sessions"] == 0
    admin(tmp_path, "unban", "203.0.113.7")
    assert Client(server.ports[0], **session).id != lost.id


def test_a_ban_of_a_user_deletes_the_sessions_of_its_other_addresses_too(server, tmp_path):
    secret = {"identity": "a secret of this browser", "details": 1}
    lost = Client(server.ports[0], "203.0.113.7", **secret)
    user = lines(tmp_path, "connections")[0]["user"]
    lost.close()
    wait_until(lambda: lines(tmp_path, "connections") == [])
    admin(tmp_path, "ban", f"user:{user}", "--for", "1h")
    # Neither the user nor anybody else who knows the session's secret finds it, at no worker.
    session = {"pid": lost.answer["pid"], "offset": ""}
    for port in server.ports:
        assert refused(port, "203.0.113.7", **secret, **session)["message"] == "banned"
        assert Client(port, "198.51.100.9", **session).id != lost.id
    admin(tmp_path, "unban", f"user:{user}")
    for port in server.ports:
        assert Client(port, "203.0.113.7", **secret, **session).id != lost.id


def test_the_socket_and_a_ban_outlive_the_replacement_of_the_workers(supervise, tmp_path):
    server = supervise(2, "--ports", "shared", *PROXIED)
    socket_file = os.stat(tmp_path / "chat.db.admin").st_ino
    server.send_signal(signal.SIGHUP)
    admin(tmp_path, "ban", "203.0.113.7", "--for", "1h")
    wait_until(lambda: "every worker is replaced" in server.stderr_text(), timeout=60)
    assert os.stat(tmp_path / "chat.db.admin").st_ino == socket_file
    for _ in range(8):
        assert handshake_status(server.port, "203.0.113.7") == 403
    other = Client(server.port, "203.0.113.8")
    assert [row["id"] for row in lines(tmp_path, "connections")] == [other.id]
    assert admin(tmp_path, "disconnect", other.id) == "disconnected 1\n"


def test_a_ban_ends_after_its_time(server, tmp_path):
    admin(tmp_path, "ban", "203.0.113.7", "--for", "1s")
    wait_until(lambda: handshake_status(server.ports[0], "203.0.113.7") == 200)
    assert lines(tmp_path, "bans") == []


def test_a_ban_survives_a_restart_and_a_new_worker(supervise, start_chatd, tmp_path):
    server = supervise(2, *PROXIED)
    admin(tmp_path, "ban", "203.0.113.7", "--for", "1h")
    old = server.worker_pid(0)
    os.kill(old, 9)
    wait_until(lambda: server.worker_pid(0) not in (None, old))
    wait_until(lambda: handshake_status(server.ports[0], "203.0.113.8") == 200)
    assert handshake_status(server.ports[0], "203.0.113.7") == 403
    assert server.stop() == 0
    assert stat.S_IMODE(os.stat(tmp_path / "chat.db.bans").st_mode) == 0o600
    assert handshake_status(start_chatd(*PROXIED).port, "203.0.113.7") == 403


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1", "192.0.2.1", "192.0.2.77"])
def test_refuses_to_ban_this_machine_and_the_proxies(start_chatd, tmp_path, address):
    server = start_chatd("--trusted-proxies", "loopback,192.0.2.0/24")
    admin(tmp_path, "ban", address, "--for", "1h", code=77)
    assert handshake_status(server.port, "203.0.113.7") == 200


def test_announces_to_the_clients_that_ask_for_details(server, tmp_path):
    detailed = [Client(port, details=1) for port in server.ports]
    plain = Client(server.ports[0])
    wait_until(lambda: lines(tmp_path, "counters")[0]["hub_sessions"] == len(detailed) + 1)
    admin(tmp_path, "announce", "Maintenance at noon ☕")
    for client in detailed:
        name, announcement, *_ = json.loads(client.receive_packet()[2:])
        assert name == "chat announcement" and announcement["text"] == "Maintenance at noon ☕"
        assert abs(announcement["time"] / 1000 - time.time()) < 60
    plain.emit("chat message", "after it", "offset-1", ack=1)
    assert json.loads(plain.receive_packet()[2:])[:2] == ["chat message", "after it"]


def test_deletes_messages_everywhere(server, tmp_path):
    detailed = [Client(port, details=1) for port in server.ports]
    writer = ChatClient(server.ports[0])
    for number in range(1, 6):
        writer.say(f"text {number}", f"offset-{number}")
    assert admin(tmp_path, "delete", "4", "2", "5") == "deleted 3\n"
    assert f"chatd admin (user {os.geteuid()}): delete 4 2 5: done (3)\n" in server.stderr_text()
    for client in detailed:
        events = [json.loads(client.receive_packet()[2:]) for _ in range(6)]
        assert [event[1] for event in events[:5]] == [f"text {number}" for number in range(1, 6)]
        assert events[5][:2] == ["chat deleted", {"ids": [2, 4, 5]}]
    # The tutorial's client is told nothing, and gets the same as before: also a repeat is acknowledged.
    assert writer.say("text 5", "offset-5") == [] and writer.say("text 2", "offset-2") == []
    assert writer.say("text 6", "offset-6") == []
    assert writer.texts[-2:] == ["text 5", "text 6"]
    for port in server.ports:
        with ChatClient(port) as late:
            assert late.read_rows(3) == [(1, "text 1"), (3, "text 3"), (6, "text 6")]
            late.emit("chat history", {"before": None, "limit": 9}, ack=99)
            assert [row[0] for row in late.read_ack(99)[0]["messages"]] == [1, 3, 6]
        # From below and from above the deleted ones.
        with ChatClient(port, offset=4) as late:
            assert late.read_rows(1) == [(6, "text 6")]
    assert lines(tmp_path, "delete", "1", "1") == [{"deleted": 1}]


def test_a_message_that_is_not_there_cannot_be_deleted(server, tmp_path):
    with ChatClient(server.ports[0]) as writer:
        writer.say("one", "offset")
    result = run_chatd("admin", "delete", "1", "2", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (0, "deleted 1\n")
    assert "no message has the id 2" in result.stderr
    admin(tmp_path, "delete", "1", code=1)
    # The ids are not assigned again.
    with ChatClient(server.ports[0]) as writer:
        writer.say("two", "other")
        # The client may still be catching up when its message is acknowledged.
        assert writer.read_rows(1) == [(2, "two")]


def test_a_deletion_survives_a_restart_with_its_repeats(start_chatd, tmp_path):
    server = start_chatd()
    with ChatClient(server.port) as writer:
        writer.say("kept", "a")
        writer.say("deleted", "b")
    admin(tmp_path, "delete", "2")
    server.stop(signal.SIGKILL)
    server = start_chatd()
    with ChatClient(server.port) as writer:
        assert writer.say("deleted", "b") == []
        writer.say("new", "c")
        assert writer.read_rows(2) == [(1, "kept"), (3, "new")]


def test_a_client_that_was_away_for_a_moment_learns_of_a_deletion(server, tmp_path):
    client = Client(server.ports[0], details=1)
    with ChatClient(server.ports[-1]) as writer:
        writer.say("text", "offset")
    offset = json.loads(client.receive_packet()[2:])[-1]
    client.close()
    wait_until(lambda: lines(tmp_path, "connections") == [])
    admin(tmp_path, "delete", "1")
    again = Client(server.ports[-1], details=1, pid=client.answer["pid"], offset=offset)
    assert again.id == client.id
    assert json.loads(again.receive_packet()[2:])[:2] == ["chat deleted", {"ids": [1]}]


def test_deletions_while_messages_are_stored_lose_nothing_else(server, tmp_path):
    deleted = set()
    with ChatClient(server.ports[0]) as writer, ChatClient(server.ports[-1]) as reader:
        for number in range(1, 61):
            writer.chat(f"text {number}", f"offset-{number}")
            if number % 20 == 0:
                writer.read_until(lambda: len(writer.acks) == number)
                admin(tmp_path, "delete", number, number - 7)
                deleted |= {number, number - 7}
        reader.read_rows(60)
        assert reader.ids == list(range(1, 61))
    with ChatClient(server.ports[-1]) as late:
        late.read_rows(60 - len(deleted))
        assert late.ids == [number for number in range(1, 61) if number not in deleted]


def test_counts(server, tmp_path):
    client = Client(server.ports[0])
    # The second of two workers may still start.
    wait_until(lambda: len(lines(tmp_path, "counters")) == 1 + getattr(server, "workers", 1))
    primary, *workers = lines(tmp_path, "counters")
    assert primary["process"] == "primary" and primary["hub_sessions"] == 1
    assert sum(worker["sockets"] for worker in workers) == 1 and client.id


def test_drains(server, tmp_path):
    admin(tmp_path, "drain")
    server.was_asked_to_end = True
    assert server.wait() == 0
    assert not (tmp_path / "chat.db.admin").exists()
    admin(tmp_path, "connections", code=69)


def test_the_socket_is_the_owners(server, tmp_path):
    assert stat.S_IMODE(os.stat(tmp_path / "chat.db.admin").st_mode) == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_another_user_cannot_use_the_socket(start_chatd):
    directory = subprocess.run(["mktemp", "-d"], capture_output=True, text=True, check=True).stdout.strip()
    path = f"{directory}/a.admin"
    try:
        server = start_chatd("--admin-socket", path)
        os.chmod(directory, 0o755)

        def status():
            code = ("import socket, sys\ns = socket.socket(socket.AF_UNIX)\n"
                    f"s.connect({path!r})\n"
                    "s.sendall(b'POST /command HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Length: 18\\r\\n\\r\\n"
                    "{\"command\":\"bans\"}')\nprint(s.recv(100))")
            return subprocess.run(["python3", "-c", code], user="nobody", capture_output=True, text=True, timeout=20)

        assert "PermissionError" in status().stderr
        # The mode is not the only protection.
        os.chmod(path, 0o666)
        result = status()
        assert "200" not in result.stdout, result
        assert server.is_running
    finally:
        shutil.rmtree(directory)


def test_a_stale_socket_is_replaced(start_chatd, tmp_path):
    server = start_chatd()
    server.stop(signal.SIGKILL)
    assert (tmp_path / "chat.db.admin").exists()
    start_chatd()
    assert lines(tmp_path, "bans") == []


def test_a_default_socket_that_cannot_be_opened_does_not_stop_the_server(start_chatd, tmp_path):
    (tmp_path / "chat.db.admin").write_text("not a socket")
    server = start_chatd()
    assert "chatd admin cannot be used" in server.stderr_text()
    result = run_chatd("serve", "--port", 0, "--db", ":memory:", "--admin-socket", tmp_path / "chat.db.admin")
    assert result.returncode == 69, result


def test_none_opens_no_socket_and_bans_stay_in_force(start_chatd, tmp_path):
    server = start_chatd(*PROXIED)
    admin(tmp_path, "ban", "203.0.113.7", "--for", "1h")
    server.stop()
    server = start_chatd("--admin-socket", "none", *PROXIED)
    assert not (tmp_path / "chat.db.admin").exists()
    assert handshake_status(server.port, "203.0.113.7") == 403
    assert handshake_status(server.port, "203.0.113.8") == 200


def test_a_server_without_a_file_keeps_bans_only_in_a_named_file(start_chatd, tmp_path):
    path = ("--admin-socket", tmp_path / "operator")
    server = start_chatd(*path, *PROXIED, db=":memory:")
    for command in (["ban", "203.0.113.7", "--for", "1h"], ["bans"], ["unban", "203.0.113.7"]):
        result = run_chatd("admin", "--socket", path[1], *command)
        assert result.returncode == 77 and "--bans FILE" in result.stderr, result
    server.stop()
    server = start_chatd(*path, "--bans", tmp_path / "bans", *PROXIED, db=":memory:")
    admin(tmp_path, "--socket", path[1], "ban", "203.0.113.7", "--for", "1h")
    assert handshake_status(server.port, "203.0.113.7") == 403 and (tmp_path / "bans").exists()


@pytest.mark.parametrize("command", ["serve", "supervise"])
def test_a_server_that_cannot_read_the_bans_does_not_start(tmp_path, command):
    # A directory cannot be read, also by root.
    bans = tmp_path / "chat.db.bans"
    bans.mkdir()
    database = tmp_path / "chat.db"
    result = run_chatd(command, "--port", 0, "--db", database)
    assert result.returncode == 69 and f"the bans in {bans} cannot be read" in result.stderr, result
    result = run_chatd("check", command, "--port", 0, "--db", database)
    assert result.returncode == 69 and f"the bans in {bans} cannot be read" in result.stderr, result
    bans.rmdir()
    assert run_chatd("check", command, "--port", 0, "--db", database).returncode == 0


def test_a_damaged_line_lifts_no_ban_and_is_kept(start_chatd, tmp_path):
    bans = tmp_path / "chat.db.bans"
    until = int(time.time() * 1000) + 3_600_000
    damaged = '{"target":"address:203.0.113.9","unt'
    bans.write_text(f'{damaged}\n{{"target":"address:203.0.113.7","until":{until}}}\n')
    server = start_chatd(*PROXIED)
    assert f"{bans}, line 1: this is no ban" in server.stderr_text()
    assert handshake_status(server.port, "203.0.113.7") == 403
    admin(tmp_path, "ban", "203.0.113.8", "--for", "1h")
    assert damaged in bans.read_text().splitlines() and len(bans.read_text().splitlines()) == 3
    result = run_chatd("admin", "bans", cwd=tmp_path)
    assert result.returncode == 0 and f"{bans}, line 3: this is no ban" in result.stderr
    doctor = run_chatd("doctor", "--db", "chat.db", cwd=tmp_path)
    assert doctor.returncode == 0 and "warning: chat.db.bans, line 3" in doctor.stdout
    assert "line 3: this is no ban" in run_chatd("check", "--port", 0, cwd=tmp_path).stdout
    # A file that becomes unreadable is not replaced by the next ban, and lifts none.
    bans.rename(tmp_path / "saved")
    bans.mkdir()
    admin(tmp_path, "ban", "203.0.113.10", "--for", "1h", code=69)
    assert handshake_status(server.port, "203.0.113.7") == 403
    assert "the bans in chat.db.bans cannot be read" in run_chatd("doctor", "--db", "chat.db", cwd=tmp_path).stdout
    assert "user " in server.stderr_text() and ": failed: the ban is not kept" in server.stderr_text()


def test_a_worker_in_the_place_of_a_crashed_one_has_the_last_known_bans(supervise, tmp_path):
    server = supervise(2, *PROXIED)
    admin(tmp_path, "ban", "203.0.113.7", "--for", "1h")
    bans = tmp_path / "chat.db.bans"
    bans.rename(tmp_path / "saved")
    bans.mkdir()
    os.kill(server.worker_pid(0), signal.SIGKILL)
    for port in server.ports:
        wait_until(lambda: handshake_status(port, "203.0.113.7") == 403)
    assert "cannot be read: read: Is a directory; those that this process knows are in force" in server.stderr_text()
    with ChatClient(server.ports[0]) as client:
        client.say("hello")
    # Once the file can be read again, it counts.
    bans.rmdir()
    assert handshake_status(server.ports[0], "203.0.113.7") == 200


def test_metrics_of_bans(supervise, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        operator = free.getsockname()[1]
    server = supervise(2, "--admin-port", operator, *PROXIED)
    admin(tmp_path, "ban", "203.0.113.7", "--for", "1h")
    for port in server.ports:
        assert handshake_status(port, "203.0.113.7") == 403
    page = Page(operator)
    assert page["chatd_bans"] == 1 and page['chatd_refusals_total{reason="ban"}'] == 2
    admin(tmp_path, "unban", "203.0.113.7")
    assert Page(operator)["chatd_bans"] == 0


@pytest.mark.parametrize(
    "words",
    [
        (), ("ban", "203.0.113.7"), ("ban", "203.0.113.7", "--for", "soon"), ("ban", "203.0.113.7", "--for", "0s"),
        ("ban", "A" * 20, "--for", "1h"), ("announce",), ("connections", "--limit", "0"), ("connections", "all"),
        ("delete",), ("delete", "five"), ("delete", "0"), ("delete", "1", "-2"), ("delete", *map(str, range(1, 102))),
        ("disconnect", "user:"), ("unban", "1.2.3"), ("bans", "--for", "1h"), ("announce", "x", "--reason", "y"),
        ("disconnect", "user:a", "--for", "1h"), ("bans", "--limit=5"), ("bans", "--socket", "a", "--db", "b"),
    ],
)
def test_explains_a_wrong_command_line(tmp_path, words):
    result = run_chatd("admin", *words, cwd=tmp_path)
    assert result.returncode == 64 and result.stderr.startswith("chatd: "), result
    if words == ("ban", "203.0.113.7"):
        assert "ban needs --for TIME" in result.stderr


def exchange(path, data):
    """What the server answers to these bytes; empty if it resets or closes the connection."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(15)
        connection.connect(str(path))
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            answer = b""
            while chunk := connection.recv(65536):
                answer += chunk
            return answer
        except (BrokenPipeError, ConnectionResetError):
            return b""


def test_hostile_input_harms_nobody(chatd, tmp_path, survives):
    path = tmp_path / "chat.db.admin"

    def post(body):
        return exchange(
            path, b"POST /command HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    with survives(chatd):
        for body in [
            b"", b"{}", b"[]", b"nonsense", b"\xff\xfe", b'{"command":5}', b'{"command":"format"}', b"[" * 60000,
            b'{"command":"connections","limit":1e99}', b'{"command":"ban","target":"user:a","seconds":-1}',
            b'{"command":"ban","target":"%s","seconds":5}' % (b"user:" + b"x" * 5000),
            b'{"command":"disconnect","target":"\\u0000"}', b'{"command":"announce","text":""}',
            b'{"command":"announce","text":"%s"}' % (b"x" * 5000),
        ]:
            assert post(body).startswith(b"HTTP/1.1 400"), body
        assert post(b"x" * 70000)[:12] in (b"", b"HTTP/1.1 413")
        assert exchange(path, b"GET /command HTTP/1.1\r\nHost: localhost\r\n\r\n").startswith(b"HTTP/1.1 405")
        assert exchange(path, os.urandom(4096))[:10] in (b"", b"HTTP/1.1 4")
        # More connections than the server takes, all idle.
        idle = [socket.socket(socket.AF_UNIX) for _ in range(30)]
        for connection in idle:
            connection.settimeout(10)
            connection.connect(str(path))
        for connection in idle[8:]:
            assert connection.recv(100)[:12] in (b"", b"HTTP/1.1 503")
        for connection in idle:
            connection.close()
        wait_until(lambda: run_chatd("admin", "bans", cwd=tmp_path).returncode == 0)


def test_commands_at_the_same_time_lose_no_ban(chatd, tmp_path):
    threads = [
        threading.Thread(target=admin, args=(tmp_path, "ban", f"203.0.113.{index}", "--for", "1h"))
        for index in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(lines(tmp_path, "bans")) == 6
