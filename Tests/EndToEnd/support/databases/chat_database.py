"""`chat.db` as the tutorial's Node program creates and uses it."""

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
    """Creates a database like the tutorial's program, with `rows` of (content, client offset)."""
    with closing(sqlite3.connect(path)) as database:
        database.execute(TUTORIAL_SCHEMA)
        database.executemany("INSERT INTO messages (content, client_offset) VALUES (?, ?)", rows)
        database.commit()


def insert(path, content, client_offset=None):
    """Inserts a row like the tutorial's program, also while chatd runs. Returns the row's id."""
    with closing(sqlite3.connect(path, timeout=10)) as database:
        values = (content, client_offset)
        statement = database.execute("INSERT INTO messages (content, client_offset) VALUES (?, ?)", values)
        database.commit()
        return statement.lastrowid


def rows(path):
    """Every row as (id, client offset, content), in order. Opens the database read-only."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as database:
        return database.execute("SELECT id, client_offset, content FROM messages ORDER BY id").fetchall()


def contents(path):
    return [content for _, _, content in rows(path)]
