"""`--retention` and `--max-db-size`: the disk has a bound, and nobody loses or repeats a message by it."""

import sqlite3
import time
from contextlib import closing

import pytest

import chat_database
import deleted_messages
import processes
from history import HistoryClient
from packets import ChatClient
from waiting import wait_until

pytestmark = pytest.mark.timeout(120)

DAY = 24 * 3600 * 1000


@pytest.fixture
def path(tmp_path):
    return tmp_path / "chat.db"


@pytest.fixture(params=["serve", "supervise"])
def start(request, start_chatd, supervise):
    if request.param == "serve":
        return start_chatd
    return lambda *options: supervise(2, *options)


def age(path, days, through):
    """Makes the messages up to an id older, while no server runs."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE messages SET created_at = created_at - ? WHERE id <= ?", (days * DAY, through))
        database.commit()


def count(path):
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as database:
        return database.execute("SELECT count(*) FROM messages").fetchone()[0]


@pytest.mark.parametrize("retention", ["30d", "2"])
def test_old_messages_are_deleted_and_their_repeats_acknowledged(path, start, retention):
    first = start()
    with ChatClient(first.port) as client:
        for number in range(1, 6):
            client.say(f"text {number}", f"tab-{number}")
        client.say("other", "tab-1")
    assert first.stop() == 0
    age(path, 31, 4)

    second = start("--retention", retention)
    wait_until(lambda: count(path) == 2)
    with ChatClient(second.port) as client:
        # Catch-up from below the oldest row starts at the oldest.
        assert client.read_rows(2) == [(5, "text 5"), (7, "other")]
        for number in range(1, 6):
            assert client.say(f"text {number}", f"tab-{number}") == []
        assert client.say("other", "tab-1") == []
        assert client.say("new", "tab-9") == []
        assert client.texts == ["text 5", "other", "new"]
    with ChatClient(second.port, offset=2) as behind:
        assert [text for _, text in behind.read_rows(3)] == ["text 5", "other", "new"]
    with HistoryClient(second.port, {"latest": 1}) as late:
        late.read_rows(1)
        assert [message[1] for message in late.history()["messages"]] == ["text 5", "other", "new"]
    assert count(path) == 3
    assert second.stop() == 0
    third = start()
    with ChatClient(third.port) as client:
        # Without the option, a deleted message is still not stored again.
        client.say("text 1", "tab-1")
        # The acknowledgement may come before the messages that the client catches up on.
        client.read_rows(3)
        client.say("last", "tab-10")
        client.read_rows(4)
        assert client.texts == ["text 5", "other", "new", "last"]


def test_messages_of_the_last_day_are_spared(path, start_chatd):
    server = start_chatd("--retention", "1")
    with ChatClient(server.port) as client:
        for number in range(5):
            client.say(f"text {number}")
    assert server.stop() == 0
    server = start_chatd("--retention", "1")
    with ChatClient(server.port) as client:
        client.say("more")
        assert len(client.texts) == 6


def test_acks_do_not_wait_for_deletions(path, start_chatd):
    with closing(sqlite3.connect(path)) as database:
        database.execute(chat_database.TUTORIAL_SCHEMA)
        database.executemany(
            "INSERT INTO messages (client_offset, content) VALUES (?, ?)",
            ((f"old-{number}", f"{number} " + "x" * 1000) for number in range(40_000)))
        database.commit()
    assert start_chatd().stop() == 0
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE messages SET created_at = 1700000000000")
        database.commit()
    server = start_chatd("--retention", "7d")
    delays = []
    with ChatClient(server.port, offset=40_000) as client:
        number = 0
        while count(path) > number + 1:
            number += 1
            begin = time.monotonic()
            client.say(f"new {number}", f"new-{number}")
            delays.append(time.monotonic() - begin)
    delays.sort()
    print(f"{len(delays)} acks during the deletion: longest {delays[-1]:.4f} s")
    assert len(delays) > 20 and delays[-1] < 2


def test_a_full_database_refuses_new_messages_and_keeps_the_old_ones(path, start):
    server = start("--max-db-size", 1 << 20)
    text = "x" * 50_000
    with ChatClient(server.port) as client:
        stored = 0
        while "allowed size" not in server.stderr_text():
            stored += 1
            ack = client.chat(f"{stored} {text}", f"tab-{stored}")
            while ack not in client.acks and "allowed size" not in server.stderr_text():
                try:
                    client.read_one(0.2)
                except TimeoutError:
                    continue
        # A repeat is acknowledged.
        assert client.say(f"1 {text}", "tab-1") == []
        assert len(client.acks) == stored
    assert "error: 1 messages not stored: " in server.stderr_text()
    assert 10 < count(path) == stored - 1
    assert path.stat().st_size <= 1 << 20
    with HistoryClient(server.port, {"details": 1, "latest": 0}) as detailed:
        assert detailed.say(f"new {text}", "tab-new") == [{"error": "the chat has no room for new messages"}]
    assert server.stop() == 0
    larger = start("--max-db-size", 4 << 20)
    with ChatClient(larger.port) as client:
        assert client.say(f"{stored} {text}", f"tab-{stored}") == []
    assert count(path) == stored


@pytest.mark.parametrize(("options", "reason"), [
    (["--retention", "soon"], '"soon" is neither a number of days such as 30d, nor a number of messages'),
    (["--retention", "0d"], "is neither"), (["--retention", "-5"], "is neither"),
    (["--max-db-size", "5"], "is not a whole number from 1048576"),
    (["--db", "postgres://u@h/d", "--retention", "30d"], "--retention: this is for SQLite files"),
    (["--db", "postgres://u@h/d", "--max-db-size", "2000000"], "--max-db-size: this is for SQLite files"),
])
def test_wrong_options_are_usage_errors(tmp_path, options, reason):
    result = processes.run_chatd("serve", "--port", 0, *options, cwd=tmp_path)
    assert result.returncode == 64 and reason in result.stderr


def test_an_export_takes_along_what_is_left_of_deleted_messages(tmp_path, path, start_chatd):
    deleted_messages.create(start_chatd, path)
    lines, moved = tmp_path / "lines", tmp_path / "moved.db"
    for arguments in [["export", "--db", path, "--to", lines], ["import", "--from", lines, "--db", moved]]:
        result = processes.run_chatd(*arguments, timeout=60)
        assert result.returncode == 0, result
    # The second message with an offset leaves a gap between the ids.
    assert lines.read_text().splitlines()[-1] == '{"end":2,"deletedThrough":5}'
    assert lines.read_text().count("{\"deleted\":") == 3
    deleted_messages.check_repeats(start_chatd(db=moved).port)


def test_a_message_from_the_future_is_named_once_and_keeps_no_others(path, start):
    first = start()
    with ChatClient(first.port) as client:
        for number in range(1, 5):
            client.say(f"text {number}", f"tab-{number}")
    assert first.stop() == 0
    age(path, 31, 3)
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE messages SET created_at = 8640000000000000 WHERE id IN (1, 2)")
        database.commit()
    second = start("--retention", "30d")
    wait_until(lambda: [text for _, _, text in chat_database.rows(path)] == ["text 4"])
    assert second.stderr_text().count("the time of message 1 is in the future") == 1
    assert "the time of message 2" not in second.stderr_text()
