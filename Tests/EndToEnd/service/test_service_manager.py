"""Notifications to a service manager such as systemd (sd_notify(3))."""

import os
import signal
import time

import pytest

import processes
from notifications import ServiceManager
from waiting import let_time_pass, wait_until

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


def test_a_failed_start_is_a_status(tmp_path, manager):
    result = processes.run_chatd("serve", "--port", "0", "--db", "/none/chat.db", environment=manager.environment)
    assert result.returncode == 69
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
    environment = {**manager.environment, "WATCHDOG_USEC": "1000000"}
    server = supervise(workers, environment=environment) if workers else start_chatd(environment=environment)
    manager.wait_for("READY")
    times = []
    for _ in range(4):
        manager.wait_for("WATCHDOG")
        times.append(time.monotonic())
    # Half a second, with time for a busy machine.
    assert max(later - earlier for earlier, later in zip(times, times[1:])) < 1
    assert times[-1] - times[0] > 1
    server.send_signal(signal.SIGSTOP)
    try:
        wait_until(lambda: processes.state(server.pid) == "T")
        with pytest.raises(TimeoutError):
            while True:
                manager.receive(timeout=1.2)
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
