"""Dashboards that do not read, more changes than they can get, and more logins than can be checked."""

import json
import os
import signal

import pytest

from dashboards import PASSWORD, Dashboard, client
from passwords import password_hash
from wire import CLOSE

pytestmark = pytest.mark.timeout(120)

#: With 50 clients, a join or a leave of such a room is about 50 KB for each dashboard.
LONG = "r" * 950
#: About 10 MB for each dashboard, more than twice the default of --max-pending.
ROUNDS = 100


def has_members(clients):
    """A condition for a list of sockets in which these clients are in the last room."""
    return lambda sockets: sum("the end" in socket["rooms"] for socket in sockets) == len(clients)


@pytest.mark.parametrize("count", [1, 5])
def test_a_dashboard_that_does_not_read_gets_a_new_list_when_it_reads_again(start, count):
    server = start("--admin-ui-writes", "--log-level", "debug")
    clients = [client(server.ports[index % len(server.ports)]) for index in range(50)]
    addresses = [f"203.0.113.{index}" for index in range(2, 2 + count)]
    deaf = [Dashboard(server.ports[0], address, receive_buffer=4096).enter() for address in addresses]
    for dashboard in deaf:
        dashboard.sockets()
        dashboard.shown.clear()
    with Dashboard(server.ports[-1]).enter() as active:
        for number in range(ROUNDS):
            active.act("join", "/", f"{LONG}{number}")
            active.act("leave", "/", f"{LONG}{number}")
            active.act("emit", "/", None, "changed", number)
            for one in clients:
                assert json.loads(one.receive_packet().removeprefix("42"))[:2] == ["changed", number]
        active.act("join", "/", "the end")
        active.act("emit", "/", None, "changed", ROUNDS)
        for one in clients:
            assert json.loads(one.receive_packet().removeprefix("42"))[:2] == ["changed", ROUNDS]
    for dashboard in deaf:
        with dashboard:
            dashboard.wait_for("all_sockets", has_members(clients))


def test_a_dashboard_gets_a_new_list_when_a_worker_has_died(supervise, options):
    server = supervise(2, *options)
    lost, kept = client(server.ports[1]), client(server.ports[0])
    with Dashboard(server.ports[0]).enter() as dashboard:
        dashboard.wait_for_workers(server)
        dashboard.wait_for("all_sockets", lambda sockets: {lost.id, kept.id} <= {socket["id"] for socket in sockets})
        os.kill(server.worker_pid(1), signal.SIGKILL)
        dashboard.shown.clear()
        dashboard.wait_for("all_sockets", lambda sockets: {lost.id, kept.id} & {socket["id"] for socket in sockets}
                           == {kept.id})


def test_a_dashboard_that_never_reads_is_disconnected(start_chatd, options):
    server = start_chatd(*options, "--ping-interval", "1000", "--ping-timeout", "1000")
    with Dashboard(server.port, "203.0.113.2").enter() as deaf, Dashboard(server.port).enter() as other:
        deaf.sockets()
        ended = other.wait_for("socket_disconnected", lambda nsp, *_: nsp == "/admin")
        assert ended[2] == "ping timeout"


def test_too_many_logins_at_once_are_sent_away_and_do_not_count_as_failures(start_chatd, options, tmp_path):
    # A debug build takes more than a second for so many rounds.
    (tmp_path / "password").write_text(f"ada:{password_hash(PASSWORD, rounds=20_000)}\n")
    server = start_chatd(*options)
    chat = client(server.port)
    # One is checked, and four wait.
    dashboards = [Dashboard(server.port, f"203.0.113.{index}") for index in range(1, 11)]
    for dashboard in dashboards:
        dashboard.send_text("40/admin," + json.dumps({"username": "ada", "password": PASSWORD}))
    chat.emit("chat identity", ack=1)
    assert chat.receive_packet(timeout=2).startswith("431")
    answers = []
    for dashboard in dashboards:
        while (part := dashboard.receive_frame(timeout=60)).payload == b"2":
            dashboard.send_text("3")
        answers.append(part.payload[:2] if part.opcode == CLOSE else part.payload[:9])
    # With this code, 1013, the official client comes back.
    away = answers.count((1013).to_bytes(2, "big"))
    assert 1 <= away <= 5 and answers.count(b"40/admin,") == len(dashboards) - away
    for _ in range(6):
        with Dashboard(server.port, "203.0.113.6") as late:
            assert late.log_in(username="ada", password=PASSWORD) is None
    assert "has failed" not in server.stderr_text()
