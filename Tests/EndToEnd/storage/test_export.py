"""`chatd export`, `chatd import` and `chatd doctor` as processes."""

import json
import os
import pty
import random
import re
import signal
import sqlite3
import subprocess
import time
from contextlib import closing

import pytest

import big_database
import chat_database
import processes
from packets import ChatClient
from recovering import Recovering

pytestmark = pytest.mark.timeout(120)

BAD_DATA, UNAVAILABLE = 65, 69


@pytest.fixture
def path(tmp_path):
    return tmp_path / "chat.db"


def run(*arguments, stdin=b""):
    """Runs a command with bytes as standard input. Returns its code, and both outputs."""
    result = subprocess.run(
        [processes.chatd_binary(), *map(str, arguments)], env=processes.clean_environment(), input=stdin,
        capture_output=True, timeout=60)
    return result.returncode, result.stdout, result.stderr.decode()


def export(path):
    code, lines, errors = run("export", "--db", path)
    assert (code, errors) == (0, "")
    return lines


def everything(path):
    """All columns of all rows with their storage classes, and the highest assigned id."""
    columns = "id, client_offset, content, created_at, author, author_name"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        database.text_factory = bytes
        types = ", ".join(f"typeof({name})" for name in columns.split(", "))
        return (
            database.execute(f"SELECT {columns}, {types} FROM messages ORDER BY id").fetchall(),
            database.execute("SELECT seq FROM sqlite_sequence WHERE name = 'messages'").fetchall(),
            database.execute("SELECT epoch, started_at, highest_id FROM chatd_epochs ORDER BY number").fetchall())


def test_an_export_is_taken_while_a_server_writes_and_moves_a_chat(tmp_path, path, start_chatd):
    first = start_chatd()
    client = Recovering(first.port)
    for text in ["one", "two é€😀", "three \"quoted\"\n\t"]:
        client.say(text)
    with ChatClient(first.port) as other:
        other.say("same offset", "tab-0")
        other.say("other text", "tab-0")
    lines = [json.loads(line) for line in export(path).splitlines()]
    assert lines[0]["chatd"] == "messages" and lines[0]["messages"] == 5 and lines[-1] == {"end": 5}
    assert [line["content"] for line in lines if "id" in line][:3] == ["one", "two é€😀", "three \"quoted\"\n\t"]
    assert "\0" in lines[-2]["clientOffset"]
    assert first.stop() == 0

    moved = tmp_path / "moved.db"
    code, output, errors = run("import", "--db", moved, stdin=export(path))
    assert (code, errors) == (0, "") and output.decode().startswith(f"imported 5 messages into {moved} in ")
    assert everything(moved) == everything(path)

    second = start_chatd(db=moved.name)
    back = Recovering(second.port, client)
    with ChatClient(second.port) as other:
        other.read_rows(5)
        # Both are repeats.
        other.say("other text", "tab-0")
        other.say("same offset", "tab-0")
        assert other.say("new", "tab-1") == []
        assert len(other.rows) == 6
    assert [text for _, text in back.read_rows(6)][3:] == ["same offset", "other text", "new"]


@pytest.mark.parametrize("seed", range(4))
def test_rows_of_any_program_survive_a_round_trip(tmp_path, path, start_chatd, seed):
    assert start_chatd().stop() == 0
    dice = random.Random(seed)

    def value():
        data = dice.randbytes(dice.randrange(20))
        return dice.choice([None, data, ("text", data), data.decode("utf8", "replace"), "\0\1" + data.hex()])

    with closing(sqlite3.connect(path)) as database:
        for _ in range(500):
            values = [value() for _ in range(4)]
            holders = ["CAST(? AS TEXT)" if isinstance(each, tuple) else "?" for each in values]
            values = [each[1] if isinstance(each, tuple) else each for each in values]
            time_value = dice.choice([0, 1, 2**62, -5, 1.5, float("inf"), "soon", b"\xff", "\xff"])
            database.execute(
                "INSERT OR IGNORE INTO messages (id, created_at, client_offset, content, author, author_name)"
                f" VALUES (?, ?, {', '.join(holders)})",
                (dice.choice([dice.randrange(-9, 2000), dice.randrange(-2**63, 2**63)]), time_value, *values))
        database.commit()
    lines = export(path)
    assert all(json.loads(line) for line in lines.splitlines())
    copy = tmp_path / "copy.db"
    code, _, errors = run("import", "--db", copy, stdin=lines)
    assert (code, errors) == (0, "")
    assert everything(copy)[0] == everything(path)[0]
    assert export(copy).splitlines()[2:] == lines.splitlines()[2:]


def test_a_killed_import_continues_and_a_repeated_one_changes_nothing(tmp_path, path):
    big_database.create(path)
    lines, copy = tmp_path / "lines", tmp_path / "copy.db"
    assert run("export", "--db", path, "--to", lines)[0] == 0
    command = [processes.chatd_binary(), "import", "--from", str(lines), "--db", str(copy)]
    dice = random.Random(3)
    killed = 0
    for _ in range(8):
        process = subprocess.Popen(
            command, env=processes.clean_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        time.sleep(dice.uniform(0, 0.4))
        process.kill()
        killed += process.wait(10) == -signal.SIGKILL
    assert killed > 0
    code, output, _ = run("import", "--from", lines, "--db", copy)
    assert code == 0 and b"imported 40000 messages" in output
    big_database.check(copy)
    before = copy.read_bytes()
    code, output, _ = run("import", "--from", lines, "--db", copy)
    assert code == 0 and b"40000 of them were there already" in output
    assert copy.read_bytes() == before


HEADER = b'{"chatd":"messages","version":2,"messages":2,"assignedID":2}\n'
ROW = b'{"id":%d,"content":"text"}\n'


@pytest.mark.parametrize(("lines", "reason"), [
    (b"", "line 1: the input is empty"),
    (b"hello\n", "line 1: this is no export of chatd: it is no JSON object"),
    (ROW % 1, "line 1: this is no export of chatd: it does not begin an export"),
    (HEADER + b"hello\n", "line 2: it is no JSON object"),
    (HEADER + ROW % 1 + b'{"id":2,"content":5}\n', "line 3: content has another form"),
    (HEADER + ROW % 1, "line 3: the input ends before its last line, after 1 messages; import the complete one"),
    (HEADER + ROW % 1 + b'{"end":2}\n', "line 3: the export has 2 messages, and 1 were read"),
    (HEADER + b'{"end":0}\n' + ROW % 1, "line 3: a line follows the end"),
    (HEADER + ROW % 1 + b'{"id":1,"content":"other"}\n{"end":2}\n',
     "line 3: the database has another message with the id 1"),
    (HEADER.replace(b'"version":2', b'"version":3'),
     "line 1: this is no export of chatd: the export has version 3, and this chatd reads only 1 to 2"),
])
def test_a_line_that_is_none_is_named_with_its_number(tmp_path, lines, reason):
    code, output, errors = run("import", "--db", tmp_path / "new.db", stdin=lines)
    assert (code, output, errors) == (BAD_DATA, b"", f"chatd: {reason}\n")


def test_a_database_in_use_takes_no_import(path, start_chatd):
    server = start_chatd()
    with ChatClient(server.port) as client:
        client.say("own")
    code, _, errors = run("import", "--db", path, stdin=HEADER + ROW % 9 + b'{"end":1}\n')
    assert code == UNAVAILABLE and "serves this database" in errors
    assert server.stop() == 0
    code, _, errors = run("import", "--db", path, stdin=HEADER + ROW % 9 + b'{"end":1}\n')
    assert code == UNAVAILABLE and "messages can only be imported into an empty database" in errors
    assert chat_database.contents(path) == ["own"]


def test_an_interrupted_import_does_not_continue_with_another_export(path):
    part = HEADER + b"".join(ROW % number for number in range(1, 1501))
    code, _, errors = run("import", "--db", path, stdin=part)
    assert code == BAD_DATA and "the input ends before its last line" in errors
    other = HEADER + ROW % 1 + ROW % 2000 + b'{"end":2}\n'
    for _ in range(2):
        code, output, errors = run("import", "--db", path, stdin=other)
        assert (code, output) == (UNAVAILABLE, b"")
        assert f"{path} has 999 messages that are not in this export" in errors
        assert "an import has not ended" in run("serve", "--port", 0, "--db", path)[2]
    path.unlink()
    assert run("import", "--db", path, stdin=other)[0] == 0
    assert [row[0] for row in everything(path)[0]] == [1, 2000]


def shown_at_terminal(*arguments, stdin=subprocess.DEVNULL):
    """Runs a command whose standard error is a terminal, and returns what the terminal gets."""
    terminal, side = pty.openpty()
    try:
        process = subprocess.Popen(
            [processes.chatd_binary(), *arguments], stderr=side, stdout=subprocess.PIPE, stdin=stdin,
            env=processes.clean_environment())
        os.close(side)
        shown = b""
        while True:
            try:
                data = os.read(terminal, 65536)
            except OSError:
                break
            if not data:
                break
            shown += data
        assert process.wait(60) == 0
    finally:
        os.close(terminal)
    return shown


def test_a_terminal_shows_the_progress_with_an_estimate(tmp_path, path):
    big_database.create(path)
    shown = shown_at_terminal("export", "--db", path, "--to", tmp_path / "lines")
    assert b"[..............................] exported 0 of 40000 messages" in shown
    assert re.search(rb"\(\d+\.\d MiB of about 5\d\.\d MiB\), \d+ %", shown)
    # The size of a file is known, and that of a pipe is not.
    shown = shown_at_terminal("import", "--from", tmp_path / "lines", "--db", tmp_path / "a.db")
    assert re.search(rb"imported \d+ of 40000 messages \(\d+\.\d MiB of 5\d\.\d MiB\), \d+ %", shown)
    with subprocess.Popen(["cat", tmp_path / "lines"], stdout=subprocess.PIPE) as pipe:
        shown = shown_at_terminal("import", "--db", tmp_path / "b.db", stdin=pipe.stdout)
    assert re.search(rb"imported \d+ of 40000 messages \(\d+\.\d MiB\), \d+ %", shown)


def test_a_reader_that_goes_away_ends_the_export(path):
    big_database.create(path)
    process = subprocess.Popen(
        [processes.chatd_binary(), "export", "--db", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL, env=processes.clean_environment())
    process.stdout.read(10)
    process.stdout.close()
    assert process.stderr.read() == b"chatd: standard output: Broken pipe\n"
    assert process.wait(10) == UNAVAILABLE


def test_the_doctor_finds_a_healthy_chat_healthy(path, start_chatd):
    server = start_chatd()
    with ChatClient(server.port) as client:
        client.say("one")
    code, output, errors = run("doctor", "--db", path, "--full")
    assert (code, errors) == (0, "")
    lines = output.decode().splitlines()
    assert all(line.split(":")[0] in ("ok", "warning") for line in lines)
    assert f"ok: a server (process {server.pid}) uses it" in lines
    assert "ok: messages: 1; highest id assigned: 1" in lines
