"""chatd_store: keys, repeats, order, refusals. The semantic is that of the store on SQLite."""

import hashlib

import psycopg
import pytest
from chat_schema import MAX_ID, Host, foreign, results
from waiting import wait_until


@pytest.fixture
def host(database):
    return Host(database, "epoch-1")


def derived(offset, content, times=1):
    return offset + ("\x01" + hashlib.sha256(content.encode()).hexdigest()) * times


def test_a_group_is_stored_in_the_order_of_its_requests(database, host):
    requests = [(f"x-{number % 7}-{number}", f"text {number}", f"user {number}") for number in range(300)]
    answer = host.store(*requests)
    assert results(answer) == [("s", number + 1) for number in range(300)]
    assert answer[-1].kind == "e" and answer[-1].id == 1
    rows = database.query("SELECT client_offset, content, author, created_at FROM messages ORDER BY id")
    assert rows == [(*request, 1_700_000_000_000) for request in requests]


def test_an_empty_group_answers_with_the_foreign_rows_only(database, host):
    database.insert("foreign", "f")
    answer = host.store()
    assert [row.kind for row in answer] == ["f", "e"]
    assert host.last_group() == 1


def test_a_repeat_gets_the_id_of_its_row(database, host):
    host.store(("a", "one", "anna"), ("b", "two"))
    answer = host.store(("c", "three"), ("a", "one", "berta"), ("d", "four"), ("b", "two"))
    assert [kind for kind, _ in results(answer)] == ["s", "r", "s", "r"]
    assert results(answer)[1] == ("r", 1) and results(answer)[3] == ("r", 2)
    assert database.contents() == ["one", "two", "three", "four"]
    assert database.value("SELECT author FROM messages WHERE id = 1") == "anna"


def test_two_copies_in_one_group_meet(database, host):
    answer = host.store(("a", "one"), ("b", "two"), ("a", "one"), ("a", "one"), ("c", "three"))
    assert [kind for kind, _ in results(answer)] == ["s", "s", "r", "r", "s"]
    assert results(answer)[2:4] == [("r", 1), ("r", 1)]
    assert database.contents() == ["one", "two", "three"]


def test_a_request_without_an_offset_never_repeats(database, host):
    answer = host.store((None, "same"), (None, "same"), ("a", "same"), (None, "same"))
    assert [kind for kind, _ in results(answer)] == ["s"] * 4
    assert [kind for kind, _ in results(host.store((None, "same")))] == ["s"]
    assert database.contents() == ["same"] * 5


def test_other_content_under_a_taken_offset_is_stored_under_a_derived_key(database, host):
    host.store(("undefined-0", "one"))
    answer = host.store(("x", "first"), ("undefined-0", "two"), ("y", "last"), ("undefined-0", "two"))
    ids = [id for _, id in results(answer)]
    assert [kind for kind, _ in results(answer)] == ["s", "s", "s", "r"]
    # A message under a derived key keeps its place among the others.
    assert ids[0] < ids[1] < ids[2] and ids[3] == ids[1]
    assert database.messages()[2][1:] == (derived("undefined-0", "two"), "two")
    assert [kind for kind, _ in results(host.store(("undefined-0", "one"), ("undefined-0", "two")))] == ["r", "r"]


def test_the_chain_continues_if_another_program_changed_the_row_under_the_derived_key(database, host):
    host.store(("a", "one"))
    host.store(("a", "two"))
    database.query("UPDATE messages SET content = 'changed' WHERE content = 'two'")
    assert [kind for kind, _ in results(host.store(("a", "two"), ("a", "two")))] == ["s", "r"]
    assert database.messages()[-1][1:] == (derived("a", "two", 2), "two")
    assert database.contents() == ["one", "changed", "two"]


def test_three_contents_of_one_offset_in_one_group(database, host):
    answer = host.store(("a", "one"), ("a", "two"), ("a", "three"), ("a", "two"), ("a", "one"))
    assert [kind for kind, _ in results(answer)] == ["s", "s", "s", "r", "r"]
    assert database.contents() == ["one", "two", "three"]


@pytest.mark.parametrize("other", ["e\u0301", "É", "é ", ""])
def test_contents_are_compared_by_bytes(database, host, other):
    assert [kind for kind, _ in results(host.store(("a", "é"), ("a", other), ("a", "é")))] == ["s", "s", "r"]
    assert database.contents() == ["é", other]


def test_a_row_of_another_program_can_be_repeated(database, host):
    first = database.insert("tutorial", "a")
    answer = host.store(("a", "tutorial"), ("a", "chatd"))
    assert foreign(answer) == ["tutorial"]
    assert results(answer)[0] == ("r", first) and results(answer)[1][0] == "s"


def test_foreign_rows_are_reported_once_before_the_group(database, host):
    database.insert("f1", "o-1")
    database.query("INSERT INTO messages (content) VALUES (NULL)")
    answer = host.store(("a", "one"))
    assert [row.kind for row in answer] == ["f", "f", "s", "e"]
    first, second = answer[:2]
    assert (first.id, first.content, first.author, first.client_offset) == (1, "f1", None, "o-1")
    assert (second.id, second.content, second.client_offset) == (2, "", None)
    assert first.created_at > 0
    assert [row.kind for row in host.store(("b", "two"))] == ["s", "e"]


def test_rows_of_another_host_have_the_clients_own_offset(database, host):
    other = Host(database, "epoch-2")
    other.store(("a", "one", "anna"), ("a", "two", "x" * 1025))
    answer = host.store()
    assert [(row.content, row.author, row.client_offset) for row in answer if row.kind == "f"] == [
        ("one", "anna", "a"), ("two", None, "a")]
    assert answer[-1].id == 2, "the newest epoch is reported"


def test_too_many_foreign_rows_defer_the_group(database, host):
    database.query("INSERT INTO messages (content) SELECT 'f' || n FROM generate_series(1, 5) n")
    answer = host.store(("a", "one"), rows=3)
    assert [row.kind for row in answer] == ["f", "f", "f", "d"]
    assert host.last_group() == 0 and len(database.messages()) == 5
    answer = host.store(("a", "one"), rows=3)
    assert [row.kind for row in answer] == ["f", "f", "s", "e"]
    assert database.contents()[-1] == "one" and host.last_group() == 1


def test_exactly_the_limit_does_not_defer(database, host):
    database.query("INSERT INTO messages (content) SELECT 'f' || n FROM generate_series(1, 3) n")
    assert [row.kind for row in host.store(("a", "one"), rows=3)] == ["f", "f", "f", "s", "e"]


def test_the_byte_limit_defers_but_lets_one_row_pass(database, host):
    for content in ("x" * 100, "y" * 10, "é" * 3):
        database.insert(content)
    assert [row.kind for row in host.store(("a", "one"), size=15)] == ["f", "d"]
    assert [row.kind for row in host.store(("a", "one"), size=15)] == ["f", "d"]
    assert [row.kind for row in host.store(("a", "one"), size=15)] == ["f", "s", "e"]


def test_a_group_number_counts_once(database, host):
    host.store(("a", "one"), group=7)
    for number in (7, 6):
        with pytest.raises(psycopg.Error) as refused:
            host.store(("b", "two"), group=number)
        assert refused.value.sqlstate == "CH001"
    assert database.contents() == ["one"] and host.last_group() == 7
    host.store(("b", "two"), group=9)
    assert host.last_group() == 9


def test_a_host_without_a_row_is_refused(database, host):
    database.query("DELETE FROM chatd_hosts")
    with pytest.raises(psycopg.Error) as refused:
        host.store(("b", "two"))
    assert refused.value.sqlstate == "CH002"
    assert host.last_group() is None and database.messages() == []


@pytest.mark.parametrize("offset", ["a\x01b", "x" * 257, "é" * 129])
def test_an_offset_that_the_contract_excludes_is_refused(database, host, offset):
    with pytest.raises(psycopg.Error) as refused:
        host.store(("a", "one"), (offset, "two"))
    assert refused.value.sqlstate == "22023"
    assert database.messages() == [] and host.last_group() == 0
    host.store(("x" * 256, "one"), ("x" * 256, "two"))


def test_nul_cannot_be_stored(host):
    """The client refuses to send it, and the server would refuse it too."""
    with pytest.raises(psycopg.DataError):
        host.store(("a", "one\0two"))
    with pytest.raises(psycopg.Error) as refused:
        host.connection.execute("SELECT chr(0)")
    assert refused.value.sqlstate == "54000"


def test_without_read_committed_nothing_is_read_or_stored(database, host):
    host.connection.execute("SET default_transaction_isolation = 'repeatable read'")
    for call in (lambda: host.store(("a", "one")), host.open, host.last_group):
        with pytest.raises(psycopg.Error) as refused:
            call()
        assert refused.value.sqlstate == "CH006"


def test_a_constraint_of_an_operator_fails_the_group_as_a_whole(database, host):
    database.query("ALTER TABLE messages ADD CHECK (content <> 'bad')")
    with pytest.raises(psycopg.errors.CheckViolation):
        host.store(("a", "good"), ("b", "bad"))
    assert database.messages() == [] and host.last_group() == 0
    assert [kind for kind, _ in results(host.store(("a", "good")))] == ["s"]


def test_a_trigger_that_discards_a_row_fails_the_group(database, host):
    database.query("CREATE FUNCTION discard() RETURNS trigger LANGUAGE plpgsql AS"
                   " 'begin if new.content = ''bad'' then return null; end if; return new; end'")
    database.query("CREATE TRIGGER discard BEFORE INSERT ON messages FOR EACH ROW EXECUTE FUNCTION discard()")
    with pytest.raises(psycopg.Error) as refused:
        host.store(("a", "good"), ("b", "bad"))
    assert refused.value.sqlstate == "CH004"
    assert database.messages() == []


def test_ids_that_clients_cannot_use_are_not_reported_and_not_given(database, host):
    insert = "INSERT INTO messages (id, content) OVERRIDING SYSTEM VALUE VALUES (%s, %s)"
    for id in (MAX_ID + 1, 0, -5, 40):
        database.query(insert, [id, f"id {id}"])
    answer = host.store(("a", "one"))
    assert foreign(answer) == ["id 40"] and results(answer) == [("s", 41)]
    assert foreign(host.poll(watermark=-100)) == ["id 40", "one"]
    database.query(insert, [MAX_ID, "last"])
    with pytest.raises(psycopg.Error) as refused:
        host.store(("b", "two"))
    assert refused.value.sqlstate == "CH005"
    assert foreign(host.poll()) == ["last"]


def test_many_groups_use_the_indexes_also_if_the_table_was_small(database, host):
    """A plan that was made while the table was small must not read the whole table later."""
    database.query("ALTER TABLE messages SET (autovacuum_enabled = false)")
    database.query("INSERT INTO messages (client_offset, content) VALUES ('a', 'b'), ('c', 'd')")
    database.query("VACUUM ANALYZE messages")
    for number in range(30):
        host.store(*((f"x-{number}-{copy}", "text") for copy in range(128)))
    host.store(("x-0-0", "other"))
    host.poll()
    # A session reports its numbers when it ends, at the latest.
    host.connection.close()
    numbers = "SELECT idx_scan > 30, seq_tup_read FROM pg_stat_user_tables WHERE relname = 'messages'"
    wait_until(lambda: database.query(numbers)[0][0])
    assert database.query(numbers) == [(True, 0)]
    assert database.value("SELECT max(idx_tup_read) FROM pg_stat_user_indexes WHERE relname = 'messages'") < 500
