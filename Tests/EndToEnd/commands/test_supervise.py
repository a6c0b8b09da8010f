"""`chatd supervise`: many processes that behave like one server, even if one of them fails."""

import json
import os
import random
import re
import signal
import socket
import sqlite3
import subprocess
import threading
import time
import urllib.request
from contextlib import closing, suppress

import pytest

import chat_database
import processes
from packets import ChatClient
from ports import free_port
from recovering import Recovering
from users import User
from waiting import let_time_pass, wait_until
from wire import Disconnected

pytestmark = pytest.mark.timeout(90)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "chat.db"


# One chat


def test_each_worker_serves_a_port_and_all_clients_see_every_message(supervise):
    supervisor = supervise(3)
    assert len(set(supervisor.ports)) == 3
    clients = [ChatClient(port) for port in supervisor.ports]
    for number, client in enumerate(clients):
        assert client.say(f"from {number}", f"tab-{number}") == []
    for client in clients:
        assert client.read_rows(3) == [(1, "from 0"), (2, "from 1"), (3, "from 2")]
        client.close()


def test_the_official_python_client_chats_over_every_transport(supervise):
    supervisor = supervise(3)
    with (
        User(supervisor.ports[0], "polling") as one,
        User(supervisor.ports[1], "websocket") as two,
        User(supervisor.ports[2], "upgrade") as three,
    ):
        users = [one, two, three]
        for number, user in enumerate(users):
            user.say(f"from {number}")
        for user in users:
            assert user.wait_for_rows(3) == [(1, "from 0"), (2, "from 1"), (3, "from 2")]


def test_all_clients_see_the_messages_of_all_workers_in_one_order(supervise):
    supervisor = supervise(4)
    count = 300
    readers = [ChatClient(port) for port in supervisor.ports]

    def send(slot):
        with ChatClient(supervisor.ports[slot]) as sender:
            for number in range(count):
                sender.chat(f"{slot} {number}", f"tab-{slot}-{number}")
            sender.read_until(lambda: len(sender.acks) == count, 30)

    senders = [threading.Thread(target=send, args=[slot]) for slot in range(4)]
    for sender in senders:
        sender.start()
    for reader in readers:
        reader.read_rows(4 * count, 30)
    for sender in senders:
        sender.join()
    for reader in readers:
        assert reader.rows == readers[0].rows
        assert reader.ids == sorted(set(reader.ids))
        for slot in range(4):
            assert [text for text in reader.texts if text.startswith(f"{slot} ")] == [
                f"{slot} {number}" for number in range(count)
            ]


def test_a_repeat_at_another_worker_is_acked_and_not_stored_again(supervise):
    supervisor = supervise(2)
    with ChatClient(supervisor.ports[0]) as one, ChatClient(supervisor.ports[1]) as two:
        assert one.say("once", "tab-0") == []
        assert two.say("once", "tab-0") == []
        assert two.say("end", "tab-1") == []
        assert one.read_rows(2) == two.read_rows(2)
        assert one.texts == ["once", "end"]


def test_rows_of_another_program_reach_every_worker(path, supervise):
    chat_database.create(path, [("old", None)])
    supervisor = supervise(2)
    with ChatClient(supervisor.ports[0]) as one, ChatClient(supervisor.ports[1]) as two:
        identifier = chat_database.insert(path, "from node", "node-0")
        for client in (one, two):
            assert client.read_rows(2) == [(1, "old"), (identifier, "from node")]


def test_a_late_client_reads_the_history_at_its_own_worker(supervise):
    supervisor = supervise(2)
    text = "x" * 1000
    with ChatClient(supervisor.ports[0]) as writer:
        for number in range(3000):
            writer.chat(f"{number} {text}", f"tab-{number}")
        writer.read_until(lambda: len(writer.acks) == len(writer.rows) == 3000, 30)
        with ChatClient(supervisor.ports[1]) as reader:
            assert reader.read_rows(3000, 30) == writer.rows


# Recovery


def test_a_session_lost_at_one_worker_is_recovered_at_another(supervise):
    supervisor = supervise(2)
    lost, other = Recovering(supervisor.ports[0]), Recovering(supervisor.ports[1])
    lost.say("one")
    other.read_rows(1)
    lost.reset()
    other.say("two")
    back = Recovering(supervisor.ports[1], before=lost)
    assert back.is_recovered and back.sid_in_namespace == lost.sid_in_namespace
    assert back.read_rows(2) == [(1, "one"), (2, "two")]
    back.say("three")
    assert other.read_rows(3)[-1] == (3, "three")


@pytest.mark.parametrize("where", ["another worker", "the next one in its place"])
def test_sessions_are_recovered_after_a_worker_was_killed(supervise, where):
    supervisor = supervise(2)
    lost, other = Recovering(supervisor.ports[0]), Recovering(supervisor.ports[1])
    lost.say("one")
    other.read_rows(1)
    os.kill(supervisor.worker_pid(0), signal.SIGKILL)
    lost.wait_until_ended()
    other.say("two")
    back = Recovering(supervisor.ports[1 if where == "another worker" else 0], before=lost)
    assert back.is_recovered and back.sid_in_namespace == lost.sid_in_namespace
    assert back.read_rows(2) == [(1, "one"), (2, "two")]
    back.say("three")
    assert other.read_rows(3)[-1] == (3, "three")


def test_a_session_is_recovered_from_a_stopped_worker_that_continues_later(supervise):
    supervisor = supervise(2)
    lost, other = Recovering(supervisor.ports[0]), Recovering(supervisor.ports[1])
    lost.say("one")
    other.read_rows(1)
    stopped = supervisor.worker_pid(0)
    os.kill(stopped, signal.SIGSTOP)
    try:
        lost.emit("chat message", "sent to a stopped worker")
        other.say("two")
        back = Recovering(supervisor.ports[1], before=lost)
        assert back.is_recovered and back.sid_in_namespace == lost.sid_in_namespace
        assert back.read_rows(2) == [(1, "one"), (2, "two")]
    finally:
        os.kill(stopped, signal.SIGCONT)
    # The worker's pending output belongs to a session that another worker owns now.
    lost.wait_until_ended()
    back.say("three")
    assert other.read_rows(3) == [(1, "one"), (2, "two"), (3, "three")]
    assert supervisor.worker_pid(0) == stopped, "a short stop must not end a worker"


def test_after_two_simultaneous_claims_one_client_has_the_session(supervise):
    supervisor = supervise(2)
    for round in range(20):
        first = Recovering(supervisor.ports[round % 2], auth={"serverOffset": 0})
        first.say(f"round {round}")
        claimants = [None, None]

        def claim(slot):
            claimants[slot] = Recovering(supervisor.ports[slot], before=first)

        threads = [threading.Thread(target=claim, args=[slot]) for slot in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert all(claimant.is_recovered for claimant in claimants)
        first.wait_until_ended()
        with ChatClient(supervisor.ports[0], offset=10_000) as speaker:
            speaker.say(f"after {round}", f"after-{round}")
        kept = [claimant for claimant in claimants if receives(claimant, f"after {round}")]
        assert len(kept) == 1, "one client has the session, and the other one's connection is closed"
        kept[0].reset()


def receives(client, text):
    try:
        while client.rows[-1][1] != text:
            client.read_row()
    except Disconnected:
        return False
    return True


# Faults under load


class Load:
    """Users who chat at every worker and always reconnect, with retries like the tutorial's page."""

    def __init__(self, ports):
        self.stop = threading.Event()
        self.acked = []
        self.users = [User(port, "websocket", offset=0) for port in ports for _ in range(2)]
        for user in self.users:
            user.connect()
        self.threads = [
            threading.Thread(target=self.chat, args=[user, number]) for number, user in enumerate(self.users)
        ]
        for thread in self.threads:
            thread.start()

    def chat(self, user, number):
        """Sends one message after the other, each repeatedly until it is acknowledged."""
        count = 0
        while not self.stop.is_set():
            text = f"{number} {count}"
            while True:
                try:
                    user.say(text, f"tab-{text}", timeout=2)
                    break
                except Exception:
                    if self.stop.is_set():
                        return
                    let_time_pass(0.02)
            self.acked.append(text)
            count += 1

    def end(self):
        self.stop.set()
        for thread in self.threads:
            thread.join()

    def check(self, path):
        with closing(sqlite3.connect(path)) as database:
            stored = database.execute("SELECT id, content FROM messages ORDER BY id").fetchall()
        texts = [text for _, text in stored]
        assert len(set(texts)) == len(texts), "nothing is stored twice"
        assert set(self.acked) <= set(texts), "everything acknowledged is stored"
        last = stored[-1][0]
        for user in self.users:
            user.wait_for(lambda: user.ids and user.ids[-1] >= last, 20)
            assert [(identifier, text) for identifier, text in user.rows] == stored
            user.leave()
        for number in range(len(self.users)):
            own = [int(text.split()[1]) for text in texts if text.startswith(f"{number} ")]
            assert own == sorted(own), "a sender's messages keep their order"


def test_each_worker_is_killed_in_turn_under_load(path, supervise):
    supervisor = supervise(3)
    load = Load(supervisor.ports)
    generator = random.Random(1)
    for slot in (0, 1, 2, 0, 1, 2):
        before = len(load.acked)
        wait_until(lambda: len(load.acked) > before + generator.randrange(50, 200), 30)
        pid = supervisor.worker_pid(slot)
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: supervisor.worker_pid(slot) not in (None, pid), 10, "no replacement was started")
    load.end()
    load.check(path)
    assert len(load.acked) > 300


def test_workers_are_stopped_and_continue_under_load(path, supervise):
    supervisor = supervise(2)
    load = Load(supervisor.ports)
    for slot in (0, 1, 0, 1):
        before = len(load.acked)
        wait_until(lambda: len(load.acked) > before + 50, 30)
        os.kill(supervisor.worker_pid(slot), signal.SIGSTOP)
        let_time_pass(1.5)
        os.kill(supervisor.worker_pid(slot), signal.SIGCONT)
    load.end()
    load.check(path)


# Processes


def test_a_worker_that_hangs_is_killed_and_replaced(supervise):
    supervisor = supervise(2)
    pid = supervisor.worker_pid(0)
    os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: supervisor.worker_pid(0) not in (None, pid), 25, "it was not replaced")
    assert not processes.is_alive(pid)
    with ChatClient(supervisor.ports[0]) as one, ChatClient(supervisor.ports[1]) as two:
        one.say("again", "tab-0")
        assert two.read_rows(1) == [(1, "again")]
    assert "has sent nothing" in supervisor.stderr_text()


def test_a_port_is_never_closed_while_its_worker_is_replaced(supervise):
    supervisor = supervise(2)
    pid = supervisor.worker_pid(0)
    os.kill(pid, signal.SIGKILL)
    # Connect at once: clients that connect meanwhile wait and are not refused.
    with ChatClient(supervisor.ports[0]) as client:
        assert client.say("here", "tab-0") == []


def test_a_worker_that_dies_repeatedly_is_restarted_with_growing_delays(supervise):
    supervisor = supervise(2)
    deaths = 5
    for _ in range(deaths):
        pid = wait_until(lambda: supervisor.worker_pid(1))
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: supervisor.worker_pid(1) != pid)
    wait_until(lambda: supervisor.stderr_text().count("its replacement starts in") == deaths)
    delays = [
        int(line.rsplit(" in ", 1)[1].split()[0])
        for line in supervisor.stderr_text().splitlines()
        if "its replacement starts in" in line
    ]
    assert delays == [100, 200, 400, 800, 1600]
    with ChatClient(supervisor.ports[0]) as client:
        assert client.say("the others still serve", "tab-0") == []


def test_no_zombie_and_no_descriptor_is_leaked(supervise):
    supervisor = supervise(2)
    with ChatClient(supervisor.ports[1]) as client:
        client.say("one", "tab-0")
        wait_until(lambda: all(supervisor.worker_pids()))
        before = sorted(processes.descriptors(supervisor.pid).values())
        workers_before = sorted(processes.descriptors(supervisor.worker_pid(0)).values())
        for _ in range(4):
            pid = supervisor.worker_pid(0)
            os.kill(pid, signal.SIGKILL)
            wait_until(lambda: supervisor.worker_pid(0) not in (None, pid))
            wait_until(lambda: len(processes.children(supervisor.pid)) == 2)
        with ChatClient(supervisor.ports[0]) as other:
            other.say("two", "tab-1")
        wait_until(
            lambda: sorted(processes.descriptors(supervisor.pid).values()) == before,
            5,
            "the primary's descriptors differ",
        )
        wait_until(
            lambda: sorted(processes.descriptors(supervisor.worker_pid(0)).values()) == workers_before,
            5,
            "the fifth worker's descriptors differ from the first one's",
        )


def test_a_worker_has_only_its_own_descriptors(supervise):
    supervisor = supervise(3)
    kinds = processes.descriptors(supervisor.worker_pid(2))
    # Two pipes for the link, and a socket per address family of its port.
    assert sorted(kinds[number] for number in (3, 4)) == ["pipe", "pipe"]
    assert 1 <= list(kinds.values()).count("socket") <= 2
    assert [kind for number, kind in kinds.items() if number > 2].count("pipe") == 2


def test_when_the_primary_is_killed_its_workers_end(supervise):
    supervisor = supervise(3)
    workers = supervisor.worker_pids()
    client = ChatClient(supervisor.ports[0])
    supervisor.send_signal(signal.SIGKILL)
    wait_until(lambda: not any(map(processes.is_alive, workers)), 5, "an orphaned process is left")
    with pytest.raises(Disconnected):
        while True:
            client.receive_packet()


def test_when_the_primary_is_killed_a_stopped_worker_ends_too(supervise):
    supervisor = supervise(2)
    workers = supervisor.worker_pids()
    os.kill(workers[0], signal.SIGSTOP)
    supervisor.send_signal(signal.SIGKILL)
    wait_until(lambda: not any(map(processes.is_alive, workers)), 5, "an orphaned process is left")


def test_after_the_primary_was_killed_a_new_one_continues(path, supervise):
    supervisor = supervise(2)
    with ChatClient(supervisor.ports[0]) as client:
        client.say("before", "tab-0")
    supervisor.send_signal(signal.SIGKILL)
    supervisor.wait()
    again = supervise(2)
    with ChatClient(again.ports[1]) as client:
        assert client.say("before", "tab-0") == []
        client.say("after", "tab-1")
        # A client that catches up may get acknowledgements before rows.
        client.read_rows(2)
        assert client.texts == ["before", "after"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_signal_to_the_primary_stops_all_processes(supervise, number):
    supervisor = supervise(2)
    workers = supervisor.worker_pids()
    with ChatClient(supervisor.ports[0]) as client:
        client.say("stored", "tab-0")
        assert supervisor.stop(number) == 0
        with pytest.raises(Disconnected):
            while not client.receive_packet().startswith("41"):
                pass
    assert not any(map(processes.is_alive, workers))


def test_ctrl_c_to_the_whole_group_is_one_graceful_stop(supervise):
    supervisor = supervise(3)
    workers = supervisor.worker_pids()
    supervisor.was_asked_to_end = True
    os.killpg(os.getpgid(supervisor.pid), signal.SIGINT)
    assert supervisor.wait() == 0
    assert not any(map(processes.is_alive, workers))
    log = supervisor.stderr_text()
    assert log.count("exited with 0") == 3 and "its replacement starts" not in log


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1], ids=lambda s: s.name)
def test_a_worker_ignores_the_signals_of_a_terminal(supervise, number):
    supervisor = supervise(2)
    pid = supervisor.worker_pid(0)
    os.kill(pid, number)
    with ChatClient(supervisor.ports[0]) as client:
        client.say("still here", "tab-0")
    assert supervisor.worker_pid(0) == pid


def test_a_stop_while_a_worker_is_stopped_is_bounded(supervise):
    supervisor = supervise(2)
    os.kill(supervisor.worker_pid(0), signal.SIGSTOP)
    assert supervisor.stop() == 0


def test_the_hub_and_each_worker_log_a_counter_line(supervise):
    supervisor = supervise(2)
    with ChatClient(supervisor.ports[0]) as client:
        client.say("counted", "tab-0")
        supervisor.send_signal(signal.SIGUSR1)
        wait_until(lambda: supervisor.stderr_text().count("counters ") == 3)
    lines = [line for line in supervisor.stderr_text().splitlines() if "counters " in line]
    assert sum("messages_stored=1" in line for line in lines) == 1
    assert any("worker 0: counters" in line and "messages_in=1" in line for line in lines)


# The start


def test_a_taken_port_fails_the_start_with_one_line_that_names_it(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        # The last worker's port, unless an earlier one is taken.
        result = processes.run_chatd(
            "supervise", "--workers", 3, "--port", port - 2, "--db", tmp_path / "chat.db", timeout=10
        )
    assert result.returncode == 69 and result.stdout == ""
    assert result.stderr.count("\n") == 1 and "--port" in result.stderr
    named = re.search(r"127\.0\.0\.1:(\d+)", result.stderr)
    assert named and port - 2 <= int(named[1]) <= port


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["--db", ":memory:"], "--db"),
        (["--workers", "0"], "--workers"),
        (["--workers", "257"], "--workers"),
        (["--workers", "many"], "auto"),
        (["--ports", "both"], "--ports"),
        (["--port", "65535", "--workers", "2"], "--port"),
        (["--max-payload", "33554433"], "--max-payload"),
        (["--max-pending", "33554433"], "--max-pending"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_invalid_options_are_usage_errors(tmp_path, arguments, words):
    result = processes.run_chatd("supervise", *arguments, cwd=tmp_path)
    assert result.returncode == 64 and result.stdout == ""
    assert result.stderr.count("\n") == 1 and words in result.stderr


def test_the_workers_get_the_options_of_the_supervisor(supervise):
    environment = [("CHATD_PING_TIMEOUT", "3000")]
    supervisor = supervise(2, "--ping-interval", "7000", "--recovery", "0", environment=environment)
    for port in supervisor.ports:
        url = f"http://127.0.0.1:{port}/socket.io/?EIO=4&transport=polling"
        with urllib.request.urlopen(url, timeout=5) as answer:
            handshake = json.loads(answer.read()[1:])
        assert handshake["pingInterval"] == 7000 and handshake["pingTimeout"] == 3000


def test_help_explains_the_command():
    result = processes.run_chatd("supervise", "--help")
    assert result.returncode == 0
    for option in ("--workers auto|N", "--ports distinct", "--db FILE"):
        assert option in result.stdout


def test_worker_is_not_a_command_for_users():
    result = processes.run_chatd("worker")
    assert result.returncode == 64 and "supervise" in result.stderr


# Inherited environment


@pytest.mark.parametrize(
    "setup",
    ["trap '' CHLD", "exec <&- >&- 2>&-", "exec <&-", "ulimit -n 64"],
    ids=["SIGCHLD ignored", "no standard descriptors", "no standard input", "64 descriptors"],
)
def test_a_worker_is_replaced_in_any_inherited_environment(tmp_path, setup):
    port = free_port()
    shell = f"{setup}; exec {processes.chatd_binary()} supervise --workers 1 --port {port} --db chat.db"
    process = subprocess.Popen(
        ["bash", "-c", shell],
        cwd=tmp_path,
        env=processes.clean_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=(lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN)) if "CHLD" in setup else None,
    )
    try:
        first = wait_until(lambda: worker_of(process.pid), 10, "the worker was not started")
        wait_until(lambda: can_connect(port))
        with ChatClient(port) as client:
            assert client.say("one", "tab-0") == []
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: worker_of(process.pid) not in (None, first), 10, "it was not replaced")
        with ChatClient(port) as client:
            assert client.say("two", "tab-1") == []
        process.terminate()
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()


def can_connect(port):
    try:
        socket.create_connection(("127.0.0.1", port)).close()
        return True
    except OSError:
        return False


def worker_of(pid):
    running = [child for child in processes.children(pid) if processes.state(child) not in ("Z", None)]
    return next((child for child in running if processes.command_line(child)[1:2] == ["worker"]), None)


def test_signals_to_the_whole_group_do_not_end_a_starting_worker(supervise):
    supervisor = supervise(2)
    os.kill(supervisor.worker_pid(0), signal.SIGKILL)
    start = time.monotonic()
    while time.monotonic() - start < 1 or "was ended by signal" not in supervisor.stderr_text():
        assert time.monotonic() - start < 20
        for child in processes.children(supervisor.pid):
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGUSR1)
    assert supervisor.stderr_text().count("was ended by signal") == 1


def test_an_unread_log_does_not_block_the_server(tmp_path):
    reading, writing = os.pipe()
    process = subprocess.Popen(
        [processes.chatd_binary(), "supervise", "--workers", "2", "--port", "0", "--db", "chat.db"],
        cwd=tmp_path,
        env=processes.clean_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=writing,
        text=True,
    )
    try:
        ports = [int(process.stdout.readline().rsplit(":", 1)[1]) for _ in range(2)]
        with ChatClient(ports[1]) as client:
            fill(writing)
            killed = worker_of(process.pid)
            os.kill(killed, signal.SIGKILL)
            wait_until(lambda: len(found := processes.children(process.pid)) == 2 and killed not in found)
            assert client.say("still here", "tab-0") == []
            # The next reader is told about lost lines.
            os.read(reading, 1 << 20)
            process.send_signal(signal.SIGUSR1)
            wait_until(lambda: b"lines were lost" in os.read(reading, 1 << 20))
            fill(writing)
            process.terminate()
            assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        os.close(reading)
        os.close(writing)


def test_a_log_at_its_size_limit_does_not_stop_the_server(tmp_path):
    port = free_port()
    command = f"exec {processes.chatd_binary()} supervise --workers 1 --port {port} --db chat.db 2>>log"
    (tmp_path / "log").write_bytes(b"\n" * (1 << 20))
    process = subprocess.Popen(
        ["bash", "-c", f"ulimit -f 1024; {command}"],
        cwd=tmp_path,
        env=processes.clean_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: can_connect(port))
        process.send_signal(signal.SIGUSR1)
        with ChatClient(port) as client:
            assert client.say("still here", "tab-0") == []
        process.terminate()
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()


def fill(pipe):
    """Fills a pipe, so that a blocking writer would wait."""
    os.set_blocking(pipe, False)
    try:
        for size in (4096, 1):
            try:
                while True:
                    os.write(pipe, b"\n" * size)
            except BlockingIOError:
                pass
    finally:
        os.set_blocking(pipe, True)


# More data than a link can hold


def test_many_clients_that_send_at_once_do_not_evict_a_worker(path, supervise):
    """In one loop turn, the clients send more than may wait for the hub. The worker leaves the rest unread."""
    supervisor = supervise(2)
    senders = [ChatClient(supervisor.ports[0], offset=0) for _ in range(700)]
    pid = supervisor.worker_pid(0)
    os.kill(pid, signal.SIGSTOP)
    for number, sender in enumerate(senders):
        sender.socket.setblocking(False)
        sender.rest = b"".join(chat_frame("x" * 60_000, f"{number}-{count}") for count in range(2))
    sent = send_all(senders, 1)
    assert sent > 64 << 20
    os.kill(pid, signal.SIGCONT)
    deadline = time.monotonic() + 40
    while any(sender.rest for sender in senders):
        assert time.monotonic() < deadline
        send_all(senders, 1)
    wait_until(lambda: count_of_rows(path) == 1400, 40)
    assert supervisor.worker_pid(0) == pid
    for sender in senders:
        sender.close()


def chat_frame(text, offset):
    payload = f'42["chat message","{text}","{offset}"]'.encode()
    return b"\x81\xfe" + len(payload).to_bytes(2, "big") + bytes(4) + payload


def send_all(senders, seconds):
    """Sends as much as the system accepts, and drops all input. Returns the number of bytes sent."""
    sent = 0
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for sender in senders:
            try:
                if sender.rest:
                    count = sender.socket.send(sender.rest)
                    sender.rest = sender.rest[count:]
                    sent += count
                while sender.socket.recv(1 << 20):
                    pass
            except BlockingIOError:
                continue
    return sent


def count_of_rows(path):
    with closing(sqlite3.connect(path)) as database:
        return database.execute("SELECT count(*) FROM messages").fetchone()[0]


def test_hundreds_of_megabytes_of_rows_do_not_evict_a_worker(path, supervise):
    supervisor = supervise(2)
    workers = supervisor.worker_pids()
    clients = [ChatClient(port, timeout=60) for port in supervisor.ports]
    assert clients[0].say("first", "tab-0") == []
    count = 10_000
    with closing(sqlite3.connect(path, timeout=30)) as database, database:
        database.executemany("INSERT INTO messages (content) VALUES (?)", (("x" * 20_000,) for _ in range(count)))
    for client in clients:
        client.read_rows(count + 1, 40)
        assert client.ids == list(range(1, count + 2))
    assert supervisor.worker_pids() == workers
    assert supervisor.status("VmHWM") < 100 << 20
