"""Names of authors: chosen by the client, or proved by a token; stored with the message, and sent in its details."""

import json
import sqlite3
from contextlib import closing

import pytest

from details import SECRET, DetailsClient, author_of
from packets import ChatClient, SocketIOWebSocket
from tokens import token

pytestmark = pytest.mark.timeout(60)

KEY = "a key that only the issuer of tokens and chatd know"


def names(path):
    """Every row as (author, its name as it is stored)."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as database:
        return database.execute("SELECT author, author_name FROM messages ORDER BY id").fetchall()


def ask_identity(client):
    client.emit("chat identity", ack=9000)
    return client.read_ack(9000)[0]


def test_a_chosen_name_is_in_live_messages_catch_up_and_history(chatd, tmp_path):
    with DetailsClient(chatd.port, details=1, identity=SECRET, name="Ada \"é\" 👋") as ada:
        ada.say("hello", "tab-0")
        with DetailsClient(chatd.port, details=1, name="~Bob") as bob, DetailsClient(chatd.port, details=1) as nobody:
            bob.say("hi")
            nobody.say("anonymous")
            for client in (ada, bob, nobody):
                client.read_rows(3)
                assert {id: details for id, _, details in client.history()} == client.details
            assert ada.details == bob.details == nobody.details
            assert ask_identity(bob) == {"name": "~Bob", "proved": False}
            assert ask_identity(nobody) == {}
        author = author_of(SECRET)
        assert ask_identity(ada) == {"author": author, "name": "Ada \"é\" 👋", "proved": False}
    assert list(ada.details[1]) == ["time", "author", "name", "proved", "offset"]
    assert ada.details[1]["name"] == "Ada \"é\" 👋" and ada.details[1]["proved"] is False
    assert ada.details[2]["name"] == "~Bob" and "author" not in ada.details[2]
    assert list(ada.details[3]) == ["time"]
    assert names(tmp_path / "chat.db") == [(author, "~Ada \"é\" 👋"), (None, "~~Bob"), (None, None)]


def test_names_survive_a_restart_and_reach_other_workers_and_resumed_sessions(supervise, tmp_path):
    supervisor = supervise(2)
    one, other = supervisor.ports
    with DetailsClient(one, details=1, name="Ada") as ada, DetailsClient(other, details=1) as reader:
        ada.say("first")
        reader.read_rows(1)
        reader.reset()
        ada.say("second")
        back = DetailsClient(one, before=reader, details=1)
        assert back.sid == reader.sid
        back.read_rows(1)
        assert back.details[2]["name"] == "Ada"
        back.close()
    assert supervisor.stop() == 0
    with DetailsClient(supervise(2).ports[0], details=1) as late:
        late.read_rows(2)
        assert [details["name"] for details in late.details.values()] == ["Ada", "Ada"]


def test_a_session_takes_the_name_of_its_latest_connect(chatd):
    with DetailsClient(chatd.port, details=1, identity=SECRET, name="Ada") as before:
        before.say("one")
    with DetailsClient(chatd.port, before=before, details=1, identity=SECRET, name="Ada L.") as after:
        assert after.sid == before.sid
        [ack] = after.say("two")
        assert after.details[ack["id"]]["name"] == "Ada L."


INVALID = ["", " ", "a\nb", "a\0", "\u202eevil", "\u200b", "x" * 129, "é" * 65, "x" * 60_000, 7, True, ["a"], {"a": 1}]


@pytest.mark.parametrize("name", INVALID, ids=lambda value: ascii(value)[:20])
def test_an_invalid_name_is_refused_for_clients_that_ask_for_details(chatd, name):
    with SocketIOWebSocket(chatd.port) as client:
        client.send_text("40" + json.dumps({"details": 1, "name": name}))
        assert json.loads(client.receive_packet()[2:]) == {"message": "invalid name", "data": {"reason": "name"}}
        # Others may use the member for something else.
        client.send_text("40" + json.dumps({"name": name}))
        assert client.receive_packet().startswith("40{")


def test_the_name_of_a_token_is_proved_and_no_other_one_counts(start_chatd, tmp_path):
    keys = tmp_path / "keys"
    keys.write_text(KEY + "\n")
    keys.chmod(0o600)
    chatd = start_chatd("--auth", "token", "--auth-keys", keys)
    ada = {"token": token("ada", KEY, name="~Ada"), "identity": SECRET, "name": "Mallory"}
    with DetailsClient(chatd.port, details=1, **ada) as client:
        client.say("hello")
        assert client.details[1]["author"] == "ada"
        assert (client.details[1]["name"], client.details[1]["proved"]) == ("Ada", True)
        assert ask_identity(client) == {"author": "ada", "name": "Ada", "proved": True}
    with DetailsClient(chatd.port, details=1, token=token("bob", KEY), name="a\nb") as client:
        client.say("hi")
        client.read_rows(2)
        assert "name" not in client.details[2] and "proved" not in client.details[2]
    # What a user may have put into a token is no text that changes the text around it.
    with DetailsClient(chatd.port, details=1, token=token("eve", KEY, name="E\u202ev\ne")) as client:
        client.say("hi")
        client.read_rows(3)
        assert client.details[3]["name"] == "Eve"
    assert names(tmp_path / "chat.db") == [("ada", "Ada"), ("bob", None), ("eve", "Eve")]


def test_a_repeat_under_another_name_is_the_same_message(chatd, tmp_path):
    with DetailsClient(chatd.port, details=1, name="Ada") as ada:
        [first] = ada.say("same", "tab-0")
    with DetailsClient(chatd.port, details=1, name="Bob") as bob:
        assert bob.say("same", "tab-0") == [first]
        assert bob.details[1]["name"] == "Ada"
    assert names(tmp_path / "chat.db") == [(None, "~Ada")]


def test_a_database_of_version_1_is_extended_and_the_tutorial_still_writes_to_it(start_chatd, tmp_path):
    assert start_chatd().stop() == 0
    with closing(sqlite3.connect(tmp_path / "chat.db")) as database:
        database.executescript(
            """
            ALTER TABLE messages DROP COLUMN author_name;
            UPDATE chatd_schema SET version = 1;
            INSERT INTO messages (content, author) VALUES ('old', 'ann');
            """)
    chatd = start_chatd()
    with closing(sqlite3.connect(tmp_path / "chat.db")) as database:
        assert database.execute("SELECT version FROM chatd_schema").fetchall() == [(2,)]
        database.execute("INSERT INTO messages (content, client_offset) VALUES ('tutorial', 't-0')")
        for name in ("Bot", "x" * 129):
            database.execute("INSERT INTO messages (content, author_name) VALUES ('other', ?)", [name])
        database.commit()
    with DetailsClient(chatd.port, details=1) as client:
        client.read_rows(4)
        assert client.details[1] == {"author": "ann"}
        assert client.details[2] == {"offset": "t-0"}
        assert client.details[3] == {"name": "Bot", "proved": True} and client.details[4] == {}


def test_a_tutorial_client_sees_nothing_of_names(start_chatd):
    chatd = start_chatd("--recovery", "0")
    with DetailsClient(chatd.port, details=1, name="Ada") as ada, ChatClient(chatd.port) as tutorial:
        ada.say("hello", "tab-0")
        assert tutorial.receive_packet() == '42["chat message","hello",1]'
