"""The lock of the writers: who holds it, and how a host that hangs is removed."""

import psycopg
import pytest
from chat_schema import Database, Host, foreign
from waiting import wait_until


def holders(database):
    return [row[0] for row in database.query("SELECT chatd_lock_holders()")]


def begin(database, name, statement="INSERT INTO messages (content) VALUES ('x')"):
    """A transaction that holds the lock."""
    connection = database.connect(autocommit=False, application_name=name)
    connection.execute(statement)
    return connection


def test_nobody_holds_the_lock(database):
    Host(database, "a").store(("x", "y"))
    assert holders(database) == []


def test_an_open_transaction_of_another_program_is_named_and_left_alone(database):
    connection = begin(database, "report tool")
    [holder] = holders(database)
    assert holder.startswith(f"process {connection.info.backend_pid} of chatd (report tool, idle in transaction) for ")
    assert "ended" not in holder
    connection.commit()
    assert database.contents() == ["x"] and holders(database) == []


def test_a_session_of_chatd_that_waits_for_its_host_is_ended(database):
    connection = begin(database, "chatd abcdefgh", "SELECT chatd_lock()")
    [holder] = holders(database)
    assert "chatd abcdefgh" in holder and holder.endswith(", which is ended now")
    wait_until(lambda: holders(database) == [])
    with pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT 1")


def test_a_session_of_chatd_that_works_is_left_alone(database):
    connection = database.connect(application_name="chatd abcdefgh")
    pipeline = connection.pgconn
    pipeline.send_query(b"SELECT chatd_lock(), pg_sleep(2)")
    wait_until(lambda: holders(database) != [])
    [holder] = holders(database)
    assert "(chatd abcdefgh, active)" in holder and "ended" not in holder


def test_a_prepared_transaction_is_named(postgres_template):
    server = postgres_template.server(max_prepared_transactions=5)
    try:
        database = Database(server, "chat")
        database.create()
        database.install()
        connection = begin(database, "two-phase")
        connection.execute("PREPARE TRANSACTION 'forgotten'")
        [holder] = holders(database)
        assert holder.startswith("the prepared transaction 'forgotten' for ")
        database.query("ROLLBACK PREPARED 'forgotten'")
        assert holders(database) == []
    finally:
        server.remove()


def test_a_row_that_was_polled_survives_a_crash(postgres_template):
    """Also if its program did not wait for the disk. Otherwise its id would be given again."""
    server = postgres_template.server(fsync=True, wal_writer_delay="10s")
    try:
        database = Database(server, "chat")
        database.create()
        database.install()
        host = Host(database, "a")
        writer = database.connect()
        writer.execute("SET synchronous_commit = off")
        for number in range(20):
            writer.execute("INSERT INTO messages (content) VALUES (%s)", [f"text {number}"])
        seen = foreign(host.poll())
        server.restart(immediate=True)
        assert seen == [f"text {number}" for number in range(20)]
        assert database.contents() == seen
        assert database.insert("later") > host.watermark
    finally:
        server.remove()
