"""The files of the database: lost under a running server, shared with other users, foreign, with extreme numbers."""

import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
from contextlib import closing
from pathlib import Path

import pytest

import chat_database
import processes
from history import HistoryClient
from packets import ChatClient
from waiting import wait_until
from wire import Disconnected

pytestmark = pytest.mark.timeout(60)

STORE_LOST, UNAVAILABLE = 70, 69
FILES = ["chat.db", "chat.db-wal", "chat.db-shm", "chat.db.lock"]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "chat.db"


@pytest.fixture(params=["serve", "supervise"])
def start(request, start_chatd, supervise):
    if request.param == "serve":
        return start_chatd
    return lambda *options: supervise(2, *options)


def expect_loss(server, name):
    """Expects the server to exit with one line that names the file."""
    server.was_asked_to_end = True
    assert server.wait(10) == STORE_LOST
    errors = [line for line in server.stderr_text().splitlines() if "error" in line]
    assert len(errors) == 1 and name in errors[0] and errors[0].endswith("; exiting"), errors


class Talker:
    """Always keeps messages in flight, and records the acknowledged ones."""

    def __init__(self, port):
        self.client = ChatClient(port)
        self.in_flight = {}
        self.acked = []
        self.count = 0

    def talk(self, until):
        """Sends until the condition holds or the server is gone."""
        try:
            while not until():
                while len(self.in_flight) < 32:
                    self.count += 1
                    text = f"text {self.count}"
                    self.in_flight[self.client.chat(text, f"tab-{self.count}")] = text
                self.client.read_one()
                self.acked += [self.in_flight.pop(ack) for ack in list(self.in_flight) if ack in self.client.acks]
        except (Disconnected, BrokenPipeError, ConnectionResetError):
            return


# Lost files


@pytest.mark.parametrize("lost", [["-wal"], ["-shm"], ["-wal", "-shm"]], ids="+".join)
def test_after_rm_under_load_every_acked_message_is_stored(path, start, lost):
    server = start()
    talker = Talker(server.ports[-1])
    talker.talk(lambda: len(talker.acked) >= 300)
    for suffix in lost:
        path.with_name("chat.db" + suffix).unlink()
    talker.talk(lambda: False)
    expect_loss(server, "chat.db" + lost[0])
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    again = start()
    with ChatClient(again.port) as client:
        client.read_until(lambda: set(talker.acked) <= set(client.texts), 20)
        assert len(client.texts) == len(set(client.texts))
        assert client.say("more") == []


@pytest.mark.parametrize("suffix", ["-wal", "-shm", ""])
def test_a_lost_file_is_noticed_without_traffic(path, start, suffix):
    server = start()
    with ChatClient(server.port) as client:
        client.say("before")
    path.with_name("chat.db" + suffix).unlink()
    expect_loss(server, "chat.db" + suffix)


def test_an_index_truncated_under_load_ends_the_server_with_a_message(path, start):
    server = start()
    talker = Talker(server.ports[-1])
    talker.talk(lambda: len(talker.acked) >= 300)
    os.truncate(path.with_name("chat.db-shm"), 0)
    talker.talk(lambda: False)
    server.was_asked_to_end = True
    assert server.wait(10) == STORE_LOST
    errors = {line for line in server.stderr_text().splitlines() if "error" in line}
    assert len(errors) == 1 and "was truncated" in errors.pop()
    again = start()
    with ChatClient(again.port) as client:
        client.read_until(lambda: set(talker.acked) <= set(client.texts), 20)
        assert len(client.texts) == len(set(client.texts))


def test_a_replaced_log_loses_no_acked_message(path, start):
    server = start()
    with ChatClient(server.port) as client:
        client.say("before")
        path.with_name("chat.db-wal").rename(path.with_name("old-wal"))
        path.with_name("chat.db-wal").touch()
        expect_loss(server, "chat.db.saved-1")
    assert chat_database.contents(path.with_name("chat.db.saved-1")) == ["before"]


def test_a_database_truncated_in_place_loses_no_acked_message(path, start):
    server = start()
    talker = Talker(server.ports[-1])
    talker.talk(lambda: len(talker.acked) >= 300)
    os.truncate(path, 0)
    talker.talk(lambda: False)
    expect_loss(server, "chat.db.saved-1")
    assert set(talker.acked) <= set(chat_database.contents(path.with_name("chat.db.saved-1")))


def test_a_starting_worker_does_not_recreate_a_lost_log(path, supervise):
    server = supervise(1)
    with ChatClient(server.port) as client:
        client.say("before")
        path.with_name("chat.db-wal").unlink()
        os.kill(server.worker_pid(0), signal.SIGKILL)
        server.was_asked_to_end = True
        assert server.wait(10) == STORE_LOST
    assert server.stderr_text().splitlines()[-1].endswith(f"every acknowledged message is in {path}; exiting")
    assert not list(path.parent.glob("*.saved-*"))
    assert chat_database.contents(path) == ["before"]


def test_a_log_emptied_by_other_programs_is_valid(path, start):
    """A second process runs checkpoints under load, and closes the database repeatedly."""
    server = start()
    talker = Talker(server.ports[-1])
    is_over = threading.Event()
    emptied = []

    def others():
        while not is_over.is_set():
            with closing(sqlite3.connect(path, timeout=10)) as database:
                emptied.append(database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0)
            chat_database.insert(path, "theirs")
            # SQLite grants the lock in no order: without a pause, these two could starve the server.
            is_over.wait(0.005)

    thread = threading.Thread(target=others)
    thread.start()
    talker.talk(lambda: len(talker.acked) >= 1500 and sum(emptied) >= 20)
    is_over.set()
    thread.join(20)
    assert len(talker.acked) >= 1500 and sum(emptied) >= 20
    assert set(talker.acked) <= set(chat_database.contents(path))
    assert "error" not in server.stderr_text()


# Users


CHATD_USER, OTHER_USER, SHARED_GROUP = 61234, 61235, 61236


@pytest.fixture
def shared(tmp_path):
    """A directory for two users of one group, with a copy of chatd's binary that they can run."""
    directory = Path(tempfile.mkdtemp(prefix="chatd-shared-"))
    shutil.copy(processes.chatd_binary(), directory / "chatd")
    os.chown(directory, CHATD_USER, SHARED_GROUP)
    directory.chmod(0o770)
    yield directory
    shutil.rmtree(directory)


def as_user(user, group, *command):
    return ["setpriv", "--reuid", str(user), "--regid", str(group), "--groups", str(SHARED_GROUP), *map(str, command)]


def serve_as_user(directory, *options, ports=1):
    command = as_user(CHATD_USER, CHATD_USER, directory / "chatd", *options, "--port", "0", "--db", "chat.db")
    return processes.ServerProcess(command, directory, ports=ports)


def permissions(path):
    status = path.stat()
    return stat.S_IMODE(status.st_mode), status.st_gid


@pytest.mark.parametrize("mask", [0, 0o022, 0o777], ids=oct)
def test_a_new_database_is_readable_by_its_owner_only_with_any_umask(shared, mask):
    before = os.umask(mask)
    try:
        server = serve_as_user(shared, "serve")
    finally:
        os.umask(before)
    with ChatClient(server.port) as client:
        client.say("private")
    assert [permissions(shared / name)[0] for name in FILES] == [0o600] * 4
    assert "chmod" not in server.stderr_text()
    assert server.stop() == 0


def test_another_user_of_the_group_can_keep_writing(shared):
    path = shared / "chat.db"
    chat_database.create(path, [("old", None)])
    os.chown(path, CHATD_USER, SHARED_GROUP)
    path.chmod(0o660)
    server = serve_as_user(shared, "serve")
    assert [permissions(shared / name) for name in FILES] == [(0o660, SHARED_GROUP)] * 4
    with ChatClient(server.port) as client:
        for number in range(5):
            insert = f"INSERT INTO messages (content) VALUES ('theirs {number}')"
            subprocess.run(as_user(OTHER_USER, OTHER_USER, "sqlite3", path, insert), check=True, timeout=20)
            assert client.say(f"ours {number}") == []
        client.read_rows(11)
    assert server.stop() == 0
    warnings = [line for line in server.stderr_text().splitlines() if "mode 660" in line]
    assert len(warnings) == 1 and str(path) in warnings[0] and "its group" in warnings[0]


@pytest.mark.parametrize("command", ["serve", "supervise"])
@pytest.mark.parametrize("name", FILES)
def test_an_error_names_the_file_of_another_user_and_the_reason(shared, command, name):
    server = serve_as_user(shared, "serve")
    with ChatClient(server.port) as client, closing(sqlite3.connect(shared / "chat.db")) as reader:
        client.say("first")
        # An open reader keeps the log and its index.
        assert reader.execute("SELECT count(*) FROM messages").fetchone() == (1,)
        assert server.stop() == 0
        os.chown(shared / name, 0, 0)
        (shared / name).chmod(0o600)
        arguments = as_user(CHATD_USER, CHATD_USER, shared / "chatd", command, "--port", "0", "--db", "chat.db")
        result = subprocess.run(arguments, cwd=shared, capture_output=True, text=True, timeout=20)
    assert result.returncode == UNAVAILABLE
    assert f"cannot open {shared / name}: Permission denied" in result.stderr


@pytest.mark.parametrize("suffix", ["-wal", "-shm"])
def test_an_error_names_a_directory_in_place_of_a_log(shared, suffix):
    server = serve_as_user(shared, "serve")
    assert server.stop() == 0
    path = shared / f"chat.db{suffix}"
    path.mkdir()
    result = processes.run_chatd("serve", "--port", "0", "--db", shared / "chat.db")
    assert (result.returncode, f"cannot open {path}: it is not a file" in result.stderr) == (UNAVAILABLE, True)


def test_the_port_of_a_worker_that_cannot_open_the_database_still_answers(shared):
    server = serve_as_user(shared, "supervise", "--workers", "2", ports=2)
    with ChatClient(server.ports[0]) as client:
        client.say("before")
        (shared / "chat.db").chmod(0)
        victim = next(pid for pid in processes.children(server.pid) if "1" in processes.command_line(pid)[2:3])
        os.kill(victim, signal.SIGKILL)

        def status(port):
            answer = subprocess.run(
                ["curl", "-s", "-m", "2", "-o", "/dev/null", "-w", "%{http_code}", f"http://127.0.0.1:{port}/"],
                capture_output=True, text=True, timeout=10,
            )
            return answer.stdout

        wait_until(lambda: status(server.ports[1]) == "503", 20)
        assert client.say("meanwhile") == []
        (shared / "chat.db").chmod(0o600)
        wait_until(lambda: status(server.ports[1]) == "200", 20)
    with ChatClient(server.ports[1]) as client:
        assert client.say("after") == []
        # A client that catches up may get acknowledgements before rows.
        client.read_rows(3)
        assert client.texts == ["before", "meanwhile", "after"]
    assert server.stop() == 0


# Foreign files


@pytest.mark.parametrize("command", ["serve", "supervise"])
@pytest.mark.parametrize("make", ["text", "directory", "other schema", "nothing there"])
def test_no_file_is_created_beside_a_foreign_file(tmp_path, command, make):
    path = tmp_path / "file"
    if make == "text":
        path.write_text("root:x:0:0:root:/root:/bin/bash\n" * 100)
    elif make == "directory":
        path.mkdir()
    elif make == "other schema":
        with closing(sqlite3.connect(path)) as database:
            database.execute("CREATE TABLE messages (something TEXT)")
    name = "file" if make != "nothing there" else "missing/file"
    before = sorted(tmp_path.rglob("*"))
    result = processes.run_chatd(command, "--port", 0, "--db", name, cwd=tmp_path)
    assert result.returncode == UNAVAILABLE and result.stdout == ""
    # The error has the absolute path, although the option has a relative one.
    assert len(result.stderr.splitlines()) == 1 and str(tmp_path / name) in result.stderr
    expected = {"directory": "is a directory", "nothing there": f"no directory {tmp_path}/missing"}
    assert expected.get(make, "is not") in result.stderr
    assert sorted(tmp_path.rglob("*")) == before


def test_etc_passwd_is_not_changed(tmp_path):
    result = processes.run_chatd("serve", "--port", 0, "--db", "/etc/passwd", cwd=tmp_path)
    assert result.returncode == UNAVAILABLE and "/etc/passwd is not an SQLite database" in result.stderr
    assert not Path("/etc/passwd.lock").exists()


def test_a_second_server_names_the_process_that_has_the_database(tmp_path, chatd):
    result = processes.run_chatd("serve", "--port", 0, cwd=tmp_path)
    assert result.returncode == UNAVAILABLE
    assert f"({chatd.pid})" in result.stderr and str(tmp_path / "chat.db.lock") in result.stderr
    assert "stop that process" in result.stderr


def test_the_error_for_a_locked_database_says_so(tmp_path, path):
    chat_database.create(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        result = processes.run_chatd("serve", "--port", 0, cwd=tmp_path, timeout=30)
    assert result.returncode == UNAVAILABLE and len(result.stderr.splitlines()) == 1
    assert f"another program keeps {path} locked" in result.stderr and "end it" in result.stderr


# Extreme numbers


def test_rows_with_impossible_ids_and_times_do_no_harm(path, start):
    huge = 2**63 - 1
    chat_database.create(path, [("first", None)])
    server = start()
    with closing(sqlite3.connect(path, timeout=10)) as other, ChatClient(server.port) as live:
        live.read_rows(1)
        for time in [huge, -1, "text", 1.5e300, b"blob"]:
            other.execute("INSERT INTO messages (content, created_at) VALUES (?, ?)", ("odd time", time))
        for identifier in [huge, -5, 2**53]:
            other.execute("INSERT INTO messages (id, content) VALUES (?, 'odd id')", (identifier,))
        other.commit()
        live.read_rows(6)
        assert live.say("goes on", "tab-0") == []
        assert live.say("goes on", "tab-0") == []
        expected = ["first"] + ["odd time"] * 5 + ["goes on"]
        assert live.texts == expected and live.ids == list(range(1, 8))
    with HistoryClient(server.port, {"latest": 3}) as late:
        late.read_rows(3)
        messages = late.history()["messages"]
        assert [message[1] for message in messages] == expected
        assert [message[2] for message in messages[:-1]] == [0] * 6
    assert "error" not in server.stderr_text()


def test_the_error_says_that_no_id_is_left(path, start_chatd):
    chat_database.create(path)
    with closing(sqlite3.connect(path)) as other:
        other.execute("INSERT INTO messages (id, content) VALUES (?, 'last')", (2**53 - 1,))
        other.commit()
    server = start_chatd()
    with ChatClient(server.port) as client:
        assert client.read_rows(1) == [(2**53 - 1, "last")]
        client.chat("one too many")
        wait_until(lambda: "highest possible id" in server.stderr_text())
        assert "disk" not in server.stderr_text()
