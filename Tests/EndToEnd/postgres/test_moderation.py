"""`chatd admin` at a server whose messages are in PostgreSQL."""

import pytest
from packets import ChatClient
from processes import run_chatd

pytestmark = pytest.mark.timeout(60)


def test_a_deletion_is_refused_and_deletes_nothing(start_chatd, empty_database, tmp_path):
    url = f"postgres://chatd@127.0.0.1:{empty_database.server.port}/{empty_database.name}"
    chatd = start_chatd("--admin-socket", tmp_path / "admin", db=url)
    with ChatClient(chatd.port) as writer:
        writer.say("text", "offset")
    result = run_chatd("admin", "--socket", tmp_path / "admin", "delete", "1")
    assert result.returncode == 69 and "only an SQLite database can" in result.stderr, result
    with ChatClient(chatd.port) as late:
        assert late.read_rows(1)[0][1] == "text"
