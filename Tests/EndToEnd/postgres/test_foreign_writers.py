"""Programs that write in every way that SQL has, while readers follow by the highest id: no row is lost."""

import threading
import time

import psycopg
from chat_schema import Host, foreign, results

DURATION = 4.0


def plain(connection, key):
    connection.execute("INSERT INTO messages (client_offset, content) VALUES (%s, 'plain')", [key])


def several(connection, key):
    connection.execute(
        "INSERT INTO messages (client_offset, content) VALUES (%s, 'a'), (%s, 'b'), (NULL, 'c')", [key, key + "b"])


def unnest(connection, key):
    connection.execute(
        "INSERT INTO messages (client_offset, content) SELECT o, 'unnest' FROM unnest(%s::text[]) o",
        [[f"{key}-{copy}" for copy in range(20)]])


def upsert(connection, key):
    for _ in range(2):
        connection.execute(
            "INSERT INTO messages (client_offset, content) VALUES (%s, 'upsert'), (%s, 'upsert')"
            " ON CONFLICT (client_offset) DO NOTHING", [key, key + "b"])


def copy(connection, key):
    with connection.cursor() as cursor, cursor.copy("COPY messages (client_offset, content) FROM STDIN") as rows:
        for number in range(20):
            rows.write_row([f"{key}-{number}", "copy"])


def merge(connection, key):
    connection.execute(
        "MERGE INTO messages m USING (VALUES (%s, 'merge'), (%s, 'merge')) v (k, c) ON m.client_offset = v.k"
        " WHEN NOT MATCHED THEN INSERT (client_offset, content) VALUES (v.k, v.c)", [key, key + "b"])


def common_table_expression(connection, key):
    connection.execute(
        "WITH a AS (INSERT INTO messages (client_offset, content) VALUES (%s, 'first') RETURNING id)"
        " INSERT INTO messages (client_offset, content) SELECT %s, 'after ' || id FROM a", [key, key + "b"])


def savepoints(connection, key):
    with connection.transaction():
        connection.execute("SAVEPOINT s")
        connection.execute("INSERT INTO messages (client_offset, content) VALUES (%s, 'undone')", [key])
        connection.execute("ROLLBACK TO s")
        time.sleep(0.002)
        connection.execute("INSERT INTO messages (client_offset, content) VALUES (%s, 'savepoint')", [key + "b"])
        connection.execute("SAVEPOINT t")
        connection.execute("INSERT INTO messages (client_offset, content) VALUES (%s, 'savepoint')", [key + "c"])
        connection.execute("RELEASE t")
        time.sleep(0.002)


def serializable(connection, key):
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
        connection.execute("SELECT count(*) FROM messages WHERE id = 1")
        time.sleep(0.002)
        connection.execute("INSERT INTO messages (client_offset, content) VALUES (%s, 'serializable')", [key])
        time.sleep(0.002)


WRITERS = [plain, several, unnest, upsert, copy, merge, common_table_expression, savepoints, serializable]


class Crowd:
    """Threads that repeat their work until the time is over."""

    def __init__(self):
        self.deadline = time.monotonic() + DURATION
        self.errors = []
        self._threads = []

    @property
    def is_over(self):
        return time.monotonic() >= self.deadline

    def add(self, work):
        self._threads.append(threading.Thread(target=self._repeat, args=[work], daemon=True))

    def _repeat(self, work):
        try:
            number = 0
            while not self.is_over:
                work(number)
                number += 1
        except Exception as error:
            self.errors.append(f"{work}: {error!r}")

    def run(self):
        for thread in self._threads:
            thread.start()
        for thread in self._threads:
            thread.join(DURATION + 20)
        assert not self.errors and not any(thread.is_alive() for thread in self._threads), self.errors


def test_no_row_is_lost(database):
    crowd = Crowd()
    for way in WRITERS:
        connection = database.connect()

        def write(number, way=way, connection=connection):
            try:
                way(connection, f"{way.__name__}-{number}")
            except psycopg.errors.SerializationFailure:
                pass

        crowd.add(write)

    # Hosts that store groups. Each sees all rows: its own in the answers, the others as foreign ones.
    hosts = [(Host(database, f"host-{number}"), []) for number in range(2)]
    for host, seen in hosts:
        def store(number, host=host, seen=seen):
            keys = [f"{host.epoch}-{number}-{copy}" for copy in range(number % 20)]
            answer = host.store(*((key, "group") for key in keys), rows=200)
            seen.extend(row.id for row in answer if row.kind in "fs")

        crowd.add(store)

    # Hosts that only poll, and one that reads with a plain SELECT.
    followers = [(Host(database, "poll"), [])]
    for host, seen in followers:
        crowd.add(lambda _, host=host, seen=seen: seen.extend(row.id for row in host.poll(200) if row.kind == "f"))
    reader, plainly = database.connect(), [0]
    crowd.add(lambda _: plainly.extend(
        id for id, in reader.execute("SELECT id FROM messages WHERE id > %s ORDER BY id", [plainly[-1]])))
    crowd.run()

    for host, seen in hosts + followers:
        while rows := [row.id for row in host.poll() if row.kind == "f"]:
            seen.extend(rows)
    plainly.extend(
        id for id, in reader.execute("SELECT id FROM messages WHERE id > %s ORDER BY id", [plainly[-1]]))
    stored = [id for id, _, _ in database.messages()]
    assert len(stored) > 1000, "the writers were too slow to prove anything"
    contents = {content.split()[0] for content in database.contents()}
    assert contents >= {
        "plain", "a", "unnest", "upsert", "copy", "merge", "first", "after", "savepoint", "serializable", "group"}
    for seen in [seen for _, seen in hosts + followers] + [plainly[1:]]:
        assert seen == stored, f"{len(set(stored) - set(seen))} of {len(stored)} rows lost"


def test_two_hosts_store_the_same_message_once(database):
    """A client repeats its message at another host after a lost acknowledgement."""
    crowd = Crowd()
    crowd.deadline = time.monotonic() + 1.0
    hosts = [(Host(database, f"host-{number}"), {}) for number in range(3)]
    for host, ids in hosts:
        def store(number, host=host, ids=ids):
            keys = [f"x-{(number * 7 + copy) % 500}" for copy in range(10)]
            answer = host.store(*((key, f"text of {key}") for key in keys))
            for key, (_, id) in zip(keys, results(answer)):
                assert ids.setdefault(key, id) == id

        crowd.add(store)
    crowd.run()
    rows = {offset: id for id, offset, _ in database.messages()}
    assert len(rows) == len(database.messages())
    for _, ids in hosts:
        assert ids.items() <= rows.items()


def test_an_error_in_a_writer_releases_the_lock(database):
    host = Host(database, "a")
    writer = database.connect(autocommit=False)
    writer.execute("INSERT INTO messages (content) VALUES ('x')")
    writer.close()
    database.insert("y")
    assert foreign(host.poll()) == ["y"]
