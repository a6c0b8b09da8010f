"""SQLite databases for `chatd copy`, written without chatd."""

import hashlib
import random
import sqlite3
from contextlib import closing

SCHEMA = """
CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, client_offset TEXT UNIQUE, content TEXT,
    created_at INTEGER NOT NULL DEFAULT 0, author TEXT
);
CREATE TABLE chatd_epochs (
    number INTEGER PRIMARY KEY AUTOINCREMENT, epoch TEXT NOT NULL UNIQUE, started_at INTEGER NOT NULL,
    highest_id INTEGER
);
"""


def derived(offset, content, separator="\0"):
    """The key of a message whose offset another message has."""
    return offset + separator + hashlib.sha256(content.encode()).hexdigest()


def create(path, rows=(), starts=()):
    """Creates a database with `rows` of (id, client offset, content, created at, author), and `starts` of (epoch,
    highest id).
    """
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.executescript(SCHEMA)
        database.executemany("INSERT INTO messages VALUES (?, ?, ?, ?, ?)", rows)
        database.executemany("INSERT INTO chatd_epochs (epoch, started_at, highest_id) VALUES (?, 1, ?)", starts)
        database.commit()


def many_rows(count, size=40):
    """Rows with gaps between their ids, and with offsets of which a third is derived from one that is taken."""
    numbers = random.Random(7)
    rows, identifier = [], 0
    for number in range(count):
        identifier += numbers.choice([1, 1, 1, 2, 30])
        content = f"text {number} é\"\\{{}} " + "x" * size
        offset = [f"tab-{number}", derived("undefined-0", content), None][number % 3]
        rows.append((identifier, offset, content, 1_700_000_000_000 + number, f"author {number % 5}"))
    return rows


def copied(rows):
    """Rows of a source as they are in PostgreSQL, if nothing but the separator changes."""
    return [(identifier, offset and offset.replace("\0", "\x01"), *rest) for identifier, offset, *rest in rows]


def files(path):
    """The bytes of the database, and of its log, which may be missing."""
    log = path.with_name(path.name + "-wal")
    return path.read_bytes(), log.read_bytes() if log.exists() else b""
