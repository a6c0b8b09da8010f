"""Notifications to a service manager such as systemd (sd_notify(3))."""

import os
import shutil
import signal
import socket
import subprocess
import time

import pytest

import processes
from notifications import ServiceManager
from waiting import let_time_pass, wait_until
from wire import Disconnected, http

pytestmark = pytest.mark.timeout(60)

VARIABLES = ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_PID", "LISTEN_FDS"]


@pytest.fixture(params=["path", "abstract"])
def manager(request, tmp_path):
    is_path = request.param == "path"
    manager = ServiceManager(tmp_path / "notify" if is_path else f"@chatd-notify-{os.getpid()}-{tmp_path.name}")
    yield manager
    manager.close()


def test_serve_tells_when_it_is_ready_and_when_it_stops(start_chatd, manager):
    server = start_chatd(environment=manager.environment)
    assert manager.receive() == {
        "READY": "1", "STATUS": f"accepts connections on http://localhost:{server.port}",
    }
    server.send_signal(signal.SIGTERM)
    assert manager.receive() == {"STOPPING": "1", "STATUS": "stopping"}
    assert server.wait() == 0


def test_supervise_tells_how_many_workers_accept_connections(supervise, manager):
    supervisor = supervise(2, environment=manager.environment)
    addresses = " on " + ", ".join(f"http://localhost:{port}" for port in supervisor.ports)
    assert manager.receive() == {"READY": "1", "STATUS": "2 workers accept connections" + addresses}
    os.kill(supervisor.worker_pid(0), signal.SIGKILL)
    assert manager.receive() == {"STATUS": "1 of 2 workers accept connections" + addresses}
    assert manager.receive() == {"STATUS": "2 workers accept connections" + addresses}
    assert supervisor.stop() == 0
    assert manager.receive() == {"STOPPING": "1", "STATUS": "stopping"}


def test_a_reload_is_announced_and_completed(supervise, manager):
    supervisor = supervise(1, environment=manager.environment)
    ready = manager.receive()
    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    supervisor.send_signal(signal.SIGHUP)
    reloading = manager.wait_for("RELOADING")
    after = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    assert reloading["RELOADING"] == "1"
    assert before <= int(reloading["MONOTONIC_USEC"]) <= after
    assert manager.wait_for("READY")["STATUS"] == ready["STATUS"]


@pytest.fixture
def slow_start(tmp_path, manager):
    """`chatd supervise` whose worker 1 waits before it starts, and whose worker 0 can be started only once. Yields the
    process, its port, the path of its log, and a function that lets worker 1 start.
    """
    original = shutil.copy(processes.chatd_binary(), tmp_path / "original")
    program = shutil.copy(original, tmp_path / "chatd")
    gate, started = tmp_path / "gate", tmp_path / "started"
    os.mkfifo(gate)
    script = tmp_path / "script"
    script.write_text(
        f'#!/bin/sh\nif [ "$2" = 1 ]; then read line <{gate}\nelif [ -e {started} ]; then exit 3\n'
        f'else : >{started}\nfi\nexec {original} "$@"\n')
    script.chmod(0o755)
    with socket.socket() as holder, open(tmp_path / "log", "wb") as log:
        # The supervisor waits for its port, and meanwhile the script takes the path that its workers run.
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        words = [program, "supervise", "--workers", "2", "--ports", "shared", "--host", "127.0.0.1"]
        server = subprocess.Popen(
            [*words, "--port", str(port), "--db", "chat.db"], cwd=tmp_path, stderr=log, stdout=subprocess.DEVNULL,
            env=processes.clean_environment(manager.environment))
        script.rename(program)
    yield server, port, tmp_path / "log", lambda: gate.write_text("\n")
    server.terminate()
    assert server.wait(10) == 0


def answers(port):
    try:
        return http(port, "GET", "/").status == 200
    except (ConnectionError, Disconnected):
        return False


def test_a_reload_during_the_start_does_not_end_the_start(slow_start, manager):
    server, port, log, finish_start = slow_start
    wait_until(lambda: answers(port))
    server.send_signal(signal.SIGHUP)
    wait_until(lambda: "worker 0 is not replaced" in log.read_text())
    finish_start()
    message = manager.receive()
    assert message["READY"] == "1" and message["STATUS"].startswith("2 workers accept connections on ")


@pytest.mark.parametrize(
    ("arguments", "variables", "code"),
    [
        (["serve", "--port", "0", "--db", "/none/chat.db"], {}, 69),
        (["serve", "--port", "x"], {}, 64),
        (["supervise", "--workers", "0"], {}, 64),
        (["serve", "--port", "0", "--web-root", "/none"], {}, 69),
        (["supervise", "--workers", "1", "--port", "0", "--web-root", "/none"], {}, 69),
    ],
)
def test_a_failed_start_is_a_status(tmp_path, manager, arguments, variables, code):
    result = processes.run_chatd(*arguments, cwd=tmp_path, environment={**manager.environment, **variables})
    assert result.returncode == code
    assert manager.receive()["STATUS"].startswith("cannot start: ")


@pytest.mark.parametrize("workers", [None, 2])
def test_the_variables_are_not_passed_to_children(start_chatd, supervise, manager, workers):
    environment = {**manager.environment, "WATCHDOG_USEC": "60000000", "LISTEN_PID": "1", "LISTEN_FDS": "3"}
    server = supervise(workers, environment=environment) if workers else start_chatd(environment=environment)
    for child in processes.children(server.pid):
        with open(f"/proc/{child}/environ", "rb") as file:
            names = [entry.split(b"=")[0].decode() for entry in file.read().split(b"\0")]
        assert not set(names) & set(VARIABLES)


@pytest.mark.parametrize("workers", [None, 1])
def test_the_watchdog_gets_signs_of_life_until_the_loop_hangs(start_chatd, supervise, manager, workers):
    environment = {**manager.environment, "WATCHDOG_USEC": "4000000"}
    server = supervise(workers, environment=environment) if workers else start_chatd(environment=environment)
    manager.wait_for("READY")
    times = []
    for _ in range(4):
        manager.wait_for("WATCHDOG")
        times.append(time.monotonic())
    # Two seconds, with time for a busy machine.
    assert max(later - earlier for earlier, later in zip(times, times[1:])) < 4
    assert times[-1] - times[0] > 4
    server.send_signal(signal.SIGSTOP)
    try:
        wait_until(lambda: processes.state(server.pid) == "T")
        with pytest.raises(TimeoutError):
            while True:
                manager.receive(timeout=4.5)
    finally:
        server.send_signal(signal.SIGCONT)


def test_a_watchdog_for_another_process_gets_nothing(start_chatd, manager):
    start_chatd(environment={**manager.environment, "WATCHDOG_USEC": "50000", "WATCHDOG_PID": "1"})
    manager.wait_for("READY")
    let_time_pass(0.3)
    with pytest.raises(TimeoutError):
        manager.receive(timeout=0.01)


def test_a_service_manager_that_does_not_read_does_not_block_the_server(start_chatd, manager):
    # The kernel queues only some messages.
    server = start_chatd(environment={**manager.environment, "WATCHDOG_USEC": "20000"})
    let_time_pass(1.0)
    assert server.stop() == 0
    assert manager.receive()
    manager.wait_for("READY")


@pytest.mark.parametrize("address", ["/none/notify", "relative", "vsock:2:1"])
def test_a_service_manager_that_cannot_be_reached_does_not_matter(start_chatd, address):
    server = start_chatd(environment={"NOTIFY_SOCKET": address})
    assert server.stop() == 0
    assert ("ignored NOTIFY_SOCKET" in server.stderr_text()) == (not address.startswith("/"))
