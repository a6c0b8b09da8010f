"""No id is given twice: after the promotion of a standby, on another system, and after a sequence was set back."""

import psycopg
import pytest
from chat_schema import Database, Host, foreign, results

JUMP = 1 << 20


def test_a_promoted_standby_gives_no_id_again(postgres_template):
    primary = postgres_template.server()
    standby = None
    try:
        database = Database(primary, "chat")
        database.create()
        database.install()
        host = Host(database, "a")
        host.store(*((f"x-{number}", f"text {number}") for number in range(10)))
        standby = primary.standby()
        copy = Database(standby, "chat")

        # A server in recovery is not used, and says so.
        reader = copy.connect()
        assert [row[0] for row in reader.execute("SELECT kind FROM chatd_poll('a', 0, 1000, 65536)")] == ["h"]
        assert copy.query("SELECT * FROM chatd_check()") == [("the server is in recovery",)]
        for call in ("chatd_open('b', 1)", "chatd_last_group('a')",
                     "chatd_store('a', 9, 0, 1, '{}', '{}', '{}', '{}', 1000, 65536)"):
            with pytest.raises(psycopg.Error) as refused:
                reader.execute(f"SELECT * FROM {call}")
            assert refused.value.sqlstate == "CH003"
        assert copy.value("SELECT count(*) FROM messages") == 10

        # More rows than a sequence writes to the log ahead, which the standby does not get any more.
        standby.stop()
        host.store(*((f"lost-{number}", f"lost {number}") for number in range(200)))
        primary.stop(immediate=True)
        standby.start()
        standby.promote()

        # The sessions that began before see the promotion, too. Another program inserts first.
        new = copy.insert("after the promotion")
        assert new == copy.value("SELECT resumes_at FROM chatd_history WHERE number = 2") + 1
        assert new > host.watermark + JUMP // 2
        assert copy.query("SELECT timeline, last_id FROM chatd_history ORDER BY number")[1] == ("00000002", 10)

        host.connection = copy.connect()
        with pytest.raises(psycopg.Error) as refused:
            host.store(("y", "of an old epoch"))
        assert refused.value.sqlstate == "CH003"
        later = Host(copy, "b")
        assert later.opening.timeline == "00000002" and later.opening.system == host.opening.system
        assert results(later.store(("z", "of a new epoch"))) == [("s", new + 1)]
        # Ids of the old epoch are trusted up to the last one that still exists.
        assert copy.query(
            "SELECT e.epoch, (SELECT min(h.last_id) FROM chatd_history h WHERE h.number > e.history)"
            " FROM chatd_epochs e ORDER BY e.number") == [("a", 10), ("b", None)]
        assert copy.query("SELECT * FROM chatd_check()") == []
    finally:
        primary.remove()
        if standby:
            standby.remove()


def test_a_crash_is_no_new_timeline(postgres_template):
    server = postgres_template.server()
    try:
        database = Database(server, "chat")
        database.create()
        database.install()
        host = Host(database, "a")
        host.store(("x", "one"))
        server.restart(immediate=True)
        host.connection = database.connect()
        (kind, id), = results(host.store(("y", "two")))
        # A sequence loses up to 32 values in a crash.
        assert kind == "s" and 1 < id <= 34
        assert database.value("SELECT count(*) FROM chatd_history") == 1
    finally:
        server.remove()


def test_a_dump_on_another_system_gives_no_id_again(database):
    """Its timeline may be the same. `chatd_open` compares the systems."""
    host = Host(database, "a")
    host.store(("x", "one"))
    database.query("UPDATE chatd_history SET system_identifier = 1")
    later = Host(database, "b")
    assert results(later.store(("y", "two"))) == [("s", 1 + JUMP + 1)]
    assert database.query("SELECT timeline, last_id, resumes_at FROM chatd_history WHERE number = 2") == [
        ("00000001", 1, 1 + JUMP)]
    assert Host(database, "c").opening.highest_id == 1 + JUMP + 1


def test_the_jump_starts_at_the_highest_id_even_if_its_row_was_deleted(database):
    database.query("INSERT INTO messages (content) SELECT 'f' FROM generate_series(1, 50)")
    database.query("DELETE FROM messages WHERE id > 20")
    database.query("UPDATE chatd_history SET timeline = '00000000'")
    assert database.insert("new") == 50 + JUMP + 1
    assert database.query("SELECT last_id, resumes_at FROM chatd_history WHERE number = 2") == [(20, 50 + JUMP)]
    assert database.insert("next") == 50 + JUMP + 2


def test_two_serializable_writers_at_a_new_timeline(database):
    """The second one's snapshot is older than the record of the first. It must not set the sequence back."""
    database.query("UPDATE chatd_history SET timeline = '00000000'")
    old = database.connect(autocommit=False, options="-c default_transaction_isolation=serializable")
    old.execute("SELECT count(*) FROM messages")
    first = database.insert("first")
    second = old.execute("INSERT INTO messages (content) VALUES ('second') RETURNING id").fetchone()[0]
    old.commit()
    assert second > first
    assert database.insert("third") == second + 1


@pytest.mark.parametrize("statement", [
    "SELECT setval('messages_id_seq', 2)",
    "ALTER SEQUENCE messages_id_seq RESTART",
    "TRUNCATE messages RESTART IDENTITY",
])
def test_a_sequence_that_was_set_back_is_raised_to_the_watermark(database, statement):
    host = Host(database, "a")
    host.store(*((None, "text") for _ in range(10)))
    database.query(statement)
    assert [id for _, id in results(host.store(("x", "one"), ("y", "two")))] == [11, 12]


def test_a_sequence_that_was_set_back_by_a_program_with_a_higher_row(database):
    """The foreign row raises the watermark in the same call."""
    host = Host(database, "a")
    database.query("INSERT INTO messages (id, content) OVERRIDING SYSTEM VALUE VALUES (500, 'x')")
    answer = host.store(("x", "one"))
    assert foreign(answer) == ["x"] and results(answer) == [("s", 501)]
    database.query("SELECT setval('messages_id_seq', 700, false)")
    assert results(host.store(("y", "two"))) == [("s", 700)]


@pytest.mark.parametrize("level", ["ROW", "STATEMENT"])
def test_a_sequence_that_is_set_back_during_a_group_fails_the_group(database, level):
    """Only a program that ignores the lock can do this. The next attempt succeeds."""
    host = Host(database, "a")
    host.store(*((None, "text") for _ in range(10)))
    database.query(
        "CREATE FUNCTION set_back() RETURNS trigger LANGUAGE plpgsql AS"
        " 'begin if nextval(''messages_id_seq'') > 5 then perform setval(''messages_id_seq'', 3); end if;"
        " return new; end';"
        f"CREATE TRIGGER set_back BEFORE INSERT ON messages FOR EACH {level} EXECUTE FUNCTION set_back();"
        "DELETE FROM messages")
    with pytest.raises(psycopg.errors.SerializationFailure):
        host.store(("a", "x"), ("b", "y"))
    assert database.messages() == []
    database.query("DROP TRIGGER set_back ON messages")
    assert [id for _, id in results(host.store(("a", "x"), ("b", "y")))] == [11, 12]
