"""The creation of the schema: by several hosts at once, on tables that exist already, in other schemas."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from chat_schema import FILES, Host, results, schema

#: Every row of the catalogue that belongs to chatd, with the transaction that wrote it.
CATALOGUE = """
SELECT oid::text, xmin::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
UNION ALL SELECT oid::text, xmin::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace
UNION ALL SELECT oid::text, xmin::text FROM pg_trigger
UNION ALL SELECT attrelid::text || attname, xmin::text FROM pg_attribute WHERE attrelid = 'messages'::regclass
UNION ALL SELECT 'schema', xmin::text FROM chatd_schema
UNION ALL SELECT 'history', xmin::text FROM chatd_history
ORDER BY 1, 2
"""


def test_the_schema_is_created_and_accepted(database):
    assert database.query("SELECT * FROM chatd_check()") == []
    assert database.insert("hi", "x-1") == 1
    created_at, author = database.query("SELECT created_at, author FROM messages")[0]
    now = database.value("SELECT extract(epoch FROM now()) * 1000")
    assert now - 10_000 < created_at <= now and author is None


def test_a_second_run_changes_nothing_and_waits_for_no_writer(database):
    before = database.query(CATALOGUE)
    writer = database.connect(autocommit=False)
    writer.execute("INSERT INTO messages (content) VALUES ('uncommitted')")
    host = database.connect()
    host.execute("SET lock_timeout = '2s'")
    host.execute(schema())
    assert host.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    assert database.query(CATALOGUE) == before


def test_the_files_may_run_one_after_the_other(empty_database):
    connection = empty_database.connect()
    for path in FILES:
        connection.execute(path.read_text())
    assert empty_database.query("SELECT * FROM chatd_check()") == []


def test_many_hosts_create_the_schema_at_once(empty_database):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: empty_database.install(), range(8)))
    assert empty_database.value("SELECT count(*) FROM chatd_schema") == 1
    assert empty_database.value("SELECT count(*) FROM chatd_history") == 1
    assert empty_database.query("SELECT * FROM chatd_check()") == []


def test_a_newer_schema_is_refused(database):
    database.query("UPDATE chatd_schema SET version = 3")
    with pytest.raises(psycopg.Error, match="version 3, and this program knows only 2") as refused:
        database.install()
    assert refused.value.sqlstate == "CH006"


def make_older(database):
    """Gives the schema the version without names and deleted messages."""
    database.query("ALTER TABLE messages DROP COLUMN author_name")
    database.query("DROP FUNCTION chatd_store")
    database.query("DROP TABLE chatd_deleted")
    database.query("UPDATE chatd_schema SET version = 1")


def test_an_older_schema_is_extended_and_keeps_what_it_has(database):
    Host(database, "a").store(("x", "one", "ann"), ("y", "two"))
    kept = "SELECT (SELECT jsonb_agg(h) FROM chatd_history h), (SELECT jsonb_agg(e) FROM chatd_epochs e)"
    before = database.query(kept)
    make_older(database)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: database.install(), range(4)))
    assert database.query("SELECT version FROM chatd_schema") == [(2,)]
    assert database.query("SELECT * FROM chatd_check()") == []
    assert database.query(kept) == before
    assert database.query("SELECT count(*) FROM chatd_deleted") == [(0,)]
    host = Host(database, "b")
    host.store(("z", "three", "ann", "~Ann"), ("x", "one", "ben", "Ben"))
    assert database.query("SELECT content, author, author_name FROM messages ORDER BY id") == [
        ("one", "ann", None), ("two", None, None), ("three", "ann", "~Ann")]
    assert database.insert("foreign") == 4


def test_an_older_schema_is_not_extended_under_a_server_that_needs_it(database):
    Host(database, "1-abc")
    make_older(database)
    # This one needs no functions.
    database.connect(application_name="chatd emitter")
    server = database.connect(application_name="chatd 1-abc notifications")
    with pytest.raises(psycopg.Error, match="is connected .chatd 1-abc notifications.: stop all") as refused:
        database.install()
    assert refused.value.sqlstate == "CH006"
    server.close()
    database.install()
    assert database.query("SELECT version FROM chatd_schema") == [(2,)]


def test_an_older_schema_needs_its_owner(database):
    make_older(database)
    connection = database.connect()
    role = f"guest_{database.name}"
    connection.execute(f"CREATE ROLE {role}; GRANT SELECT ON chatd_schema TO {role}")
    try:
        connection.execute(f"SET ROLE {role}")
        with pytest.raises(psycopg.Error, match="version 1: start this program once as the role that owns"):
            connection.execute(schema())
    finally:
        connection.execute(f"ROLLBACK; RESET ROLE; DROP OWNED BY {role}; DROP ROLE {role}")


def test_a_table_without_our_columns_gets_them_and_keeps_its_rows(empty_database):
    empty_database.query(
        "CREATE TABLE messages (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, client_offset text UNIQUE,"
        " content text)")
    empty_database.insert("old")
    empty_database.install()
    assert empty_database.query("SELECT id, content, created_at FROM messages") == [(1, "old", 0)]
    host = Host(empty_database, "a")
    assert host.opening.highest_row == 1
    assert results(host.store(("x", "new"))) == [("s", 2)]
    empty_database.insert("foreign")
    assert empty_database.value("SELECT min(created_at) FROM messages WHERE id > 1") > 0


@pytest.mark.parametrize("columns, reason", [
    ("id serial PRIMARY KEY, client_offset text UNIQUE, content text", "id of messages is not bigint GENERATED"),
    ("id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, client_offset text UNIQUE, content text", "GENERATED"),
    ("id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, client_offset text, content text", "unique index"),
    ("id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, content text", "the column client_offset"),
    ("id uuid PRIMARY KEY, client_offset text UNIQUE, content text", "the column id"),
])
def test_an_unsuitable_table_is_refused_and_not_changed(empty_database, columns, reason):
    empty_database.query(f"CREATE TABLE messages ({columns})")
    with pytest.raises(psycopg.Error, match=reason) as refused:
        empty_database.install()
    assert refused.value.sqlstate == "CH006"
    names = "SELECT count(*) FROM pg_class WHERE relname LIKE 'chatd%' OR relname = 'messages'"
    assert empty_database.value(names) == 1
    assert empty_database.value("SELECT count(*) FROM pg_attribute WHERE attname = 'author'") == 0


def test_a_database_in_another_encoding_is_refused(empty_database):
    empty_database.drop()
    empty_database.create("ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    with pytest.raises(psycopg.Error, match="encoding of the database is not UTF8"):
        empty_database.install()


def test_the_first_schema_of_the_search_path_is_used(empty_database):
    """The functions find their tables with any search_path, and no temporary table takes their place."""
    connection = empty_database.connect()
    connection.execute('CREATE SCHEMA "My chat"')
    connection.execute("""SET search_path = missing, "My chat", public""")
    connection.execute(schema())
    assert empty_database.value("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace") == 0
    connection.execute("SET search_path = public")
    connection.execute("CREATE TEMPORARY TABLE messages (id int, content text)")
    connection.execute("CREATE TEMPORARY TABLE chatd_history (number int, timeline text)")
    assert connection.execute("""SELECT epoch_number FROM "My chat".chatd_open('a', 1)""").fetchone() == (1,)
    connection.execute(
        """SELECT "My chat".chatd_store('a', 1, 0, 5, '{x}', '{hi}', '{NULL}', '{NULL}', 1000, 65536)""")
    connection.execute("""INSERT INTO "My chat".messages (content) VALUES ('foreign')""")
    assert connection.execute("""SELECT content FROM "My chat".messages ORDER BY id""").fetchall() == [
        ("hi",), ("foreign",)]
    assert connection.execute("""SELECT * FROM "My chat".chatd_check()""").fetchall() == []


def test_no_schema_of_the_search_path_exists(empty_database):
    connection = empty_database.connect()
    connection.execute("SET search_path = missing")
    with pytest.raises(psycopg.Error, match="no schema of search_path exists"):
        connection.execute(schema())


def test_a_role_that_may_only_insert_needs_no_rights_on_our_tables(database):
    connection = database.connect()
    role = f"writer_{database.name}"
    connection.execute(f"CREATE ROLE {role}")
    try:
        connection.execute(f"GRANT INSERT (client_offset, content) ON messages TO {role}")
        # The trigger also works while it must record a new timeline.
        connection.execute("UPDATE chatd_history SET timeline = '00000000'")
        connection.execute(f"SET ROLE {role}")
        connection.execute("INSERT INTO messages (client_offset, content) VALUES ('a', 'b')")
        with pytest.raises(psycopg.errors.GeneratedAlways):
            connection.execute("INSERT INTO messages (id, content) VALUES (5, 'b')")
        connection.execute("RESET ROLE")
        assert database.value("SELECT count(*) FROM chatd_history") == 2
    finally:
        connection.execute(f"RESET ROLE; DROP OWNED BY {role}; DROP ROLE {role}")
