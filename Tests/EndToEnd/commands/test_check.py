"""`chatd check`: everything that a start needs, without a start."""

import os
import re
import socket
from contextlib import closing

import pytest

import processes
from ports import free_port
from redis_server import RedisServer

OK, USAGE, UNAVAILABLE = 0, 64, 69


@pytest.fixture
def check(tmp_path):
    def run(*arguments, **settings):
        return processes.run_chatd("check", *arguments, cwd=tmp_path, **settings)

    return run


def states(directory):
    return {path.name: (path.stat().st_size, path.stat().st_mtime_ns) for path in directory.iterdir()}


def columns(result):
    return {line.split("  ")[0]: line.split()[-2:] for line in result.stdout.splitlines() if "  " in line}


def test_a_start_that_would_succeed(check, tmp_path):
    result = check("--port", free_port(), environment={"CHATD_MAX_AUTH": "7"})
    assert result.returncode == OK and result.stderr == ""
    assert columns(result)["max-auth"] == ["7", "CHATD_MAX_AUTH"]
    assert columns(result)["recovery"] == ["120000", "default"]
    assert "workers" not in columns(result)
    assert "chat.db does not exist and will be created" in result.stdout
    assert list(tmp_path.iterdir()) == [], "a check makes no file"


def test_all_problems_are_named_at_once(check, tmp_path):
    (tmp_path / "a.conf").write_text("port = x\nbogus = 1\nweb-root = /nowhere\nmax-auth = -1\n")
    result = check("--config", "a.conf", "--db", "/nowhere/chat.db", "--listen", "unix:/nowhere/socket")
    assert result.returncode == USAGE
    lines = result.stderr.splitlines()
    assert all(line.startswith("error: ") for line in lines)
    for part in [
        "a.conf:2: unknown key bogus", "a.conf:1: port: \"x\"", "a.conf:4: max-auth: \"-1\"", "db: cannot open",
        "unix:/nowhere/socket: ", "web-root: /nowhere",
    ]:
        assert len([line for line in lines if part in line]) == 1, (part, lines)
    assert len(lines) == 6


def test_an_unknown_option_is_an_error(check):
    result = check("--prot", "1")
    assert result.returncode == USAGE and "did you mean --port" in result.stderr


def test_what_a_running_chatd_has_is_a_note(check, chatd, tmp_path):
    before = states(tmp_path)
    result = check("serve", "--port", chatd.port)
    assert result.returncode == OK
    assert f"a running chatd (process {chatd.pid}) serves " in result.stdout
    assert f"a running chatd (process {chatd.pid}) has port {chatd.port}" in result.stdout
    assert states(tmp_path) == before


def test_a_closed_database_is_not_changed(check, chatd, tmp_path):
    chatd.stop()
    before = states(tmp_path)
    assert check("--port", free_port()).returncode == OK
    assert states(tmp_path) == before


def test_each_worker_needs_its_port(check):
    port = free_port(2)
    with closing(socket.create_server(("127.0.0.1", port + 1))):
        result = check("--port", port, "--workers", "2")
        assert result.returncode == UNAVAILABLE
        assert f"port {port + 1}: in use by process {os.getpid()} (" in result.stderr
        assert check("serve", "--port", port).returncode == OK
        assert check("--port", port, "--workers", "2", "--ports", "shared").returncode == OK


def test_a_socket_of_another_program_is_in_use_and_a_left_file_is_not(check, tmp_path):
    path = tmp_path / "socket"
    with closing(socket.socket(socket.AF_UNIX)) as other:
        other.bind(str(path))
        other.listen()
        result = check("--listen", f"unix:{path}")
        assert result.returncode == UNAVAILABLE and f"in use by process {os.getpid()}" in result.stderr
    assert check("--listen", f"unix:{path}").returncode == OK
    assert path.exists()


def start_code(tmp_path, *arguments):
    """The exit code of a start that must fail, with its error."""
    result = processes.run_chatd(*arguments, "--db", "chat.db", cwd=tmp_path)
    return result.returncode, result.stderr


@pytest.mark.parametrize("command, shift", [(["serve"], 0), (["supervise", "--workers", "3"], 1)])
def test_the_operator_cannot_have_a_port_of_the_clients(check, tmp_path, command, shift):
    port = free_port(3)
    arguments = [*command, "--port", port, "--admin-port", port + shift]
    result = check(*arguments)
    assert result.returncode == UNAVAILABLE and f"admin-port {port + shift}: the clients have" in result.stderr
    assert check(*command, "--port", port, "--admin-port", free_port()).returncode == OK
    assert check(*arguments, "--host", "127.0.0.1", "--admin-host", "127.0.0.2").returncode == OK
    assert check(*arguments, "--host", "::", "--admin-host", "127.0.0.2").returncode == UNAVAILABLE


def test_the_port_of_the_operator_must_be_free(check):
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = other.getsockname()[1]
        result = check("--port", free_port(), "--admin-port", port, "--admin-host", "127.0.0.1")
        assert result.returncode == UNAVAILABLE
        assert f"admin-port {port}: in use by process {os.getpid()}" in result.stderr


def test_the_named_socket_of_the_operator_must_be_usable(check, tmp_path):
    path = tmp_path / "file"
    path.write_text("not a socket")
    result = check("--port", free_port(), "--admin-socket", path)
    assert result.returncode == UNAVAILABLE and f"{path} is not a socket" in result.stderr
    code, error = start_code(tmp_path, "serve", "--port", 0, "--admin-socket", path)
    assert code == UNAVAILABLE and "choose another --admin-socket" in error, error
    both = tmp_path / "both"
    result = check("--listen", f"unix:{both}", "--admin-socket", both)
    assert result.returncode == UNAVAILABLE and "the clients have this socket" in result.stderr
    path.rename(tmp_path / "chat.db.admin")
    result = check("--port", free_port())
    assert result.returncode == OK and "chatd admin will not work" in result.stdout


def test_every_mistake_of_a_file_is_listed(check, tmp_path):
    (tmp_path / "a.conf").write_text(
        "auth = token\nauth-cookie = session\nmessage-rate = abc\nbyte-rate = 0\nhandshake-rate = 1/x\n"
        "retention = abc\ncors-origin = *\nadmin-ui-password-file = /nowhere\nmax-auth = -1\n")
    result = check("--config", "a.conf", "--port", free_port())
    lines = result.stderr.splitlines()
    assert result.returncode == USAGE
    for part in ["1: auth: ", "3: message-rate: ", "4: byte-rate: ", "5: handshake-rate: ", "6: retention: ",
                 "8: admin-ui-password-file: ", "9: max-auth: "]:
        assert len([line for line in lines if f"a.conf:{part}" in line]) == 1, (part, lines)
    # What is wrong only because of another mistake is none.
    assert len(lines) == 7, lines


@pytest.mark.parametrize("arguments, note", [
    (["--retention", "30"], "only the newest 30 messages"), (["--retention", "30d"], None),
    (["--retention", "5000"], None), (["--trusted-proxies", "0.0.0.0/0"], "it can name any address"),
    (["--trusted-proxies", "10.0.0.1, ::/0"], "it can name any address"), (["--trusted-proxies", "loopback"], None),
    (["--max-rooms", "7"], "--max-rooms: this has no effect without --auth"), (["--max-rooms", "100"], None),
])
def test_values_that_are_rarely_meant_are_noted(check, arguments, note):
    result = check("serve", "--port", free_port(), *arguments)
    notes = [line for line in result.stdout.splitlines() if line.startswith("note: ") and "chat.db" not in line]
    assert result.returncode == OK and len(notes) == (note is not None), notes
    assert note is None or note in notes[0]


def test_the_limits_in_force_are_shown_where_a_value_does_not_say_them(check):
    lines = check("serve", "--port", free_port(), "--byte-rate", "none", "--max-payload", "10000000").stdout
    for name, value in [("message-rate", "auto (100/300)"), ("byte-rate", "none"),
                        ("max-input-memory", "67108864 (raised to 110000000)")]:
        assert re.search(rf"^{name} +{re.escape(value)}  ", lines, re.MULTILINE), lines


@pytest.fixture(scope="module")
def redis_with_password():
    server = RedisServer(requirepass="hidden-word")
    yield server
    server.remove()


def test_the_backplane_must_accept_the_user(check, redis_with_password):
    def result(password):
        url = f"redis://:{password}@127.0.0.1:{redis_with_password.port}"
        return check("--port", free_port(), "--backplane", url)

    assert result("hidden-word").returncode == OK
    refused = result("other-word")
    assert refused.returncode == UNAVAILABLE and "backplane: " in refused.stderr
    assert "other-word" not in refused.stderr + refused.stdout
    unreachable = check("--port", free_port(), "--backplane", f"redis://127.0.0.1:{free_port()}")
    assert unreachable.returncode == UNAVAILABLE and "Connection refused" in unreachable.stderr


def test_a_database_of_postgresql_is_not_changed(check, postgres_server, start_chatd):
    with postgres_server.connect("postgres", autocommit=True) as admin:
        admin.execute("CREATE DATABASE checked")
    url = postgres_server.url("checked")
    arguments = ["--port", free_port(), "--db", url, "--backplane", "postgres"]
    first = check(*arguments)
    assert "without admin-socket and bans" in first.stdout
    assert "note: without" not in check(*arguments, "--admin-socket", "a", "--bans", "b").stdout
    assert first.returncode == OK and "has no tables of chatd, which will be created" in first.stdout
    with postgres_server.connect("checked") as database:
        assert database.execute("SELECT to_regclass('messages')").fetchone() == (None,)
    chatd = start_chatd(db=url)
    running = check(*arguments)
    assert running.returncode == OK and "servers that use" in running.stdout
    chatd.stop()
    with postgres_server.connect("checked", autocommit=True) as database:
        database.execute("DROP TRIGGER chatd_before_insert ON messages")
    broken = check(*arguments)
    assert broken.returncode == UNAVAILABLE and "lacks the trigger" in broken.stderr
    missing = check("--port", free_port(), "--db", postgres_server.url("nowhere"))
    assert missing.returncode == UNAVAILABLE and "nowhere" in missing.stderr


EXAMPLE = processes.REPOSITORY / "docs/deploy/chatd.conf"


def test_the_example_file_is_valid(check):
    result = check("supervise", "--config", EXAMPLE, "--port", free_port(), "--db", "chat.db")
    assert (result.returncode, result.stderr) == (OK, "")


def test_the_options_in_comments_of_the_example_are_valid_too(check, tmp_path):
    lines = dict(re.findall(r"^(?:# )?([a-z-]+) = (.*)$", EXAMPLE.read_text(), re.MULTILINE))
    assert {"backplane", "recovery", "allowed-hosts", "access-log"} <= set(lines)
    (tmp_path / "all.conf").write_text("".join(f"{name} = {value}\n" for name, value in lines.items()))
    # The backplane of the example does not exist, which is no wrong value.
    result = check("--config", "all.conf", "--port", free_port(), "--backplane=", "--db", "chat.db")
    assert (result.returncode, result.stderr) == (OK, "")
