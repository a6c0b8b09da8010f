"""chatd's schema on PostgreSQL, and calls of its functions as a host makes them."""

import time
from collections import namedtuple

from processes import REPOSITORY

FILES = [
    REPOSITORY / "Sources" / "Persistence" / "PostgreSQL" / "Schema" / f"{name}.sql"
    for name in ("schema", "locking", "reading", "storing", "checking")
]

#: The highest id that clients can use.
MAX_ID = (1 << 53) - 1

Row = namedtuple("Row", "kind id content created_at author client_offset author_name", defaults=[None])
Opening = namedtuple("Opening", "highest_row highest_id epoch_number timeline system last_group")


def schema():
    """The files as one query."""
    return "".join(path.read_text() for path in FILES)


class Database:
    """A database of a PostgresServer."""

    def __init__(self, server, name):
        self.server = server
        self.name = name
        self._connections = []

    def create(self, options=""):
        with self.server.connect("postgres") as connection:
            connection.execute(f"CREATE DATABASE {self.name} {options}")

    def drop(self):
        for connection in self._connections:
            connection.close()
        with self.server.connect("postgres") as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")

    def connect(self, **options):
        """A connection that is closed with the database."""
        connection = self.server.connect(self.name, **options)
        self._connections.append(connection)
        return connection

    def install(self):
        with self.server.connect(self.name) as connection:
            connection.execute(schema())

    def query(self, sql, values=None):
        """Runs one statement on a connection of its own. Returns all rows."""
        with self.server.connect(self.name) as connection:
            cursor = connection.execute(sql, values)
            return cursor.fetchall() if cursor.description else []

    def value(self, sql, values=None):
        return self.query(sql, values)[0][0]

    def insert(self, content, client_offset=None):
        """Inserts a row like a program that does not know chatd. Returns its id."""
        return self.value(
            "INSERT INTO messages (client_offset, content) VALUES (%s, %s) RETURNING id", [client_offset, content])

    def kill_sessions(self):
        """Ends some sessions of servers, chosen at random. Returns their number."""
        return self.value(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND application_name LIKE 'chatd%' AND random() < 0.4")

    def messages(self):
        return self.query("SELECT id, client_offset, content FROM messages ORDER BY id")

    def contents(self):
        return [content for _, _, content in self.messages()]


class Host:
    """A host with an epoch: it counts its groups and knows the highest id that it has published."""

    def __init__(self, database, epoch):
        self.database = database
        self.epoch = epoch
        self.connection = database.connect()
        self.opening = self.open()
        self.watermark = self.opening.highest_row
        self.group = self.opening.last_group

    def open(self):
        values = [self.epoch, int(time.time() * 1000)]
        return Opening(*self.connection.execute("SELECT * FROM chatd_open(%s, %s)", values).fetchone())

    def store(self, *requests, group=None, watermark=None, rows=1000, size=65536, stored_at=1_700_000_000_000):
        """Stores requests of (client offset, content), perhaps with an author and its name. Returns the answer's rows.

        A failed or deferred group keeps its number, as in a host.
        """
        columns = [list(column) for column in zip(*((*request, None, None)[:4] for request in requests))] or [[]] * 4
        answer = [Row(*row) for row in self.connection.execute(
            "SELECT * FROM chatd_store(%s, %s, %s, %s, %s::text[], %s::text[], %s::text[], %s::text[], %s, %s)",
            [self.epoch, group or self.group + 1, self.watermark if watermark is None else watermark, stored_at,
             *columns, rows, size])]
        if answer[-1].kind == "e":
            self.group = group or self.group + 1
        self._publish(answer)
        return answer

    def poll(self, rows=1000, size=65536, watermark=None):
        """Returns the rows of one poll."""
        answer = [Row(*row) for row in self.connection.execute(
            "SELECT * FROM chatd_poll(%s, %s, %s, %s)",
            [self.epoch, self.watermark if watermark is None else watermark, rows, size])]
        self._publish(answer)
        return answer

    def last_group(self):
        return self.connection.execute("SELECT chatd_last_group(%s)", [self.epoch]).fetchone()[0]

    def _publish(self, answer):
        self.watermark = max([self.watermark, *(row.id for row in answer if row.kind in "fs")])


def results(answer):
    """The answers to the requests of a group, as (kind, id)."""
    return [(row.kind, row.id) for row in answer if row.kind in "sr"]


def foreign(answer):
    """The contents of the foreign rows in an answer."""
    return [row.content for row in answer if row.kind == "f"]
