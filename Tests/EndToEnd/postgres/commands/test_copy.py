"""`chatd copy` moves an SQLite database to PostgreSQL: every row once, with its id, whatever interrupts the copy."""

import os
import pty
import random
import re
import signal
import sqlite3
import subprocess
import time
from contextlib import closing

import pytest

import copy_source
import processes
from packets import ChatClient
from recovering import Recovering
from waiting import wait_until

pytestmark = pytest.mark.timeout(120)

UNAVAILABLE = 69


@pytest.fixture
def path(tmp_path):
    return tmp_path / "chat.db"


@pytest.fixture
def url(empty_database):
    return f"postgres://chatd@127.0.0.1:{empty_database.server.port}/{empty_database.name}"


def without_progress(errors):
    """The lines of standard error other than those that tell the progress of a long copy."""
    progress_line = re.compile(r"chatd: (checked|copied) \d+ of \d+ messages, ")
    return [line for line in errors.splitlines() if not progress_line.match(line)]


@pytest.fixture
def copy(path, url):
    """Runs the command to its end. Returns the lines of its summary."""
    def run():
        result = processes.run_chatd("copy", "--from", path, "--to", url, timeout=60)
        assert (result.returncode, without_progress(result.stderr)) == (0, []), result
        return result.stdout.splitlines()

    return run


@pytest.fixture
def refusal(path, url):
    """Runs the command, which must fail. Returns its only line."""
    def run():
        result = processes.run_chatd("copy", "--from", path, "--to", url, timeout=60)
        assert (result.returncode, result.stdout) == (UNAVAILABLE, ""), result
        [line] = without_progress(result.stderr)
        return line

    return run


@pytest.fixture
def begin(path, url):
    """Starts the command and does not wait for it."""
    started = []

    def run():
        started.append(subprocess.Popen(
            [processes.chatd_binary(), "copy", "--from", path, "--to", url], env=processes.clean_environment(),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.communicate()


def rows(database):
    return database.query("SELECT id, client_offset, content, created_at, author FROM messages ORDER BY id")


def everything(database):
    """All that a copy writes."""
    return (
        rows(database), database.value("SELECT last_value FROM messages_id_seq"),
        database.query("SELECT epoch, started_at, highest_id, history FROM chatd_epochs ORDER BY number"),
        database.query("SELECT number, last_id FROM chatd_history ORDER BY number"),
        database.query("SELECT row_count, last_id, digest FROM chatd_copied"))


def sessions(database):
    """The number of other sessions at the database."""
    with database.connect() as connection:
        return connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'").fetchone()[0]


def progress(database):
    """The number of rows that an unfinished copy has stored; None if there is none."""
    if database.value("SELECT to_regclass('chatd_copying')") is None:
        return None
    return database.value("SELECT row_count FROM chatd_copying")


# What is copied


def test_ten_thousand_rows_keep_their_ids_offsets_times_and_authors(path, copy, empty_database):
    source = copy_source.many_rows(10_000)
    copy_source.create(path, source, [("a", 0), ("b", 77)])
    with closing(sqlite3.connect(path)) as database:
        # The highest id was assigned and is not in the table any more.
        database.execute("UPDATE sqlite_sequence SET seq = seq + 1000")
        database.commit()
    assigned = source[-1][0] + 1000
    before = copy_source.files(path)
    summary = copy()
    print("\n".join(summary))
    assert copy_source.files(path) == before
    assert rows(empty_database) == copy_source.copied(source)
    assert re.fullmatch(
        rf"copied 10000 messages from {path} to postgres://\S+ in \d+\.\d s \(\d+ a second\)", summary[0])
    assert summary[1:] == [
        f"ids up to {assigned} are assigned; recorded starts of servers: 2",
        "keys with a hash, which have another separator now: 3333"]
    assert empty_database.query("SELECT * FROM chatd_check()") == []
    assert empty_database.insert("new") == assigned + 1


def test_what_cannot_be_kept_is_counted_and_listed(path, copy, empty_database):
    copy_source.create(path, [
        (1, "a", "one", 5, None), (2, "b\x01", "two", 5, None), (3, "x" * 257, "three", 5, None),
        (4, b"blob", "four", 5, None), (5, copy_source.derived("a", "fi\0ve"), "fi\0ve", 5, "anna\0b"),
        (6, "no\0hash", b"si\xffx", 5, None), (7, "x" * 256, None, "soon", None), (-3, None, "minus", -9, None),
        ((1 << 53) + 5, None, "high", 5, None)])
    summary = copy()
    assert rows(empty_database) == [
        (-3, None, "minus", -9, None), (1, "a", "one", 5, None), (2, None, "two", 5, None),
        (3, None, "three", 5, None), (4, None, "four", 5, None),
        (5, copy_source.derived("a", "fi\ufffdve", "\x01"), "fi\ufffdve", 5, "anna"), (6, None, "si\ufffdx", 5, None),
        (7, "x" * 256, None, 0, None), ((1 << 53) + 5, None, "high", 5, None)]
    assert summary[1:] == [
        "ids up to 7 are assigned; recorded starts of servers: 0",
        "keys with a hash, which have another separator now: 1",
        "U+0000 in the text became U+FFFD: 1 (id 5)",
        "bytes of the text that were not UTF-8 became U+FFFD: 1 (id 6)",
        "the author was cut at U+0000, or bytes of it that were not UTF-8 became U+FFFD: 1 (id 5)",
        "created_at was not a whole number: 1 (id 7)",
        "the client offset was dropped: it contains U+0001: 1 (id 2)",
        "the client offset was dropped: it contains U+0000: 1 (id 6)",
        "the client offset was dropped: it has more than 256 bytes: 1 (id 3)",
        "the client offset was dropped: it is not text: 1 (id 4)"]
    assert empty_database.insert("new") == 8


def test_ids_of_an_epoch_are_trusted_as_in_sqlite(path, copy, empty_database):
    """Up to the lowest id that a later start recorded; the database was restored from a backup before the third."""
    copy_source.create(path, [(100, None, "x", 0, None)], [("a", 0), ("b", 50), ("c", 30), ("d", None), ("e", 70)])
    copy()
    limits = empty_database.query(
        "SELECT epoch, (SELECT min(h.last_id) FROM chatd_history h WHERE h.number > e.history)"
        " FROM chatd_epochs e ORDER BY number")
    assert limits == [("a", 30), ("b", 30), ("c", 70), ("d", 70), ("e", 100)]


def test_the_ids_of_an_earlier_server_on_an_empty_target_are_not_trusted(path, copy, empty_database, tmp_path, url):
    assert processes.chatd(tmp_path, db=url).stop() == 0
    copy_source.create(path, [(5, None, "x", 0, None)], [("a", 0), ("b", 3)])
    copy()
    limits = empty_database.query(
        "SELECT (SELECT min(h.last_id) FROM chatd_history h WHERE h.number > e.history)"
        " FROM chatd_epochs e ORDER BY number")
    assert limits == [(0,), (3,), (5,)]


def test_the_tutorials_database_is_copied(path, copy, empty_database):
    with closing(sqlite3.connect(path)) as database:
        database.execute(
            "CREATE TABLE messages (id INTEGER PRIMARY KEY AUTOINCREMENT, client_offset TEXT UNIQUE, content TEXT)")
        database.execute("INSERT INTO messages (client_offset, content) VALUES ('x-1', 'hi')")
        database.commit()
    copy()
    assert rows(empty_database) == [(1, "x-1", "hi", 0, None)]


def test_an_empty_database_is_copied(path, copy, empty_database):
    copy_source.create(path, [], [("a", 0)])
    assert copy()[0].startswith("copied 0 messages")
    assert empty_database.insert("first") == 1


# Clients


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_clients_continue_at_the_new_server_with_their_offsets(tmp_path, path, url, copy, number):
    """Also after the old server was killed and has left a write-ahead log behind."""
    old = processes.chatd(tmp_path)
    client = Recovering(old.port)
    with ChatClient(old.port) as sender:
        for text, offset in (("one", "undefined-0"), ("two", "undefined-0"), ("three", "x-3")):
            assert sender.say(text, offset) == []
        client.read_rows(3)
        for text in ("four", "five"):
            sender.say(text, text)
        sender.read_rows(5)
    stored = sender.rows
    old.send_signal(number)
    old.wait()
    copy()
    new = processes.chatd(tmp_path, db=url)
    later = Recovering(new.port, client)
    assert not later.is_recovered
    # The first three are those that it had already.
    assert later.read_rows(5) == stored
    with ChatClient(new.port) as sender:
        for text, offset in (("one", "undefined-0"), ("two", "undefined-0"), ("three", "x-3"), ("five", "five")):
            assert sender.say(text, offset) == []
        assert sender.say("six", "undefined-0") == []
        sender.read_rows(6)
        assert sender.rows[:5] == stored and sender.texts[5] == "six"
    assert later.read_rows(6) == sender.rows
    assert new.stop() == 0


# Interruptions


def test_a_copy_that_is_killed_at_any_moment_is_continued(path, url, begin, copy, empty_database, tmp_path):
    source = copy_source.many_rows(10_000)
    copy_source.create(path, source, [("a", 0), ("b", 5)])
    numbers = random.Random(1)
    seen = []
    done = None
    for _ in range(6):
        process = begin()
        wait_until(lambda: process.poll() is not None or progress(empty_database) is not None)
        time.sleep(numbers.uniform(0, 1.2))
        process.kill()
        process.wait()
        # The server may still carry out what the process has sent.
        wait_until(lambda: sessions(empty_database) == 0)
        if (done := progress(empty_database)) is None:
            break
        seen.append(done)
    print("rows at each interruption:", seen)
    assert seen == sorted(seen)
    summary = copy()
    # Without progress, the last process had finished, or had not begun.
    if done is not None and 0 < done < 10_000:
        assert re.fullmatch(r"\d+ of them were copied earlier", summary[1])
    assert rows(empty_database) == copy_source.copied(source)
    first = everything(empty_database)

    # The same copy without interruptions has the same result.
    empty_database.drop()
    empty_database.create()
    copy()
    assert everything(empty_database) == first


@pytest.fixture
def interrupted_copy(path, begin, empty_database):
    """Ends a copy with `end(process)` when it has stored some of its rows. Returns the rows of the source, and the exit
    code, standard output and standard error of the command.
    """
    def run(end):
        for count in (10_000, 40_000, 160_000):
            source = copy_source.many_rows(count)
            copy_source.create(path, source)
            process = begin()
            wait_until(lambda: process.poll() is not None or (progress(empty_database) or 0) > 0, 30)
            end(process)
            output, errors = process.communicate(timeout=30)
            # The server may still carry out what the process has sent.
            wait_until(lambda: sessions(empty_database) == 0)
            if progress(empty_database) is not None:
                return source, process.returncode, output, errors
            # On a busy machine the copy may be over before it is interrupted. A larger one takes longer.
            for file in path.parent.glob(f"{path.name}*"):
                file.unlink()
            empty_database.drop()
            empty_database.create()
        raise AssertionError("each copy was over before it was interrupted")

    return run


def test_no_server_starts_until_the_copy_has_ended(url, interrupted_copy, copy, empty_database, tmp_path):
    source, code, _, _ = interrupted_copy(lambda process: process.send_signal(signal.SIGINT))
    assert code == -signal.SIGINT
    assert 0 < progress(empty_database) < len(source)
    result = processes.run_chatd("serve", "--port", "0", "--db", url, cwd=tmp_path, timeout=30)
    assert result.returncode == UNAVAILABLE
    [line] = result.stderr.splitlines()
    assert "a copy into this database is not finished: run chatd copy again" in line
    copy()
    server = processes.chatd(tmp_path, db=url)
    assert server.stop() == 0


def test_a_lost_connection_ends_the_copy_with_one_line(interrupted_copy, copy, empty_database):
    source, code, output, errors = interrupted_copy(
        lambda _: empty_database.server.terminate_backends(empty_database.name))
    assert (code, output) == (UNAVAILABLE, "")
    [line] = without_progress(errors)
    assert line.endswith("; run the same command again to continue")
    copy()
    assert rows(empty_database) == copy_source.copied(source)


def test_a_copy_that_has_ended_changes_nothing_any_more(path, url, copy, refusal, empty_database, tmp_path):
    copy_source.create(path, copy_source.many_rows(100), [("a", 0)])
    copy()
    before = everything(empty_database)
    assert copy()[0].startswith("nothing to do: all 100 messages were copied earlier")
    assert everything(empty_database) == before
    # Also while a server uses the target.
    server = processes.chatd(tmp_path, db=url)
    with ChatClient(server.port) as client:
        client.say("new", "x")
        assert copy()[0].startswith("nothing to do")
    assert server.stop() == 0
    assert len(rows(empty_database)) == 101
    with closing(sqlite3.connect(path)) as database:
        database.execute("INSERT INTO messages (content) VALUES ('late')")
        database.commit()
    assert "has ended, and the source has new rows since" in refusal()


# Refusals


def test_a_source_with_a_running_server_is_refused(tmp_path, path, refusal, empty_database):
    server = processes.chatd(tmp_path)
    assert refusal() == (
        f"chatd: cannot copy: another process ({server.pid}) serves this database: it holds {path}.lock")
    assert server.stop() == 0
    assert empty_database.value("SELECT to_regclass('messages')") is None


@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_a_source_that_another_program_writes_to_is_refused(path, refusal, mode):
    copy_source.create(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute(f"PRAGMA journal_mode = {mode}")
        database.execute("BEGIN IMMEDIATE")
        database.execute("INSERT INTO messages (content) VALUES ('unfinished')")
        assert refusal() == f"chatd: cannot copy: another program keeps {path} locked (SQLite code 5)"
        database.execute("ROLLBACK")


def test_a_target_with_a_running_server_is_refused(path, url, refusal, tmp_path, empty_database):
    copy_source.create(path, copy_source.many_rows(10))
    (tmp_path / "host").mkdir()
    server = processes.chatd(tmp_path / "host", db=url)
    assert "a chatd server is connected to it (chatd " in refusal()
    with ChatClient(server.port) as client:
        assert client.say("still here", "x") == []
    assert server.stop() == 0
    assert "it has messages already" in refusal()


def test_a_target_with_other_messages_is_refused_and_not_changed(path, refusal, empty_database):
    copy_source.create(path, copy_source.many_rows(10))
    empty_database.query("CREATE TABLE messages (id int, content text)")
    empty_database.query("INSERT INTO messages VALUES (1, 'mine')")
    assert "it has messages already" in refusal()
    assert empty_database.query("SELECT relname FROM pg_class WHERE relname LIKE 'chatd%'") == []


def test_an_unfinished_copy_is_not_continued_from_another_source(path, interrupted_copy, refusal, empty_database):
    source, _, _, _ = interrupted_copy(lambda process: process.kill())
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE messages SET content = 'changed' WHERE id = ?", [source[10][0]])
        database.commit()
    before = rows(empty_database)
    assert f"its copy of {path} is not one of this source, or rows have changed since" in refusal()
    assert rows(empty_database) == before


def test_rows_of_another_program_stop_an_unfinished_copy(interrupted_copy, refusal, empty_database):
    source, _, _, _ = interrupted_copy(lambda process: process.kill())
    done = progress(empty_database)
    # Its id is above all ids of the source.
    stray = empty_database.insert("stray")
    assert stray == source[-1][0] + 1
    assert f"its table messages has {done + 1} rows up to id {stray}, and the copy has stored {done} rows" in refusal()


def test_a_second_copy_at_the_same_time_is_refused(path, refusal, empty_database):
    copy_source.create(path, copy_source.many_rows(10))
    empty_database.connect(application_name="chatd copy")
    assert "another chatd copy is connected to it" in refusal()


@pytest.mark.parametrize("arguments, code, reason", [
    (["--to", "postgres://a/b"], 64, "--from is needed"),
    (["--from", "chat.db"], 64, "--to is needed"),
    (["--from", "chat.db", "--to", "other.db"], 64, "the URL does not have the form postgres://USER@HOST/DATABASE"),
    (["--from", "missing.db", "--to", "postgres://chat@127.0.0.1:1/chat"], 69, "there is no database"),
])
def test_errors_are_one_line(tmp_path, arguments, code, reason):
    result = processes.run_chatd("copy", *arguments, cwd=tmp_path)
    assert (result.returncode, result.stdout) == (code, "")
    [line] = result.stderr.splitlines()
    assert line.startswith("chatd: ") and reason in line
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_does_not_answer_is_named_without_its_password(path):
    copy_source.create(path)
    result = processes.run_chatd("copy", "--from", path, "--to", "postgres://chat:secret@127.0.0.1:1/chat")
    assert result.returncode == UNAVAILABLE
    [line] = result.stderr.splitlines()
    assert "postgres://chat:***@127.0.0.1:1/chat: " in line and "Connection refused" in line


# Progress


def test_a_terminal_shows_a_bar(path, url):
    copy_source.create(path, copy_source.many_rows(4_000))
    terminal, end = pty.openpty()
    process = subprocess.Popen(
        [processes.chatd_binary(), "copy", "--from", path, "--to", url], env=processes.clean_environment(),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=end, text=True)
    os.close(end)
    shown = b""
    try:
        while piece := os.read(terminal, 4096):
            shown += piece
    except OSError:
        # The terminal's other end is closed.
        pass
    os.close(terminal)
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 0 and output.startswith("copied 4000 messages")
    frames = shown.decode().split("\r")
    assert re.fullmatch(r"\[\.{30}\] copied 0 of 4000 messages, 0 %\x1b\[K", frames[1])
    # The bar is removed at the end.
    assert frames[-1] == "\x1b[K"
