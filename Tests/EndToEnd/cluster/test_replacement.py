"""Change without interruption: SIGHUP replaces the workers, and SIGTERM sends the clients away before the end."""

import os
import shutil
import signal
import stat
import struct
import threading
import time
from contextlib import closing

import processes
import pytest
from engine import EngineWebSocket, PollingSession
from recovering import Recovering
from users import User
from waiting import wait_until
from wire import CLOSE, Disconnected, HTTPConnection, http

pytestmark = pytest.mark.timeout(120)


def replace_workers(server):
    """Sends SIGHUP, and waits until every worker is replaced."""
    count = server.stderr_text().count("every worker is replaced")
    server.send_signal(signal.SIGHUP)
    wait_until(lambda: server.stderr_text().count("every worker is replaced") > count, timeout=60)


def close_code(socket):
    """Reads until the close frame, and returns its code."""
    while (part := socket.receive_frame()).opcode != CLOSE:
        pass
    return struct.unpack("!H", part.payload[:2])[0]


#: The first frame of a worker with version 257 of the link's protocol, for printf.
HELLO = r"\020\0\0\0" + r"\0\0\0\0\0\0\0\0" + r"\001chatd\001\001"


# SIGHUP


@pytest.mark.parametrize("ports", ["shared", "distinct"])
def test_every_worker_is_replaced_and_every_client_recovers(supervise, ports):
    server = supervise(2, "--ports", ports, "--drain-timeout", "1000")
    pids = server.worker_pids()
    clients = [Recovering(server.ports[number % len(server.ports)]) for number in range(8)]
    replace_workers(server)
    assert not set(pids) & set(server.worker_pids())
    for client in clients:
        assert close_code(client) == 1012
        with closing(Recovering(client.port, before=client)) as again:
            assert again.is_recovered
            again.say("after the replacement")


def test_the_replacement_serves_before_the_old_process_sends_its_clients_away(supervise):
    server = supervise(1, "--drain-timeout", "2000")
    clients = [Recovering(server.port) for _ in range(10)]
    server.send_signal(signal.SIGHUP)
    failures = 0
    while "every worker is replaced" not in server.stderr_text():
        try:
            assert http(server.port, "GET", "/").status == 200
        except (ConnectionError, Disconnected):
            failures += 1
    assert failures == 0
    for client in clients:
        client.close()


def test_a_polling_client_gets_a_noop_and_then_an_unknown_session(supervise):
    server = supervise(1, "--drain-timeout", "1000")
    session = PollingSession(server.port)
    waiting = session.start_get()
    server.send_signal(signal.SIGHUP)
    assert waiting.read_response().text == "6"
    response = session.get()
    assert response.status == 400 and b"Session ID unknown" in response.body


@pytest.mark.parametrize("ports", ["shared", "distinct"])
@pytest.mark.parametrize("transport", ["polling", "websocket", "upgrade"])
def test_nothing_is_lost_or_doubled_while_workers_are_replaced(supervise, ports, transport):
    server = supervise(2, "--ports", ports, "--drain-timeout", "600")
    users = [User(server.ports[number % len(server.ports)], transport).connect() for number in range(4)]
    sent = []
    done = threading.Event()

    def chat(user, number):
        count = 0
        while not done.is_set():
            count += 1
            text = f"{number}-{count}"
            user.say_until_acked(text, f"tab{number}-{count}")
            sent.append(text)

    threads = [threading.Thread(target=chat, args=(user, number)) for number, user in enumerate(users)]
    for thread in threads:
        thread.start()
    for _ in range(2):
        replace_workers(server)
    done.set()
    for thread in threads:
        thread.join()
    for user in users:
        wait_until(lambda user=user: len(user.rows) >= len(sent), message=lambda user=user: f"{len(user.rows)} rows")
        assert sorted(user.texts) == sorted(sent)
        assert user.rows == users[0].rows
        user.leave()


@pytest.fixture
def program(tmp_path, monkeypatch):
    """A copy of the binary that a test may replace."""
    path = tmp_path / "bin" / "chatd"
    path.parent.mkdir()
    shutil.copy(processes.chatd_binary(), path)
    monkeypatch.setenv("CHATD", str(path))
    return path


def install(path, text):
    """Replaces the program by a script, as an update does: with a new file under the same name."""
    new = path.with_suffix(".new")
    new.write_text(text)
    new.chmod(new.stat().st_mode | stat.S_IXUSR)
    new.rename(path)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("#!/bin/sh\nexit 3\n", "exited with 3"),
        ("#!/bin/sh\nkill -SEGV $$\n", "was ended by signal 11"),
        (f"#!/bin/sh\nprintf '{HELLO}' >&4\nexec sleep 60\n", "protocol version 257"),
    ],
    ids=["exits", "crashes", "another version"],
)
def test_a_new_program_that_cannot_take_over_leaves_the_old_worker_in_place(program, supervise, script, reason):
    server = supervise(2, "--drain-timeout", "500")
    pids = server.worker_pids()
    clients = [Recovering(port) for port in server.ports]
    install(program, script)
    server.send_signal(signal.SIGHUP)
    wait_until(lambda: "is not replaced" in server.stderr_text())
    lines = [line for line in server.stderr_text().splitlines() if "is not replaced" in line]
    assert len(lines) == 1 and reason in lines[0], lines
    assert server.worker_pids() == pids
    for client in clients:
        client.say("still here")
        client.close()


def test_a_stop_while_a_new_program_starts_ends_both(program, supervise):
    server = supervise(1, "--ports", "shared", "--drain-timeout", "1500")
    clients = [Recovering(server.port) for _ in range(10)]
    original = shutil.copy(program, program.with_name("original"))
    install(program, f'#!/bin/sh\nsleep 0.5\nexec {original} "$@"\n')
    server.send_signal(signal.SIGHUP)
    wait_until(lambda: server.stderr_text().count("worker 0 started") == 2)
    server.send_signal(signal.SIGTERM)
    assert server.wait(10) == 0
    assert "is replaced" not in server.stderr_text()
    for client in clients:
        client.close()


def test_the_reason_is_told_if_a_new_program_does_not_serve_in_time(program, supervise):
    server = supervise(1)
    pids = server.worker_pids()
    install(program, "#!/bin/sh\nexec sleep 100\n")
    server.send_signal(signal.SIGHUP)
    wait_until(lambda: "is not replaced" in server.stderr_text(), 30)
    assert "did not accept connections in time" in server.stderr_text()
    assert server.worker_pids() == pids


def test_a_new_program_that_crashes_after_it_has_served_ends_the_replacement(program, supervise):
    server = supervise(3, "--drain-timeout", "2000")
    pids = server.worker_pids()
    clients = [Recovering(server.ports[0]) for _ in range(10)]
    original = shutil.copy(program, program.with_name("original"))
    install(program, f'#!/bin/sh\n(sleep 1; kill -9 $$) &\nexec {original} "$@"\n')
    server.send_signal(signal.SIGHUP)
    line = "no further worker is replaced: the new process of worker 0 was ended by signal 9"
    wait_until(lambda: line in server.stderr_text())
    install(program, f'#!/bin/sh\nexec {original} "$@"\n')
    assert server.worker_pids()[1:] == pids[1:]
    for client in clients:
        client.close()


def test_the_new_program_runs_after_the_replacement(program, supervise):
    server = supervise(2, "--drain-timeout", "500")
    marker = program.parent / "started"
    original = shutil.copy(program, program.with_name("original"))
    install(program, f'#!/bin/sh\necho >>{marker}\nexec {original} "$@"\n')
    replace_workers(server)
    assert len(marker.read_text()) == 2
    for port in server.ports:
        with closing(Recovering(port)) as client:
            client.say("hi")


def test_another_request_during_a_round_that_fails_is_done_afterwards(program, supervise):
    server = supervise(2, "--drain-timeout", "500")
    pids = server.worker_pids()
    original = shutil.copy(program, program.with_name("original"))
    waiting = program.with_name("waiting")
    os.mkfifo(waiting)
    install(program, f"#!/bin/sh\nread line <{waiting}\nexit 3\n")
    server.send_signal(signal.SIGHUP)
    with open(waiting, "w") as gate:
        # Opening it has waited until the new program runs.
        install(program, f'#!/bin/sh\nexec {original} "$@"\n')
        server.send_signal(signal.SIGHUP)
        server.counters()
        gate.write("\n")
    wait_until(lambda: "every worker is replaced" in server.stderr_text())
    assert server.stderr_text().count("worker 0 is not replaced") == 1
    assert not set(pids) & set(server.worker_pids())


def test_a_slot_whose_worker_cannot_start_gets_the_new_program_at_once(program, supervise):
    server = supervise(1)
    original = shutil.copy(program, program.with_name("original"))
    install(program, "#!/bin/sh\nexit 3\n")
    os.kill(server.worker_pid(0), signal.SIGKILL)
    wait_until(lambda: "its replacement starts in 6400 ms" in server.stderr_text(), 40)
    install(program, f'#!/bin/sh\nexec {original} "$@"\n')
    start = time.monotonic()
    server.send_signal(signal.SIGHUP)
    wait_until(lambda: "every worker is replaced" in server.stderr_text())
    assert time.monotonic() - start < 6
    assert http(server.port, "GET", "/").status == 200


def test_a_symbolic_link_selects_the_program(tmp_path, monkeypatch):
    marker = tmp_path / "started"
    versions = [tmp_path / name / "chatd" for name in ("v1", "v2")]
    for path in versions:
        path.parent.mkdir()
    shutil.copy(processes.chatd_binary(), versions[0])
    install(versions[1], f'#!/bin/sh\necho >>{marker}\nexec {processes.chatd_binary()} "$@"\n')
    link = tmp_path / "chatd"
    link.symlink_to(versions[0])
    monkeypatch.setattr(processes, "chatd_binary", lambda: "./chatd")
    server = processes.Supervisor(tmp_path, 1)
    try:
        link.unlink()
        link.symlink_to(versions[1])
        replace_workers(server)
        assert len(marker.read_text()) == 1
    finally:
        server.end()


def test_sighup_that_was_ignored_at_the_start_stays_ignored(supervise):
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        server = supervise(1)
    finally:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
    pids = server.worker_pids()
    server.send_signal(signal.SIGHUP)
    server.counters()
    assert server.worker_pids() == pids and "replac" not in server.stderr_text()


def test_a_kept_alive_connection_is_closed_after_a_refusal_while_a_worker_drains(supervise):
    server = supervise(1, "--drain-timeout", "6000")
    clients = [Recovering(server.port) for _ in range(10)]
    session = PollingSession(server.port)
    with closing(HTTPConnection(server.port)) as connection:
        assert connection.request("POST", session.target, body=b"40").text == "ok"
        server.send_signal(signal.SIGHUP)
        wait_until(lambda: "is replaced, and" in server.stderr_text())
        response = connection.request("GET", session.target)
        while response.status == 200:
            response = connection.request("GET", session.target)
        assert response.status == 400 and response.header("connection") == "close"
        connection.wait_for_end()
    with closing(PollingSession(server.port)) as again:
        assert again.post("40").text == "ok"
    for client in clients:
        client.close()


# SIGTERM


@pytest.mark.parametrize("command", ["serve", "supervise"])
def test_clients_are_sent_away_evenly_during_the_first_half_of_the_drain(start_chatd, supervise, command):
    def attempt():
        options = ["--drain-timeout", "4000"]
        server = start_chatd(*options) if command == "serve" else supervise(2, "--ports", "shared", *options)
        clients = [EngineWebSocket(server.port) for _ in range(40)]
        times = []

        def watch(client):
            assert close_code(client) == 1012
            times.append(time.monotonic())
            client.close()

        threads = [threading.Thread(target=watch, args=(client,)) for client in clients]
        for thread in threads:
            thread.start()
        start = time.monotonic()
        server.send_signal(signal.SIGTERM)
        assert server.wait() == 0
        duration = time.monotonic() - start
        for thread in threads:
            thread.join()
        gone = sorted(moment - start for moment in times)
        assert len(gone) == 40
        counts = [sum(quarter * 0.5 <= moment < (quarter + 1) * 0.5 for moment in gone) for quarter in range(4)]
        attempts.append((duration, counts))
        return 1.5 < duration < 4 and all(7 <= count <= 13 for count in counts)

    # A busy machine may delay some.
    attempts = []
    assert any(attempt() for _ in range(3)), attempts


def test_a_drain_ends_as_soon_as_no_client_is_left(start_chatd):
    server = start_chatd("--drain-timeout", "60000")
    server.send_signal(signal.SIGTERM)
    assert server.wait(30) == 0


@pytest.mark.parametrize("command", ["serve", "supervise"])
def test_new_connections_are_refused_during_a_drain(start_chatd, supervise, command):
    options = ["--drain-timeout", "60000"]
    server = start_chatd(*options) if command == "serve" else supervise(2, "--ports", "shared", *options)
    clients = [EngineWebSocket(server.port) for _ in range(20)]
    server.send_signal(signal.SIGTERM)

    def is_refused():
        try:
            http(server.port, "GET", "/", timeout=5)
        except (ConnectionError, Disconnected, TimeoutError):
            return True
        return False

    wait_until(is_refused, 20)
    assert server.is_running
    server.send_signal(signal.SIGTERM)
    assert server.wait() == 0
    for client in clients:
        client.close()


@pytest.mark.parametrize("command", ["serve", "supervise"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_a_second_signal_ends_at_once(start_chatd, supervise, command, number):
    options = ["--drain-timeout", "60000"]
    server = start_chatd(*options) if command == "serve" else supervise(2, *options)
    clients = [EngineWebSocket(server.port) for _ in range(20)]
    server.send_signal(signal.SIGTERM)
    wait_until(lambda: "stopping" in server.stderr_text())
    server.send_signal(number)
    # Much less than the drain.
    assert server.wait() == 0
    assert "stopping at once" in server.stderr_text()
    for client in clients:
        client.close()


def test_an_acknowledged_message_survives_every_way_to_stop(start_chatd, tmp_path):
    count = 0
    for numbers in ([signal.SIGTERM], [signal.SIGINT], [signal.SIGTERM, signal.SIGTERM]):
        server = start_chatd("--drain-timeout", "1000")
        client = Recovering(server.port)
        client.read_rows(count)
        client.say(f"message {count}")
        count += 1
        for number in numbers:
            server.send_signal(number)
        assert server.wait() == 0
        client.close()
    server = start_chatd()
    with closing(Recovering(server.port)) as client:
        assert len(client.read_rows(count)) == count
