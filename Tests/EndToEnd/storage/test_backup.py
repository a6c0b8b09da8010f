"""A database restored from a backup: ids are assigned again, and a client with old ids gets the new rows."""

import sqlite3
from contextlib import closing

import pytest
from recovering import Recovering

pytestmark = pytest.mark.timeout(45)

#: The number of rows in the backup, of rows that the client has received, and of all rows after the restore.
BACKED_UP, RECEIVED, TOTAL = 10, 20, 30


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
def restored(request, tmp_path, start):
    """A client that has received 20 rows, and a server restored from a backup of the first 10 of them.

    After the restore, other messages got the ids 11 to 30. The backup was made during the client's epoch, and contains
    that epoch, or before it.
    """
    path, copy = tmp_path / "chat.db", tmp_path / "backup.db"
    first = start()
    client = Recovering(first.port)
    for number in range(1, BACKED_UP + 1):
        client.say(f"old {number}")
    back_up(path, copy)
    if request.param == "before":
        # The backup does not contain the following epoch.
        assert first.stop() == 0
        first = start()
        client = Recovering(first.port)
        client.read_rows(BACKED_UP)
    for number in range(BACKED_UP + 1, RECEIVED + 1):
        client.say(f"old {number}")
    assert first.stop() == 0

    restore(path, copy)
    second = start()
    other = Recovering(second.port, auth={"serverOffset": BACKED_UP})
    for number in range(BACKED_UP + 1, TOTAL + 1):
        other.say(f"new {number}")
    assert [identifier for identifier, _ in other.rows] == list(range(BACKED_UP + 1, TOTAL + 1))
    return request.param, client, second


def rows_from(first):
    return [(number, f"{'old' if number <= BACKED_UP else 'new'} {number}") for number in range(first, TOTAL + 1)]


@pytest.mark.parametrize("server_offset", [None, RECEIVED], ids=["offset alone", "with serverOffset"])
@pytest.mark.parametrize("has_pid", [True, False], ids=["with pid", "without pid"])
def test_a_client_with_the_old_state_gets_every_new_row(restored, has_pid, server_offset):
    backup_time, before, server = restored
    auth = {"offset": before.offset}
    if has_pid:
        auth["pid"] = before.pid
    if server_offset is not None:
        auth["serverOffset"] = server_offset
    # A backup with the client's epoch has its highest id. For any other backup, the client's rows are foreign.
    expected = rows_from(BACKED_UP + 1 if backup_time == "during" else 1)
    client = Recovering(server.port, auth=auth)
    assert client.read_rows(len(expected)) == expected


def test_a_client_from_another_database_may_ask_for_the_latest(restored):
    backup_time, before, server = restored
    expected = rows_from(BACKED_UP + 1) if backup_time == "during" else rows_from(1)[-3:]
    auth = {"offset": before.offset, "serverOffset": RECEIVED, "latest": 3}
    client = Recovering(server.port, auth=auth)
    assert client.read_rows(len(expected)) == expected


def test_a_server_offset_without_an_offset_is_trusted(restored):
    """A documented limit: without an offset, chatd cannot detect that the client has rows of another state."""
    _, _, server = restored
    client = Recovering(server.port, auth={"serverOffset": RECEIVED})
    assert client.read_rows(TOTAL - RECEIVED) == rows_from(RECEIVED + 1)


def test_an_offset_of_another_form_is_ignored(restored):
    _, _, server = restored
    client = Recovering(server.port, auth={"serverOffset": RECEIVED, "offset": "1700000000000-0"})
    assert client.read_rows(TOTAL - RECEIVED) == rows_from(RECEIVED + 1)
