"""SIGHUP makes `supervise` read its configuration file again, and replaces the workers with the new values."""

import os
import signal

import processes
import pytest
from ports import free_port
from waiting import wait_until
from wire import http

pytestmark = pytest.mark.timeout(120)


def max_payload(port):
    answer = http(port, "GET", "/socket.io/?EIO=4&transport=polling").text
    return int(answer.split('"maxPayload":')[1].split("}")[0].split(",")[0])


def reload(server, path, *lines):
    """Writes the file, sends SIGHUP, and waits until every worker is replaced."""
    count = server.stderr_text().count("every worker is replaced")
    path.write_text("".join(f"{line}\n" for line in lines))
    server.send_signal(signal.SIGHUP)
    wait_until(lambda: server.stderr_text().count("every worker is replaced") > count, timeout=60)


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "chat.conf"
    path.write_text("max-payload = 100001\n")
    return path


def test_workers_get_the_new_values_and_keep_those_that_need_a_restart(supervise, path):
    server = supervise(2, "--config", path, "--ports", "shared")
    assert max_payload(server.port) == 100001
    reload(server, path, "max-payload = 100002", "recovery = 1000", "backplane = redis://:hidden-word@127.0.0.1:1")
    assert max_payload(server.port) == 100002
    log = server.stderr_text()
    assert f"read {path} again: new values of max-payload" in log
    assert f"warning: new values of backplane, recovery in {path} need a restart and are not in force" in log
    assert "hidden-word" not in log


def test_a_worker_that_dies_later_has_the_values_of_the_last_reading(supervise, path):
    server = supervise(2, "--config", path, "--ports", "distinct")
    reload(server, path, "max-payload = 100002")
    # An invalid file does not matter for a worker that starts now.
    path.write_text("max-payload = x\n")
    old = server.worker_pid(1)
    os.kill(old, signal.SIGKILL)
    wait_until(lambda: server.worker_pid(1) not in (old, None))
    wait_until(lambda: _serves(server.ports[1]))
    assert max_payload(server.ports[1]) == 100002


def _serves(port):
    try:
        return http(port, "GET", "/").status == 200
    except OSError:
        return False


@pytest.mark.parametrize(
    ("text", "reason"), [
        ("max-payload = 100002\nmax-auth = x\n", "chat.conf:2: max-auth: \"x\" is not a whole number"),
        ("max-payload = 100002\nbogus\n", "chat.conf:2: the line is not NAME = VALUE"),
        ("web-root = /nowhere\n", "/nowhere: No such file or directory"), (None, "No such file or directory"),
    ])
def test_after_an_invalid_file_nothing_changes(supervise, path, text, reason):
    server = supervise(2, "--config", path)
    pids = server.worker_pids()
    if text is None:
        path.unlink()
    else:
        path.write_text(text)
    server.send_signal(signal.SIGHUP)
    wait_until(lambda: "the workers are not replaced" in server.stderr_text())
    assert reason in server.stderr_text()
    assert server.worker_pids() == pids and max_payload(server.ports[0]) == 100001
    reload(server, path, "max-payload = 100003")
    assert max_payload(server.ports[0]) == 100003 and not set(pids) & set(server.worker_pids())


def test_arguments_and_variables_stay_in_force(supervise, path):
    server = supervise(
        1, "--config", path, "--max-auth", "7", environment={"CHATD_MAX_PAYLOAD": "100005"})
    reload(server, path, "max-payload = 100002", "max-auth = 9")
    assert max_payload(server.port) == 100005
    assert "again: no option has changed" in server.stderr_text()


def test_a_bad_edit_of_the_keys_keeps_no_worker_from_starting(supervise, tmp_path):
    keys = tmp_path / "keys"
    keys.write_text("0123456789abcdef0123456789abcdef\n")
    keys.chmod(0o600)
    server = supervise(2, "--auth", "token", "--auth-keys", keys)
    pids = server.worker_pids()
    keys.write_text("short\n")
    server.send_signal(signal.SIGHUP)
    wait_until(lambda: "the workers are not replaced" in server.stderr_text())
    assert f"{keys}:1: the secret has fewer than 32 bytes" in server.stderr_text()
    os.kill(pids[1], signal.SIGKILL)
    wait_until(lambda: server.worker_pid(1) not in (pids[1], None))
    wait_until(lambda: _serves(server.ports[1]))
    keys.write_text("fedcba9876543210fedcba9876543210\n")
    server.send_signal(signal.SIGHUP)
    wait_until(lambda: "every worker is replaced" in server.stderr_text(), timeout=60)
    assert f"read {keys} again: the keys of tokens have changed" in server.stderr_text()


def test_the_operators_port_answers_to_the_new_hosts(supervise, path):
    def status(port, host):
        # An absolute target precedes the header (RFC 9112, section 3.2.2).
        return http(port, "GET", f"http://{host}/healthz").status

    path.write_text("allowed-hosts = a.example\n")
    admin = free_port()
    server = supervise(1, "--config", path, "--admin-port", admin)
    for port in [server.port, admin]:
        assert (status(port, "a.example"), status(port, "b.example")) == (200, 403)
    reload(server, path, "allowed-hosts = b.example")
    for port in [server.port, admin]:
        assert (status(port, "a.example"), status(port, "b.example")) == (403, 200)


def test_a_proxy_that_a_reload_trusts_cannot_be_banned(supervise, path, tmp_path):
    def ban(address):
        return processes.run_chatd("admin", "ban", address, "--for", "1h", cwd=tmp_path)

    path.write_text("trusted-proxies = 192.0.2.1\n")
    server = supervise(1, "--config", path)
    assert "it is this machine or a proxy" in ban("192.0.2.1").stderr
    reload(server, path, "trusted-proxies = 192.0.2.2")
    refused = ban("192.0.2.2")
    assert refused.returncode != 0 and "it is this machine or a proxy" in refused.stderr
    assert ban("192.0.2.1").returncode == 0


def test_serve_does_not_read_the_file_again(start_chatd, path):
    chatd = start_chatd("--config", path)
    path.write_text("max-payload = x\n")
    chatd.was_asked_to_end = True
    assert chatd.stop(signal.SIGHUP) == 0
    assert processes.run_chatd("serve", "--config", path).returncode == 64
