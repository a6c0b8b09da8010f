"""Names of authors in PostgreSQL: of several hosts, and in exports, imports and copies."""

import json

import pytest

import processes
from details import DetailsClient

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def url(empty_database):
    return f"postgres://chatd@127.0.0.1:{empty_database.server.port}/{empty_database.name}"


def run(*arguments):
    result = processes.run_chatd(*arguments, timeout=60)
    assert (result.returncode, result.stderr) == (0, ""), result
    return result.stdout


def names(client, count):
    """The names in live messages or catch-up; in the history they must be the same."""
    client.read_rows(count)
    assert {id: details for id, _, details in client.history()} == client.details
    return [details.get("name") for details in client.details.values()]


def test_a_name_reaches_the_clients_of_other_hosts(url, start_chatd, empty_database):
    one, other = start_chatd(db=url), start_chatd(db=url)
    with DetailsClient(one.port, details=1, name="Ada") as ada, DetailsClient(other.port, details=1) as reader:
        ada.say("hello", "tab-0")
        reader.read_rows(1)
        reader.say("hi")
        empty_database.query("INSERT INTO messages (content, author_name) VALUES ('foreign', 'Bot')")
        assert names(reader, 3) == names(ada, 3) == ["Ada", None, "Bot"]
        assert [details.get("proved") for details in ada.details.values()] == [False, None, True]
    assert empty_database.query("SELECT author_name FROM messages ORDER BY id") == [("~Ada",), (None,), ("Bot",)]


def test_names_move_to_postgresql_and_back(tmp_path, url, start_chatd, empty_database):
    server = start_chatd()
    with DetailsClient(server.port, details=1, name="Ada") as ada:
        ada.say("one")
    assert server.stop() == 0
    run("copy", "--from", tmp_path / "chat.db", "--to", url)
    assert empty_database.query("SELECT content, author_name FROM messages") == [("one", "~Ada")]
    run("export", "--db", url, "--to", tmp_path / "lines")
    assert '"authorName":"~Ada"' in (tmp_path / "lines").read_text()
    run("import", "--from", tmp_path / "lines", "--db", tmp_path / "back.db")
    with DetailsClient(start_chatd(db=tmp_path / "back.db").port, details=1) as client:
        assert names(client, 1) == ["Ada"]


def test_a_server_extends_an_older_database_and_exports_read_it_before(url, start_chatd, empty_database):
    empty_database.install()
    empty_database.query("INSERT INTO messages (content, author) VALUES ('old', 'ann')")
    empty_database.query("ALTER TABLE messages DROP COLUMN author_name")
    empty_database.query("UPDATE chatd_schema SET version = 1")
    lines = [json.loads(line) for line in run("export", "--db", url).splitlines()]
    assert lines[-2]["author"] == "ann" and "authorName" not in lines[-2]
    assert "of an older version and will be extended" in run("check", "--db", url, "--port", "0")
    with DetailsClient(start_chatd(db=url).port, details=1, name="Ada") as ada:
        ada.say("new")
        assert names(ada, 2) == [None, "Ada"]
    assert empty_database.value("SELECT version FROM chatd_schema") == 2
