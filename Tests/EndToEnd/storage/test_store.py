"""The database: created by the tutorial, shared with it, after a kill, locked. Nothing is lost or repeated."""

import random
import signal
import sqlite3
import threading
import time
from contextlib import closing

import pytest

import chat_database
from packets import ChatClient
from users import User
from wire import Disconnected

pytestmark = pytest.mark.timeout(45)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "chat.db"


OLD_ROWS = [
    ("hello", "abc-0"),
    ("no offset", None),
    ("no offset either", None),
    ("é€😀 'quoted'", "abc-1"),
    ("", "abc-2"),
]


# A database of the tutorial


def test_a_database_of_the_tutorial_is_replayed_and_continued(path, start_chatd):
    chat_database.create(path, OLD_ROWS)
    before = chat_database.rows(path)
    chatd = start_chatd()
    with ChatClient(chatd.port) as client:
        assert client.read_rows(len(OLD_ROWS)) == [(row[0], row[2]) for row in before]
        assert client.say("new", "def-0") == []
        assert client.rows[-1] == (before[-1][0] + 1, "new")
    assert chatd.stop() == 0
    after = chat_database.rows(path)
    assert after[: len(before)] == before
    assert [content for _, _, content in after[len(before) :]] == ["new"]


def test_ids_of_deleted_rows_are_gaps(path, start_chatd):
    chat_database.create(path, [(f"m{number}", None) for number in range(1, 11)])
    with closing(sqlite3.connect(path)) as database:
        database.execute("DELETE FROM messages WHERE id IN (1, 4, 5, 10)")
        database.commit()
    with ChatClient(start_chatd().port) as client:
        client.say("new")
        client.read_until(lambda: "new" in client.texts)
        # AUTOINCREMENT never assigns 10 again.
        assert client.ids == [2, 3, 6, 7, 8, 9, 11]


def test_an_offset_of_a_deleted_last_row_is_still_trusted(path, start_chatd):
    chat_database.create(path, [(f"m{number}", None) for number in range(1, 11)])
    with closing(sqlite3.connect(path)) as database:
        database.execute("DELETE FROM messages WHERE id = 10")
        database.commit()
    with ChatClient(start_chatd().port, 10) as client:
        client.say("new")
        assert client.read_rows(1) == [(11, "new")]


def test_a_row_without_text_does_not_stop_the_replay(path, start_chatd):
    chat_database.create(path, [("before", None), (None, None), ("after", None)])
    with ChatClient(start_chatd().port) as client:
        client.read_until(lambda: "after" in client.texts)
        assert client.texts[0] == "before"
        assert client.ids in ([1, 2, 3], [1, 3])


def test_a_client_offset_of_the_tutorial_is_recognised_as_a_repeat(path, start_chatd):
    """A tab that sent to the Node program earlier retries with chatd."""
    chat_database.create(path, OLD_ROWS)
    with ChatClient(start_chatd().port) as client:
        assert client.say("hello", "abc-0") == []
        assert client.say("not hello", "abc-0") == []
        client.read_until(lambda: "not hello" in client.texts)
    assert chat_database.contents(path) == [content for content, _ in OLD_ROWS] + ["not hello"]


def test_an_empty_file_is_used_as_an_empty_database(path, start_chatd):
    path.touch()
    with ChatClient(start_chatd().port) as client:
        assert client.say("first") == []
    assert chat_database.contents(path) == ["first"]


# The Node program on the same database


def test_rows_of_the_node_program_arrive_within_2_s_in_order(path, start_chatd):
    chat_database.create(path)
    chatd = start_chatd()
    with ChatClient(chatd.port) as client, ChatClient(chatd.port) as other:
        for number in range(5):
            identifier = chat_database.insert(path, f"node {number}", f"node-{number}")
            inserted_at = time.monotonic()
            for reader in (client, other):
                reader.read_until(lambda: identifier in reader.ids, 5)
            assert time.monotonic() - inserted_at <= 2
        assert client.rows == other.rows == [(number + 1, f"node {number}") for number in range(5)]


@pytest.mark.parametrize("transport", ["polling", "websocket"])
def test_a_row_larger_than_max_pending_reaches_its_clients(path, start_chatd, transport):
    chat_database.create(path, [])
    chatd = start_chatd("--max-pending", str(512 << 10))
    with User(chatd.port, transport) as live:
        with closing(sqlite3.connect(path, timeout=5)) as other, other:
            for text in ["before", "x" * (5 << 20), "after"]:
                other.execute("INSERT INTO messages (content) VALUES (?)", (text,))
        live.wait_for_rows(3)
        with User(chatd.port, transport, offset=0) as late:
            late.wait_for_rows(3)
            for user in [live, late]:
                assert [(identifier, len(text)) for identifier, text in user.rows] == [(1, 6), (2, 5 << 20), (3, 5)]
                assert user.connects == 1


def test_rows_of_both_writers_form_one_stream(path, start_chatd):
    chatd = start_chatd()
    node = threading.Thread(
        target=lambda: [chat_database.insert(path, f"node {number}", f"node-{number}") for number in range(50)]
    )
    with ChatClient(chatd.port) as client, ChatClient(chatd.port) as other:
        node.start()
        for number in range(200):
            assert client.say(f"chatd {number}", f"tab-{number}") == []
        node.join(30)
        for reader in (client, other):
            reader.read_rows(250)
        assert chatd.stop() == 0
        stored = [(identifier, content) for identifier, _, content in chat_database.rows(path)]
        assert client.rows == other.rows == stored
        assert [text for text in client.texts if text.startswith("node")] == [f"node {number}" for number in range(50)]


def test_after_the_stop_the_rows_of_both_writers_are_in_a_valid_file(path, start_chatd):
    chat_database.create(path, OLD_ROWS)
    before = chat_database.rows(path)
    chatd = start_chatd()
    with ChatClient(chatd.port) as client:
        client.say("from chatd", "tab-0")
        chat_database.insert(path, "from node", "node-0")
        client.read_until(lambda: "from node" in client.texts)
    assert chatd.stop() == 0
    # Check before another program opens the file: a clean close leaves one file.
    wal = path.with_name("chat.db-wal")
    assert not wal.exists() or wal.stat().st_size == 0, "the store was not closed cleanly"
    assert chat_database.rows(path)[: len(before)] == before
    assert chat_database.contents(path)[len(before) :] == ["from chatd", "from node"]
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    # The tutorial's program continues after chatd has stopped.
    chat_database.create(path)
    assert chat_database.insert(path, "node again") > before[-1][0] + 2


# Kill and restart


@pytest.mark.parametrize("seed", range(3))
def test_after_kill_9_every_acked_message_is_stored_once(path, start_chatd, seed):
    """Messages are always in flight. The retries after the restart store nothing twice."""
    messages = [(f"text {number}", f"tab-{number}") for number in range(20_000)]
    kill_after = random.Random(seed).randrange(100, 2000)
    chatd = start_chatd()
    acked = []
    with ChatClient(chatd.port) as client:
        in_flight = {}
        unsent = iter(messages)
        try:
            while True:
                while len(in_flight) < 64:
                    message = next(unsent)
                    in_flight[client.chat(*message)] = message
                client.read_one()
                acked += [in_flight.pop(ack) for ack in list(in_flight) if ack in client.acks]
                if len(acked) >= kill_after and chatd.is_running:
                    chatd.send_signal(signal.SIGKILL)
        except (Disconnected, BrokenPipeError, ConnectionResetError):
            pass
    assert chatd.wait() == -signal.SIGKILL
    assert len(acked) >= kill_after
    stored = chat_database.contents(path)
    assert len(stored) == len(set(stored))
    assert {text for text, _ in acked} <= set(stored)

    retried = acked + list(in_flight.values())
    with ChatClient(start_chatd().port) as client:
        acks = [client.chat(*message) for message in retried]
        client.read_until(lambda: all(ack in client.acks for ack in acks), 20)
        assert all(client.acks[ack] == [] for ack in acks)
        client.read_rows(len(retried))
    stored = chat_database.contents(path)
    assert sorted(stored) == sorted(text for text, _ in retried)


def test_messages_survive_a_restart(path, start_chatd):
    first = start_chatd()
    with ChatClient(first.port) as client:
        for number in range(100):
            client.chat(f"m{number}")
        client.read_until(lambda: len(client.acks) == 100)
        rows = list(client.rows)
    assert first.stop() == 0
    second = start_chatd()
    with ChatClient(second.port) as client:
        assert client.read_rows(100) == rows
        assert client.say("more") == []
        assert client.rows[-1][0] > rows[-1][0]


# A locked database


def test_a_locked_database_prevents_only_the_ack(path, start_chatd):
    """Another connection holds the write lock longer than chatd's timeout (5 s). Only this group fails."""
    chatd = start_chatd()
    with closing(sqlite3.connect(path, isolation_level=None)) as other, ChatClient(chatd.port) as client:
        assert client.say("before", "tab-0") == []
        other.execute("BEGIN IMMEDIATE")
        locked_at = time.monotonic()
        failed = client.chat("during", "tab-1")
        # Reading still works meanwhile.
        with ChatClient(chatd.port) as reader:
            assert reader.read_rows(1, 4) == [(1, "before")]
        while time.monotonic() - locked_at < 6.5:
            try:
                client.read_one(6.5 - (time.monotonic() - locked_at))
            except TimeoutError:
                break
        assert failed not in client.acks and client.texts == ["before"]
        other.execute("ROLLBACK")

        assert client.say("after", "tab-2") == []
        assert failed not in client.acks
        assert chat_database.contents(path) == ["before", "after"]
        # The client retries unacked messages.
        assert client.say("during", "tab-1") == []
        assert client.texts == chat_database.contents(path) == ["before", "after", "during"]


def test_a_lock_shorter_than_the_timeout_only_delays_the_ack(path, start_chatd):
    chatd = start_chatd()
    with closing(sqlite3.connect(path, isolation_level=None)) as other, ChatClient(chatd.port) as client:
        other.execute("BEGIN IMMEDIATE")
        acks = [client.chat(f"m{number}") for number in range(10)]
        with pytest.raises(TimeoutError):
            client.read_one(1)
        other.execute("ROLLBACK")
        client.read_until(lambda: all(ack in client.acks for ack in acks))
        assert client.texts == [f"m{number}" for number in range(10)]


# Offline tabs


def test_messages_of_offline_tabs_with_equal_offsets_are_all_stored(path, start_chatd):
    chatd = start_chatd()
    texts = {f"tab {tab} message {number}": f"undefined-{number}" for tab in range(5) for number in range(4)}
    with ChatClient(chatd.port) as first, ChatClient(chatd.port) as second:
        for client in (first, second, first):
            for text, offset in texts.items():
                assert client.say(text, offset) == []
    assert chatd.stop() == 0
    assert chat_database.contents(path) == list(texts)


def test_a_repeat_after_a_restart_is_still_a_repeat(path, start_chatd):
    messages = [("one", "undefined-0"), ("two", "undefined-0"), ("three", "undefined-0")]
    for _ in range(2):
        chatd = start_chatd()
        with ChatClient(chatd.port) as client:
            for message in messages:
                assert client.say(*message) == []
        assert chatd.stop() == 0
    assert chat_database.contents(path) == ["one", "two", "three"]


def test_a_database_in_memory_works_and_leaves_no_file(tmp_path, start_chatd):
    chatd = start_chatd(db=":memory:")
    with ChatClient(chatd.port) as client:
        for number in range(50):
            assert client.say(f"m{number}", f"tab-{number}") == []
        assert client.say("m0", "tab-0") == []
        with ChatClient(chatd.port) as later:
            assert later.read_rows(50) == client.rows
    assert chatd.stop() == 0
    assert not list(tmp_path.glob("*.db*")) and not list(tmp_path.glob(":memory:*"))
