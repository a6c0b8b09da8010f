"""The configuration file, its precedence, and secrets in what other users of the machine can see."""

import os
import signal
from pathlib import Path

import pytest

import processes
from waiting import wait_until
from wire import http

USAGE = 64
SECRET = "hidden-word"


@pytest.fixture
def write(tmp_path):
    """Writes the configuration file, and returns its path."""
    def write_lines(*lines, mode=0o600):
        path = tmp_path / "chat.conf"
        path.write_text("".join(f"{line}\n" for line in lines))
        path.chmod(mode)
        return path

    return write_lines


def test_a_file_sets_options_with_the_lowest_precedence(start_chatd, write):
    path = write("# limits", "max-payload = 100000", "path = /file/", "ping-interval = 11", "port = 1")
    chatd = start_chatd(
        "--config", path, "--ping-interval", "22000", environment={"CHATD_PATH": "/variable/"})
    assert http(chatd.port, "GET", "/variable/?EIO=4&transport=polling").status == 200
    assert '"pingInterval":22000' in http(chatd.port, "GET", "/variable/?EIO=4&transport=polling").text
    assert '"maxPayload":100000' in http(chatd.port, "GET", "/variable/?EIO=4&transport=polling").text
    line = chatd.stderr_text().splitlines()[0]
    assert f"{path}:2:max-payload=100000" in line and "CHATD_PATH=/variable/" in line and ":port=" not in line


def test_the_file_may_come_from_the_environment(start_chatd, write):
    path = write("path = /file/")
    chatd = start_chatd(environment={"CHATD_CONFIG": str(path)})
    assert http(chatd.port, "GET", "/file/?EIO=4&transport=polling").status == 200


@pytest.mark.parametrize("command", ["serve", "supervise", "health"])
@pytest.mark.parametrize(
    ("lines", "text"), [
        (["", "prot = 1"], "chat.conf:2: unknown key prot (did you mean port?)"),
        (["port = x"], "chat.conf:1: port: \"x\" is not a whole number"),
        (["port 1"], "chat.conf:1: the line is not NAME = VALUE"),
        ([f"backplane redis://:{SECRET}@h"], "chat.conf:1: the line is not NAME = VALUE"),
        (["port = 1", "port = 2", "x = 1"], "chat.conf:2: port is set twice: first in line 1 (and 1 more;"),
        ([f"backplane = http://u:{SECRET}@h"], "chat.conf:1: backplane: the URL does not begin with"),
    ])
def test_a_mistake_in_the_file_is_named_with_its_line(write, command, lines, text):
    result = processes.run_chatd(command, "--config", write(*lines))
    assert result.returncode == USAGE and text in result.stderr and SECRET not in result.stderr
    assert result.stdout == "" and result.stderr.count("\n") == 1


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for name, reason in [("none", "No such file"), (".", "it is a directory"), ("pipe", "it is not a regular file")]:
        result = processes.run_chatd("serve", "--config", tmp_path / name)
        assert result.returncode == USAGE and reason in result.stderr


def test_a_file_with_secrets_that_others_can_read_causes_a_warning(start_chatd, write):
    chatd = start_chatd("--config", write(f"backplane = redis://:{SECRET}@127.0.0.1:1", mode=0o644))
    wait_until(lambda: "is open to every user" in chatd.stderr_text())
    assert SECRET not in chatd.stderr_text()


def test_a_file_with_keys_that_others_can_read_causes_a_warning(start_chatd, tmp_path):
    keys = tmp_path / "keys"
    keys.write_text(SECRET + "0123456789abcdef0123456789abcdef\n")
    keys.chmod(0o640)
    chatd = start_chatd("--auth", "token", "--auth-keys", keys)
    wait_until(lambda: f"{keys} has secrets and is open to its group" in chatd.stderr_text())
    check = processes.run_chatd("check", "serve", "--port", "0", "--auth", "token", "--auth-keys", keys)
    assert check.returncode == 0 and "is open to its group (mode 640); chmod 600" in check.stdout
    assert SECRET not in chatd.stderr_text() + check.stdout + check.stderr


#: Addresses with a mistake, and options that they may be given to.
MALFORMED = [
    f"postgres:/u:{SECRET}@h/d", f"postgres:u:{SECRET}@h/d", f"postgres:///u:{SECRET}@h/d", f"u:{SECRET}@h/d",
    f"mysql://u:{SECRET}@h/d", f"redis:/:{SECRET}@h", f"redis:{SECRET}@h", f"Postgres://u:{SECRET}@h/d",
    f"postgres://u/:{SECRET}@h/d", f"postgres:/h/d?password={SECRET}",
]
TAKERS = [
    ["serve", "--db"], ["serve", "--backplane"], ["check", "--db"], ["check", "--backplane"],
    ["supervise", "--port", "0", "--db"], ["copy", "--to", "postgres://127.0.0.1:1/d", "--from"],
    ["copy", "--from", "x", "--to"], ["export", "--db"], ["import", "--db"], ["doctor", "--db"],
    ["backup", "--to", "x", "--db"], ["restore", "--from", "x", "--db"], ["restore", "--db", "x", "--from"],
    ["emit", "x", "--backplane"], ["emit", "--backplane"], ["health", "--url"], ["serve", "--config"],
    ["serve", "--auth-keys"], ["serve", "--auth"], ["serve"],
]


@pytest.mark.parametrize(
    "arguments", [
        ["serve", "--backplan", f"redis://u:{SECRET}@h"], ["serve", f"--backplan=redis://u:{SECRET}@h"],
        ["serve", f"redis://u:{SECRET}@h"], ["serve", "--port", f"redis://u:{SECRET}@h"],
        [f"--backplane=redis://u:{SECRET}@h", "serve"], ["serve", "--backplane", f"redis://u:{SECRET}/x@h"],
        ["serve", "--cors-origin", f"https://u:{SECRET}@h"], ["health", "--url", f"http://u:{SECRET}@h"],
        ["serve", "--db", f"postgres://u:{SECRET}@127.0.0.1:1/d"],
        ["copy", "--from", "nowhere", "--to", f"postgres://u:{SECRET}@127.0.0.1:1/d"],
        ["emit", "--backplane", f"redis://u:{SECRET}@127.0.0.1:1", "--timeout", "1", "x"],
        ["check", "--backplane", f"redis://u:{SECRET}@127.0.0.1:1", "--db", f"postgres://u:{SECRET}@127.0.0.1:1/d"],
        *([command, *option, f"{address}"] for address in MALFORMED for command, *option in TAKERS),
    ])
def test_an_error_hides_passwords(tmp_path, arguments):
    result = processes.run_chatd(*arguments, cwd=tmp_path)
    assert result.returncode != 0 and (result.stderr or result.stdout)
    assert SECRET not in result.stderr and SECRET not in result.stdout


@pytest.mark.parametrize("address", MALFORMED)
@pytest.mark.parametrize("name", ["db", "backplane"])
def test_an_error_hides_passwords_of_variables_and_of_the_file(write, name, address):
    variable = {f"CHATD_{name.upper()}": address}
    path = write(f"{name} = {address}", mode=0o644)
    for result in [
        processes.run_chatd(command, *options, environment=environment, cwd=path.parent)
        for command in ("serve", "check") for options, environment in (([], variable), (["--config", path], {}))
    ]:
        assert result.returncode != 0 and result.stderr
        assert SECRET not in result.stderr and SECRET not in result.stdout


@pytest.mark.parametrize("option", ["--auth", "--auth-keys", "--auth-cookie"])
def test_an_error_does_not_repeat_a_token_or_key_in_the_wrong_place(tmp_path, option):
    key = f"base64:{SECRET}/0123456789abcdef0123456789abcdef"
    arguments = ["--auth", "token", "--auth-keys", "/nowhere"] if option == "--auth-cookie" else ["--auth", "token"]
    for value in (key, key.removeprefix("base64:"), f"session={key}"):
        for command in ("serve", "check"):
            result = processes.run_chatd(command, *arguments, option, value)
            assert result.returncode == USAGE and SECRET not in result.stderr + result.stdout


def test_workers_have_no_options_in_their_arguments_and_no_log_line_has_a_password(supervise, write):
    path = write(f"backplane = redis://u:{SECRET}@127.0.0.1:1", "max-payload = 100001")
    server = supervise(2, "--config", path, f"--db=file-{SECRET}")
    for pid in server.worker_pids():
        words = processes.command_line(pid)
        assert all(word.isdigit() for word in words[2:] if word), words
        assert SECRET not in " ".join(words)
        assert SECRET not in Path(f"/proc/{pid}/environ").read_text()
        assert "memfd" not in " ".join(os.readlink(entry) for entry in Path(f"/proc/{pid}/fd").iterdir())
    for port in server.ports:
        assert '"maxPayload":100001' in http(port, "GET", "/socket.io/?EIO=4&transport=polling").text
    server.send_signal(signal.SIGUSR1)
    wait_until(lambda: server.stderr_text().count(" counters ") == 3)
    assert f"u:{SECRET}" not in server.stderr_text()


def test_a_worker_needs_the_options_of_its_supervisor():
    result = processes.run_chatd("worker", "0", os.getpid(), "0", "1", "0")
    assert result.returncode == USAGE and "the supervisor has passed no options" in result.stderr
