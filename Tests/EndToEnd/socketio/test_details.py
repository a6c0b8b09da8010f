"""Clients that ask for details: a message's author, its time, and the sender's name for it."""

import os
import signal
import sqlite3
import time
from contextlib import closing

import pytest

import chat_database
from details import SECRET, DetailsClient, author_of
from packets import ChatClient, SocketIOWebSocket
from users import TRANSPORTS, User
from waiting import wait_until

pytestmark = pytest.mark.timeout(60)


def stored(path):
    """Every row as (id, client offset, content, time, author)."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as database:
        return database.execute(
            "SELECT id, client_offset, content, created_at, author FROM messages ORDER BY id"
        ).fetchall()


def test_a_tutorial_client_gets_the_same_bytes_as_before(start_chatd, tmp_path):
    chatd = start_chatd("--recovery", "0")
    with DetailsClient(chatd.port, details=1, identity=SECRET) as asking:
        with SocketIOWebSocket(chatd.port) as tutorial:
            tutorial.connect_namespace(auth={"serverOffset": 0})
            asking.say("hello", "tab-0")
            assert tutorial.receive_packet() == '42["chat message","hello",1]'
            tutorial.emit("chat message", "hi", "tab-1", ack=0)
            assert tutorial.receive_packets(2) == ['42["chat message","hi",2]', "430[]"]
        with SocketIOWebSocket(chatd.port) as late:
            late.connect_namespace(auth={"serverOffset": 0, "identity": SECRET})
            assert late.receive_packets(2) == ['42["chat message","hello",1]', '42["chat message","hi",2]']
            late.emit("chat history", {"before": None, "limit": 9}, ack=7)
            times = [row[3] for row in stored(tmp_path / "chat.db")]
            assert late.receive_packet() == (
                f'437[{{"messages":[[1,"hello",{times[0]}],[2,"hi",{times[1]}]],"more":false}}]'
            )


@pytest.mark.parametrize("recovery", [True, False], ids=["with offsets", "without"])
def test_the_packets_of_a_client_that_asks_for_details(start_chatd, tmp_path, recovery):
    chatd = start_chatd(*([] if recovery else ["--recovery", "0"]))
    with SocketIOWebSocket(chatd.port) as client:
        client.connect_namespace(auth={"details": 1, "identity": SECRET})
        before = int(time.time() * 1000)
        client.emit("chat message", "hello", "tab-0", ack=3)
        row, ack = client.receive_packets(2)
        [(_, _, _, created, author)] = stored(tmp_path / "chat.db")
        assert author == author_of(SECRET) and before - 5 <= created <= time.time() * 1000 + 5
        details = f'{{"time":{created},"author":"{author}","offset":"tab-0"}}'
        start = f'42["chat message","hello",1,{details}'
        if recovery:
            assert row.startswith(start + ',"') and row.endswith('.0.1"]')
        else:
            assert row == start + "]"
        assert ack == '433[{"id":1}]'
        client.emit("chat history", {"before": None, "limit": 5}, ack=4)
        assert client.receive_packet() == f'434[{{"messages":[[1,"hello",{details}]],"more":false}}]'


def test_live_catch_up_and_history_have_the_same_details(chatd, tmp_path):
    with DetailsClient(chatd.port, details=1, identity=SECRET) as writer:
        for number in range(50):
            writer.say(f"m{number}", f"tab-{number}")
        with ChatClient(chatd.port) as tutorial:
            tutorial.say("anonymous")
        writer.read_rows(51)
        with DetailsClient(chatd.port, details=1) as late, DetailsClient(chatd.port, details=1, latest=7) as latest:
            late.read_rows(51)
            latest.read_rows(7)
            assert late.details == writer.details
            assert latest.details == {id: writer.details[id] for id in range(45, 52)}
            assert {id: details for id, _, details in latest.history()} == writer.details
    assert list(writer.details[51]) == ["time"]
    for identifier, offset, _, created, author in stored(tmp_path / "chat.db")[:50]:
        assert writer.details[identifier] == {"time": created, "author": author, "offset": offset}


def test_the_secret_is_not_stored(start_chatd, tmp_path):
    secret = "a secret that nobody else may know"
    chatd = start_chatd()
    with DetailsClient(chatd.port, details=1, identity=secret) as client:
        client.say("hello")
        for path in tmp_path.iterdir():
            assert path.is_socket() or secret.encode() not in path.read_bytes()
        assert author_of(secret) in str(stored(tmp_path / "chat.db"))


@pytest.mark.parametrize(
    "identity", [None, 12, "", "x" * 15, "x" * 129, "x" * 60_000, ["x" * 16], {"a": 1}, True], ids=lambda v: str(v)[:20]
)
def test_an_invalid_identity_is_ignored(chatd, identity):
    with DetailsClient(chatd.port, details=1, identity=identity) as client:
        assert client.say("hello") == [{"id": 1}]
        assert list(client.details[1]) == ["time"]


@pytest.mark.parametrize("details", [None, 0, 2, "1", True, [1], {}, -1], ids=str)
def test_only_1_asks_for_details(chatd, details):
    with DetailsClient(chatd.port, details=details, identity=SECRET) as client:
        assert client.say("hello") == []
        assert client.details == {1: None}


def test_a_repeat_is_acked_with_the_id_of_the_first_copy(chatd):
    with DetailsClient(chatd.port, details=1, identity=SECRET) as one, DetailsClient(chatd.port, details=1) as two:
        assert one.say("x", "tab-0") == [{"id": 1}]
        assert one.say("x", "tab-0") == [{"id": 1}]
        assert two.say("x", "tab-0") == [{"id": 1}]
        assert two.details[1]["author"] == author_of(SECRET)


def test_another_message_under_a_known_offset_has_its_clients_offset(chatd, tmp_path):
    with DetailsClient(chatd.port, details=1) as client:
        [first] = client.say("one", "undefined-0")
        [second] = client.say("two", "undefined-0")
        assert client.say("two", "undefined-0") == [second] != [first]
        assert {details["offset"] for details in client.details.values()} == {"undefined-0"}
        with DetailsClient(chatd.port, details=1) as late:
            late.read_rows(2)
            assert late.details == client.details
            assert [details["offset"] for _, _, details in late.history()] == ["undefined-0"] * 2
    assert "\0" in stored(tmp_path / "chat.db")[1][1]


def test_rows_of_the_tutorial_have_the_known_details(start_chatd, tmp_path):
    path = tmp_path / "chat.db"
    chat_database.create(path, [("old", "a-0"), ("older", None)])
    chatd = start_chatd()
    with DetailsClient(chatd.port, details=1) as client:
        client.read_rows(2)
        assert chat_database.insert(path, "foreign", "f-0") == 3
        client.read_rows(3)
        client.say("own")
        assert client.details[1] == {"offset": "a-0"} and client.details[2] == {}
        assert client.details[3] == {"offset": "f-0"} and list(client.details[4]) == ["time"]


def test_a_database_without_authors_is_migrated_and_keeps_its_times(start_chatd, tmp_path):
    with closing(sqlite3.connect(tmp_path / "chat.db")) as database:
        database.executescript(
            """
            CREATE TABLE messages (id INTEGER PRIMARY KEY AUTOINCREMENT, client_offset TEXT UNIQUE, content TEXT,
                created_at INTEGER NOT NULL DEFAULT 0);
            INSERT INTO messages (client_offset, content, created_at) VALUES ('a-0', 'before', 1700000000123);
            """
        )
    for number in (2, 3):
        chatd = start_chatd()
        with DetailsClient(chatd.port, details=1, identity=SECRET) as client:
            client.say("now")
            client.read_rows(number)
            assert client.details[1] == {"time": 1700000000123, "offset": "a-0"}
            assert client.details[number]["author"] == author_of(SECRET)
        chatd.stop()


def test_a_resumed_session_gets_the_form_of_its_latest_connect(chatd):
    with ChatClient(chatd.port) as writer:
        lost = None
        for number, details in enumerate([1, 0, 0, 1, 1], start=1):
            client = DetailsClient(chatd.port, before=lost, details=details)
            assert lost is None or client.sid == lost.sid
            writer.say(f"while it is there {number}")
            client.read_until(lambda: client.rows and client.rows[-1][1] == f"while it is there {number}")
            assert all((known is not None) == (details == 1) for known in client.details.values())
            assert len(client.rows) == (1 if number == 1 else 2)
            client.reset()
            writer.say(f"while it is away {number}")
            lost = client


def test_workers_send_both_forms_and_a_session_keeps_its_form_at_another_worker(supervise):
    supervisor = supervise(3)
    first, second, third = supervisor.ports
    with ChatClient(first) as tutorial, DetailsClient(second, details=1, identity=SECRET) as asking:
        assert tutorial.say("one", "t-0") == []
        assert asking.say("two", "a-0") == [{"id": 2}]
        assert tutorial.read_rows(2) == asking.read_rows(2) == [(1, "one"), (2, "two")]
        asking.reset()
        tutorial.say("three", "t-1")
        back = DetailsClient(third, before=asking, details=1, identity=SECRET)
        assert back.sid == asking.sid
        back.read_rows(1)
        assert back.details[3]["offset"] == "t-1" and "author" not in back.details[3]
        assert back.say("four", "a-1") == [{"id": 4}]
        assert back.details[4]["author"] == asking.details[2]["author"] == author_of(SECRET)
        assert tutorial.read_rows(4)[-1] == (4, "four")
        back.close()


def test_a_message_repeated_after_a_kill_is_acked_with_its_first_id(supervise):
    supervisor = supervise(2)
    with DetailsClient(supervisor.ports[0], details=1, identity=SECRET) as client:
        [ack] = client.say("hello", "tab-0")
    worker = supervisor.worker_pid(0)
    os.kill(worker, signal.SIGKILL)
    wait_until(lambda: supervisor.worker_pid(0) not in (None, worker), 10, "the worker was not restarted")
    for port in supervisor.ports:
        with DetailsClient(port, details=1, identity=SECRET) as again:
            assert again.say("hello", "tab-0") == [ack]
            again.read_rows(1)
            assert again.details[1]["author"] == author_of(SECRET)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_the_official_python_client_asks_for_details(chatd, transport):
    class Asking(User):
        def __init__(self, *arguments):
            self.details = []
            super().__init__(*arguments)

        def _auth(self):
            return {**super()._auth(), "details": 1, "identity": SECRET}

        def _row(self, text, identifier, details, *rest):
            self.details.append(details)
            super()._row(text, identifier, *rest)

    with Asking(chatd.port, transport) as asking, User(chatd.port, transport) as tutorial:
        assert asking.say("hello", "a-0") == {"id": 1}
        assert tutorial.say("hi", "t-0") is None
        assert asking.wait_for_rows(2) == tutorial.wait_for_rows(2) == [(1, "hello"), (2, "hi")]
        assert [(known.get("author"), known["offset"]) for known in asking.details] == [
            (author_of(SECRET), "a-0"), (None, "t-0"),
        ]
        asking.client.call("chat history", {"before": None, "limit": 5}, timeout=10)
