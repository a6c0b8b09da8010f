"""`chatd export`, `import` and `doctor` with PostgreSQL."""

import json

import pytest

import deleted_messages
import processes
from packets import ChatClient

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def url(empty_database):
    return f"postgres://chatd@127.0.0.1:{empty_database.server.port}/{empty_database.name}"


def run(*arguments):
    result = processes.run_chatd(*arguments, timeout=60)
    assert (result.returncode, result.stderr) == (0, ""), result
    return result.stdout


def test_a_chat_moves_to_postgresql_and_back(tmp_path, url, start_chatd):
    server = start_chatd()
    with ChatClient(server.port) as client:
        client.say("one", "tab-0")
        client.say("other text", "tab-0")
        client.say("three é")
    assert server.stop() == 0
    lines = tmp_path / "lines"
    run("export", "--db", tmp_path / "chat.db", "--to", lines)
    assert "imported 3 messages into postgres://" in run("import", "--from", lines, "--db", url)
    assert "; 3 of them were there already" in run("import", "--from", lines, "--db", url)

    def messages(text):
        return [json.loads(line) for line in text.splitlines() if line.startswith('{"id"')]

    assert messages(run("export", "--db", url)) == messages(lines.read_text())
    server = start_chatd(db=url)
    with ChatClient(server.port) as client:
        client.say("other text", "tab-0")
        client.say("four")
        client.read_until(lambda: len(client.rows) >= 4)
        assert client.texts == ["one", "other text", "three é", "four"]
    doctor = run("doctor", "--db", url).splitlines()
    assert all(line.startswith("ok: ") for line in doctor)
    assert any(line.startswith("ok: messages: 4; highest id assigned: ") for line in doctor)
    assert server.stop() == 0
    back = tmp_path / "back.db"
    run("export", "--db", url, "--to", tmp_path / "again")
    run("import", "--from", tmp_path / "again", "--db", back)
    server = start_chatd(db=back)
    with ChatClient(server.port) as client:
        client.say("other text", "tab-0")
        client.say("four")
        client.say("one", "tab-0")
        client.read_until(lambda: len(client.rows) >= 5)
        assert client.texts == ["one", "other text", "three é", "four", "four"]


@pytest.mark.parametrize("way", ["copy", "import", "import of an export of PostgreSQL"])
def test_repeats_of_deleted_messages_are_recognized_after_a_move(tmp_path, url, start_chatd, way):
    path, lines, target = tmp_path / "chat.db", tmp_path / "lines", url
    deleted_messages.create(start_chatd, path)
    if way == "copy":
        run("copy", "--from", path, "--to", url)
        # An ended copy changes nothing.
        run("copy", "--from", path, "--to", url)
    else:
        run("export", "--db", path, "--to", lines)
        run("import", "--from", lines, "--db", url)
    if way.startswith("import of"):
        again, target = tmp_path / "again", tmp_path / "back.db"
        run("export", "--db", url, "--to", again)
        run("import", "--from", again, "--db", target)
    deleted_messages.check_repeats(start_chatd(db=target).port)


def test_the_doctor_names_what_is_wrong(url, start_chatd, empty_database):
    doctor = processes.run_chatd("doctor", "--db", url)
    assert doctor.returncode == 0 and "a server creates them" in doctor.stdout
    assert start_chatd(db=url).stop() == 0
    with empty_database.connect() as connection:
        connection.execute("ALTER TABLE messages DISABLE TRIGGER ALL")
    doctor = processes.run_chatd("doctor", "--db", url)
    assert doctor.returncode == 1 and "problem: " in doctor.stdout
    unreachable = processes.run_chatd("doctor", "--db", "postgres://chatd@127.0.0.1:1/none")
    assert unreachable.returncode == 1 and unreachable.stdout.startswith("problem: ")
