"""A database restored from a backup: ids are assigned again, and a client with old ids gets the new rows."""

import sqlite3
from contextlib import closing

import pytest
from recovering import Recovering

pytestmark = pytest.mark.timeout(45)

#: The rows in the backup, the rows given to the client, and all rows after the restore.
KEPT, GIVEN, LATER = 10, 20, 30


@pytest.fixture(params=["serve", "supervise"])
def start(request, start_chatd, supervise):
    """Starts chatd on the test's database."""
    if request.param == "serve":
        return start_chatd
    return lambda *options: supervise(1, *options)


def back_up(path, copy):
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)


def restore(path, copy):
    for suffix in ["", "-wal", "-shm"]:
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    copy.rename(path)


@pytest.fixture(params=["during", "before"])
def returning(request, tmp_path, start):
    """A client with 20 rows, and the restored server: the client knows rows 1 to 10, rows 11 to 30 are new.

    The backup was made during the client's epoch, and contains it, or before that epoch.
    """
    path, copy = tmp_path / "chat.db", tmp_path / "backup.db"
    first = start()
    client = Recovering(first.port)
    for number in range(1, KEPT + 1):
        client.say(f"old {number}")
    back_up(path, copy)
    if request.param == "before":
        # The backup does not contain the following epoch.
        assert first.stop() == 0
        first = start()
        client = Recovering(first.port)
        client.read_rows(KEPT)
    for number in range(KEPT + 1, GIVEN + 1):
        client.say(f"old {number}")
    assert first.stop() == 0

    restore(path, copy)
    second = start()
    other = Recovering(second.port, auth={"serverOffset": KEPT})
    for number in range(KEPT + 1, LATER + 1):
        other.say(f"new {number}")
    assert [identifier for identifier, _ in other.rows] == list(range(KEPT + 1, LATER + 1))
    return request.param, client, second


def rows_from(first):
    return [(number, f"{'old' if number <= KEPT else 'new'} {number}") for number in range(first, LATER + 1)]


@pytest.mark.parametrize("server_offset", [None, GIVEN], ids=["offset alone", "with serverOffset"])
@pytest.mark.parametrize("has_pid", [True, False], ids=["with pid", "without pid"])
def test_a_client_with_the_old_state_gets_every_new_row(returning, has_pid, server_offset):
    taken, before, server = returning
    auth = {"offset": before.offset}
    if has_pid:
        auth["pid"] = before.pid
    if server_offset is not None:
        auth["serverOffset"] = server_offset
    # A backup with the client's epoch has its highest id. For any other backup, the client's rows are foreign.
    expected = rows_from(KEPT + 1 if taken == "during" else 1)
    client = Recovering(server.port, auth=auth)
    assert client.read_rows(len(expected)) == expected


def test_a_client_from_another_database_may_ask_for_the_latest(returning):
    taken, before, server = returning
    expected = rows_from(KEPT + 1) if taken == "during" else rows_from(1)[-3:]
    auth = {"offset": before.offset, "serverOffset": GIVEN, "latest": 3}
    client = Recovering(server.port, auth=auth)
    assert client.read_rows(len(expected)) == expected


def test_a_server_offset_without_an_offset_is_trusted(returning):
    """A documented limit: without an offset, chatd cannot detect that the client has rows of another state."""
    _, _, server = returning
    client = Recovering(server.port, auth={"serverOffset": GIVEN})
    assert client.read_rows(LATER - GIVEN) == rows_from(GIVEN + 1)


def test_an_offset_of_another_form_is_ignored(returning):
    _, _, server = returning
    client = Recovering(server.port, auth={"serverOffset": GIVEN, "offset": "1700000000000-0"})
    assert client.read_rows(LATER - GIVEN) == rows_from(GIVEN + 1)
