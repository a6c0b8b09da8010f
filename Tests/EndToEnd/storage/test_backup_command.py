"""`chatd backup` and `chatd restore`: consistent copies under load, whatever interrupts them."""

import random
import re
import resource
import signal
import sqlite3
import stat
import subprocess
import threading
import time
from contextlib import closing

import pytest

import big_database
import chat_database
import processes
from packets import ChatClient
from recovering import Recovering
from waiting import wait_until

pytestmark = pytest.mark.timeout(120)

DONE, UNAVAILABLE = 0, 69


@pytest.fixture
def path(tmp_path):
    return tmp_path / "chat.db"


@pytest.fixture(params=["serve", "supervise"])
def start(request, start_chatd, supervise):
    if request.param == "serve":
        return start_chatd
    return lambda *options: supervise(1, *options)


def succeed(*arguments):
    """Runs a command and returns the lines that it prints."""
    result = processes.run_chatd(*arguments, timeout=60)
    assert (result.returncode, result.stderr) == (DONE, ""), result
    return result.stdout.splitlines()


def refuse(*arguments):
    """Runs a command that must fail, and returns its only line."""
    result = processes.run_chatd(*arguments, timeout=60)
    assert (result.returncode, result.stdout) == (UNAVAILABLE, ""), result
    [line] = result.stderr.splitlines()
    return line


def kill_after(delay, *arguments):
    """Runs a command and kills it after a time, unless it has ended. Returns true if it was killed."""
    command = [processes.chatd_binary(), *map(str, arguments)]
    process = subprocess.Popen(
        command, env=processes.clean_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    time.sleep(delay)
    process.kill()
    return process.wait(10) == -signal.SIGKILL


class Talk:
    """Clients that talk in threads until the end, and record what was acknowledged and how long each ack took."""

    def __init__(self, port, clients=3):
        self.acked, self.delays = [], []
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._talk, args=(port, number)) for number in range(clients)]
        for thread in self._threads:
            thread.start()

    def _talk(self, port, number):
        with ChatClient(port) as client:
            count = 0
            while not self._ended.is_set():
                count += 1
                text = f"text {number}-{count}"
                begin = time.monotonic()
                client.say(text, f"tab{number}-{count}")
                self.delays.append(time.monotonic() - begin)
                self.acked.append(text)

    def end(self):
        self._ended.set()
        for thread in self._threads:
            thread.join(30)


def test_a_backup_under_load_has_every_message_up_to_one(tmp_path, path, start):
    big_database.create(path, 20_000)
    server = start()
    talk = Talk(server.port)
    try:
        wait_until(lambda: len(talk.acked) > 50)
        for number in range(3):
            before = list(talk.acked)
            copy = tmp_path / f"copy-{number}.db"
            lines = succeed("backup", "--db", path, "--to", copy)
            assert re.fullmatch(rf"copied {path} to {copy} in \d+\.\d s and found no damage", lines[0])
            rows = chat_database.rows(copy)
            assert lines[1].startswith(f"messages: {len(rows)}, highest id: {rows[-1][0]}, size: ")
            # No message was repeated, so ids are dense; what was acknowledged before is there.
            assert [identifier for identifier, _, _ in rows] == list(range(1, len(rows) + 1))
            assert set(before) <= {content for _, _, content in rows}
            assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    finally:
        talk.end()
    assert len(talk.acked) > len(before)
    assert max(talk.delays) < 5, "an ack waited for a backup"
    # The log did not stay large.
    assert path.with_name("chat.db-wal").stat().st_size <= 80 << 20


def test_a_server_continues_with_a_restored_backup_and_clients_miss_nothing(tmp_path, path, start):
    copy = tmp_path / "copy.db"
    first = start()
    client = Recovering(first.port)
    client.say("kept 1")
    client.say("kept 2")
    succeed("backup", "--db", path, "--to", copy)
    client.say("lost 1")
    client.say("lost 2")
    assert first.stop() == 0
    # A start that the backup does not know.
    second = start()
    later = Recovering(second.port, auth={"serverOffset": 4})
    later.say("lost 3")
    assert second.stop() == 0

    lines = succeed("restore", "--from", copy, "--db", path)
    assert lines[0] == f"restored {path} from {copy} and found no damage"
    assert lines[1] == "messages: 2, highest id: 2; new messages get ids above 5"
    kept = lines[2].removeprefix("the replaced database is now ")
    assert chat_database.contents(kept) == ["kept 1", "kept 2", "lost 1", "lost 2", "lost 3"]

    third = start()
    other = Recovering(third.port, auth={"serverOffset": 2})
    other.say("new 1")
    other.say("new 2")
    new = [(6, "new 1"), (7, "new 2")]
    assert other.rows == new
    # With the offset of either epoch, with a serverOffset alone, and with nothing.
    assert Recovering(third.port, auth={"offset": client.offset}).read_rows(2) == new
    assert Recovering(third.port, auth={"offset": later.offset}).read_rows(2) == new
    assert Recovering(third.port, auth={"offset": later.offset, "serverOffset": 5}).read_rows(2) == new
    assert Recovering(third.port, auth={"serverOffset": 5}).read_rows(2) == new
    assert Recovering(third.port).read_rows(4) == [(1, "kept 1"), (2, "kept 2"), *new]


def test_a_restore_without_the_old_database_gives_clients_every_new_message(tmp_path, path, start_chatd):
    copy = tmp_path / "copy.db"
    first = start_chatd()
    client = Recovering(first.port)
    client.say("kept")
    succeed("backup", "--db", path, "--to", copy)
    for number in range(5):
        client.say(f"lost {number}")
    assert first.stop() == 0
    for name in ["chat.db", "chat.db.lock"]:
        path.with_name(name).unlink()
    succeed("restore", "--from", copy, "--db", path)
    second = start_chatd()
    other = Recovering(second.port, auth={"serverOffset": 1})
    other.say("new 1")
    other.say("new 2")
    for auth in [{"serverOffset": 6}, {"serverOffset": 6, "offset": client.offset}, {"offset": client.offset}]:
        back = Recovering(second.port, auth=auth)
        assert [text for _, text in back.read_rows(2)] == ["new 1", "new 2"]


def test_a_restore_is_refused_while_a_server_runs(tmp_path, path, start):
    server = start()
    with ChatClient(server.port) as client:
        client.say("before")
        copy = tmp_path / "copy.db"
        succeed("backup", "--db", path, "--to", copy)
        line = refuse("restore", "--from", copy, "--db", path)
        assert f"another process ({server.pid}) serves this database" in line
        client.say("after")
    assert chat_database.contents(path) == ["before", "after"]


def test_a_killed_backup_leaves_no_copy_and_can_be_repeated(tmp_path, path):
    big_database.create(path)
    copy = tmp_path / "copy.db"
    dice = random.Random(7)
    killed = 0
    for _ in range(12):
        killed += kill_after(dice.uniform(0, 0.25), "backup", "--db", path, "--to", copy)
        if copy.exists():
            big_database.check(copy)
            copy.unlink()
    assert killed > 0
    succeed("backup", "--db", path, "--to", copy)
    big_database.check(copy)
    assert not list(tmp_path.glob("*.partial*"))


def test_a_killed_restore_leaves_the_old_or_the_new_database(tmp_path, path):
    old, copy = tmp_path / "old.db", tmp_path / "copy.db"
    big_database.create(path, 200, name="old")
    big_database.create(copy)
    dice = random.Random(11)
    killed = 0
    for _ in range(15):
        killed += kill_after(dice.uniform(0, 0.4), "restore", "--from", copy, "--db", path)
        with closing(sqlite3.connect(path)) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert database.execute("SELECT count(*) FROM messages").fetchone()[0] in (200, 40_000)
    assert killed > 0
    succeed("restore", "--from", copy, "--db", path)
    big_database.check(path)
    assert any(len(chat_database.rows(kept)) == 200 for kept in tmp_path.glob("chat.db.before-restore-*"))
    assert not list(tmp_path.glob("*.partial*")) and not old.exists()


def run_on_small_disk(size, *arguments):
    """Runs a command that can write files of at most `size` bytes."""
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return subprocess.run(
        [processes.chatd_binary(), *map(str, arguments)], env=processes.clean_environment(), preexec_fn=limit,
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("command", ["backup", "restore", "export", "import"])
def test_a_full_disk_leaves_nothing_half_written(tmp_path, path, command):
    big_database.create(path, 4000)
    before = path.read_bytes()
    target = tmp_path / "target"
    if command == "import":
        succeed("export", "--db", path, "--to", tmp_path / "lines")
    words = {
        "backup": ["--db", path, "--to", target], "restore": ["--from", path, "--db", target],
        "export": ["--db", path, "--to", target], "import": ["--from", tmp_path / "lines", "--db", target],
    }[command]
    result = run_on_small_disk(1 << 20, command, *words)
    assert result.returncode == UNAVAILABLE and len(result.stderr.splitlines()) == 1, result
    assert path.read_bytes() == before
    if command == "import":
        # It continues when there is room again, and no server uses the part.
        assert "an import has not ended" in refuse("serve", "--port", 0, "--db", target)
        succeed(command, *words)
        big_database.check(target, 4000)
    else:
        assert not target.exists() and not list(tmp_path.glob("*.partial*"))


def test_an_existing_copy_is_replaced_only_on_demand(tmp_path, path):
    chat_database.create(path, [("one", None)])
    copy = tmp_path / "copy.db"
    copy.write_text("precious")
    assert "it exists; --replace replaces it" in refuse("backup", "--db", path, "--to", copy)
    assert copy.read_text() == "precious"
    succeed("backup", "--db", path, "--to", copy, "--replace")
    assert chat_database.contents(copy) == ["one"]


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm", "-journal", ".lock", ".bans", ".admin"])
def test_no_command_writes_to_a_name_of_the_database(tmp_path, path, start, suffix):
    server = start()
    with ChatClient(server.port) as client:
        client.say("one")
        (tmp_path / "chat.db.bans").write_text("")
        link, name = tmp_path / "link", f"{path}{suffix}"
        link.symlink_to(tmp_path)
        for command in ["backup", "export"]:
            for target in [name, link / f"chat.db{suffix}"]:
                line = refuse(command, "--db", path, "--to", target, "--replace")
                owner = f"this name belongs to the database {path}" if suffix else "this is the database itself"
                assert f"{name}: {owner}; give another file" in line
        assert not list(tmp_path.glob("*.partial*"))
        client.say("two")
    assert server.stop() == 0
    assert chat_database.contents(path) == ["one", "two"]


@pytest.mark.parametrize("name", ["copy.partial", "copy.partial-wal"])
@pytest.mark.parametrize("command", ["backup", "export", "restore"])
def test_a_database_with_the_name_of_an_unfinished_file_is_not_overwritten(tmp_path, command, name):
    path = tmp_path / name
    chat_database.create(path, [("one", None)])
    words = ["--from", path, "--db"] if command == "restore" else ["--db", path, "--to"]
    assert f"{name}: this is the database itself" in refuse(command, *words, tmp_path / "copy")
    assert chat_database.contents(path) == ["one"]


def test_an_export_with_the_name_of_a_log_is_not_overwritten(tmp_path, path):
    chat_database.create(path, [("one", None)])
    lines = tmp_path / "lines-wal"
    succeed("export", "--db", path, "--to", lines)
    before = lines.read_bytes()
    assert "this name belongs to the database" in refuse("import", "--from", lines, "--db", tmp_path / "lines")
    assert lines.read_bytes() == before and not (tmp_path / "lines").exists()


def test_a_newer_database_is_refused_by_every_command(tmp_path, path, start_chatd):
    assert start_chatd().stop() == 0
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE chatd_schema SET version = 99")
        database.commit()
    before = path.read_bytes()
    lines = tmp_path / "lines"
    lines.write_text('{"chatd":"messages","version":1,"messages":0,"assignedID":0}\n{"end":0}\n')
    for words in [
        ["serve", "--port", 0, "--db", path], ["supervise", "--port", 0, "--db", path],
        ["backup", "--db", path, "--to", tmp_path / "copy"], ["restore", "--from", path, "--db", tmp_path / "copy"],
        ["export", "--db", path], ["import", "--from", lines, "--db", path],
    ]:
        line = refuse(*words)
        assert "was written by a newer chatd: its tables have version 99, and this one knows only" in line, line
    doctor = processes.run_chatd("doctor", "--db", path)
    assert doctor.returncode == 1 and "problem: " in doctor.stdout and "newer chatd" in doctor.stdout
    assert path.read_bytes() == before
