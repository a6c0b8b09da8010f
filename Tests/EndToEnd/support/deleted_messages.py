"""A chat of which `--retention` has deleted messages."""

import sqlite3
from contextlib import closing

import chat_database
from packets import ChatClient
from waiting import wait_until

MONTH = 31 * 24 * 3600 * 1000


def create(start_chatd, path):
    """Makes a database in which the first four messages are deleted, and two are left. Several had the same offset.
    What was left of the first one is gone too, as after 30 days.
    """
    first = start_chatd()
    with ChatClient(first.port) as client:
        for text, offset in [("text 1", "undefined-0"), ("text 2", "undefined-0"), ("text 3", "tab-3"),
                             ("text 4", "tab-4"), ("text 5", "undefined-0"), ("text 6", "tab-6")]:
            client.say(text, offset)
    assert first.stop() == 0
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE messages SET created_at = created_at - ? WHERE content <= 'text 4'", (MONTH,))
        database.commit()
    second = start_chatd("--retention", "30d")
    wait_until(lambda: len(chat_database.rows(path)) == 2)
    assert second.stop() == 0
    with closing(sqlite3.connect(path)) as database:
        database.execute("DELETE FROM chatd_deleted WHERE client_offset = 'undefined-0'")
        database.commit()
        assert database.execute("SELECT count(*) FROM chatd_deleted").fetchone() == (3,)


def check_repeats(port):
    """Repeats are acknowledged and not stored again, and nothing else is taken for one."""
    with ChatClient(port) as client:
        for text, offset in [("text 5", "undefined-0"), ("text 2", "undefined-0"), ("text 3", "tab-3"),
                             ("text 4", "tab-4"), ("text 6", "tab-6")]:
            assert client.say(text, offset) == []
        client.say("new", "undefined-0")
        client.read_rows(3)
        assert client.texts == ["text 5", "text 6", "new"]
        client.say("new", "undefined-0")
        client.say("last", "tab-3")
        client.read_rows(4)
        assert client.texts == ["text 5", "text 6", "new", "last"]
