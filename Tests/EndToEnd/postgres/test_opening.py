"""Epochs: chatd_open, chatd_last_group, and the polls that bring new epochs along."""

import psycopg
import pytest
from chat_schema import MAX_ID, Host, foreign, results


def test_an_opening_tells_the_state_of_the_database(database):
    database.query("INSERT INTO messages (content) SELECT 'f' FROM generate_series(1, 5)")
    database.query("DELETE FROM messages WHERE id > 3")
    opening = Host(database, "a").opening
    assert (opening.highest_row, opening.highest_id, opening.epoch_number, opening.last_group) == (3, 5, 1, 0)
    assert opening.timeline == "00000001"
    assert opening.system == database.value("SELECT system_identifier FROM pg_control_system()")
    assert database.query("SELECT epoch, highest_id, timeline, history FROM chatd_epochs") == [("a", 5, "00000001", 1)]


def test_an_empty_database(database):
    opening = Host(database, "a").opening
    assert (opening.highest_row, opening.highest_id) == (0, 0)


def test_ids_outside_of_what_clients_can_use_do_not_count(database):
    insert = "INSERT INTO messages (id, content) OVERRIDING SYSTEM VALUE VALUES (%s, 'x')"
    for id in (-7, MAX_ID + 5):
        database.query(insert, [id])
    opening = Host(database, "a").opening
    assert (opening.highest_row, opening.highest_id) == (0, 0)


def test_a_repeated_opening_changes_nothing(database):
    """So a host may repeat a call whose outcome it does not know."""
    host = Host(database, "a")
    host.store(("x", "one"), group=4)
    Host(database, "b")
    again = host.open()
    assert (again.epoch_number, again.last_group) == (1, 4)
    assert database.value("SELECT count(*) FROM chatd_epochs") == 2


def test_an_opening_waits_for_a_writer(database):
    """Its ids contain everything that was given: an uncommitted row is history for this epoch or above its ids."""
    writer = database.connect(autocommit=False)
    writer.execute("INSERT INTO messages (content) VALUES ('uncommitted')")
    connection = database.connect()
    connection.execute("SET lock_timeout = '200ms'")
    for call in ("SELECT chatd_open('a', 1)", "SELECT chatd_last_group('a')"):
        with pytest.raises(psycopg.errors.LockNotAvailable):
            connection.execute(call)
    writer.commit()
    assert Host(database, "a").opening.highest_row == 1


def test_a_poll_brings_rows_and_epochs_and_the_server(database):
    first, second = Host(database, "a"), Host(database, "b")
    second.store(("x", "one"), ("y", "two"))
    answer = first.poll()
    assert foreign(answer) == ["one", "two"]
    epochs, server = answer[-2:]
    assert (epochs.kind, epochs.id) == ("e", 2)
    assert (server.kind, server.id, server.content) == ("p", first.opening.system, "00000001")
    assert [row.kind for row in first.poll()] == ["e", "p"]


def test_a_poll_has_limits(database):
    host = Host(database, "a")
    database.query("INSERT INTO messages (content) SELECT 'f' || n FROM generate_series(1, 5) n")
    assert [row.kind for row in host.poll(rows=2)] == ["f", "f", "d", "e", "p"]
    assert foreign(host.poll(rows=2)) == ["f3", "f4"]
    assert [row.kind for row in host.poll(rows=2)] == ["f", "e", "p"]


def test_a_poll_waits_for_no_writer_and_misses_none(database):
    host = Host(database, "a")
    writer = database.connect(autocommit=False)
    writer.execute("INSERT INTO messages (content) VALUES ('first')")
    host.connection.execute("SET lock_timeout = '200ms'; SET statement_timeout = '1s'")
    assert foreign(host.poll()) == []
    # A second writer gets no id before the first one has committed.
    other = database.connect()
    other.execute("SET lock_timeout = '200ms'")
    with pytest.raises(psycopg.errors.LockNotAvailable):
        other.execute("INSERT INTO messages (content) VALUES ('second')")
    writer.commit()
    other.execute("INSERT INTO messages (content) VALUES ('second')")
    assert foreign(host.poll()) == ["first", "second"]


def test_a_writer_that_rolls_back_to_a_savepoint_lets_others_pass(database):
    """The rollback releases the lock, and the rows behind it are gone."""
    host = Host(database, "a")
    writer = database.connect(autocommit=False)
    writer.execute("SAVEPOINT s")
    writer.execute("INSERT INTO messages (content) VALUES ('undone')")
    writer.execute("ROLLBACK TO s")
    second = database.insert("second")
    third = writer.execute("INSERT INTO messages (content) VALUES ('third') RETURNING id").fetchone()[0]
    assert foreign(host.poll()) == ["second"]
    writer.commit()
    assert second < third and foreign(host.poll()) == ["third"]


def test_a_backend_that_was_ended_before_its_commit_leaves_the_old_group_number(database):
    host = Host(database, "a")
    host.store(("x", "one"))
    host.connection.execute("BEGIN")
    assert results(host.store(("y", "two"), group=2)) == [("s", 2)]
    pid = host.connection.info.backend_pid
    assert database.value("SELECT pg_terminate_backend(%s, 5000)", [pid])
    assert database.value("SELECT chatd_last_group('a')") == 1
    assert database.contents() == ["one"]
    assert database.value("SELECT chatd_last_group('unknown')") is None


def test_hosts_that_were_not_seen_for_a_week_are_deleted(database):
    """Their epochs stay, because clients may come back with them."""
    dead, paused = Host(database, "dead"), Host(database, "paused")
    database.query("UPDATE chatd_hosts SET seen_at = seen_at - 8 * 86400000::bigint WHERE epoch = 'dead'")
    database.query("UPDATE chatd_hosts SET seen_at = seen_at - 6 * 86400000::bigint WHERE epoch = 'paused'")
    Host(database, "new")
    assert database.query("SELECT epoch FROM chatd_hosts ORDER BY 1") == [("new",), ("paused",)]
    assert database.value("SELECT count(*) FROM chatd_epochs") == 3
    paused.poll()
    assert database.value("SELECT chatd_now() - seen_at FROM chatd_hosts WHERE epoch = 'paused'") < 60_000
    for call in (dead.poll, lambda: dead.store(("x", "y"))):
        with pytest.raises(psycopg.Error) as refused:
            call()
        assert refused.value.sqlstate == "CH002"
