"""A database that is large enough to interrupt a command on it."""

import sqlite3
from contextlib import closing

import chat_database


def create(path, count=40_000, size=1500, name="row"):
    """Creates a database of the tutorial with `count` texts that begin with the name and the number."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA synchronous = OFF")
        database.execute(chat_database.TUTORIAL_SCHEMA)
        database.executemany(
            "INSERT INTO messages (client_offset, content) VALUES (?, ?)",
            ((f"{name}-{number}", f"{name} {number} " + "x" * size) for number in range(1, count + 1)))
        database.commit()


def check(path, count=40_000, name="row"):
    """Asserts that the database is sound and has exactly these texts."""
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        found = database.execute(
            "SELECT count(*), max(id), count(*) FILTER (WHERE content LIKE ? || ' ' || id || ' %') FROM messages",
            (name,)).fetchone()
    assert found == (count, count, count)
