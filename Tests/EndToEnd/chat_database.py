"""`chat.db` seen from outside, as the Node tutorial makes and uses it."""

import sqlite3
from contextlib import closing

TUTORIAL_SCHEMA = """
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    client_offset TEXT UNIQUE,
    content TEXT
);
"""


def create(path, rows=()):
    """A database as the tutorial's program makes it, with `rows` of (content, client offset)."""
    with closing(sqlite3.connect(path)) as database:
        database.execute(TUTORIAL_SCHEMA)
        database.executemany("INSERT INTO messages (content, client_offset) VALUES (?, ?)", rows)
        database.commit()


def insert(path, content, client_offset=None):
    """The tutorial's INSERT, as its program would do it while chatd runs. Returns the row's id."""
    with closing(sqlite3.connect(path, timeout=10)) as database:
        values = (content, client_offset)
        statement = database.execute("INSERT INTO messages (content, client_offset) VALUES (?, ?)", values)
        database.commit()
        return statement.lastrowid


def rows(path):
    """Every row as (id, client offset, content), in order, read without a chance to write."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as database:
        return database.execute("SELECT id, client_offset, content FROM messages ORDER BY id").fetchall()


def contents(path):
    return [content for _, _, content in rows(path)]
