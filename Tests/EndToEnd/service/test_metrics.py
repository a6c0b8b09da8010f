"""What the operator sees: /metrics, /healthz and /readyz."""

import os
import re
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from engine import PollingSession
from metrics import Page, documented, promtool
from packets import ChatClient
from ports import free_port
from processes import run_chatd
from waiting import wait_until
from wire import HTTPConnection, http

pytestmark = pytest.mark.timeout(60)

UNAVAILABLE = 69


@pytest.fixture
def admin():
    return free_port()


def answer(port, target, **settings):
    response = http(port, "GET", target, **settings)
    return response.status, response.text


def status_for(host, port, target):
    """The status of the answer to a request with this Host header."""
    with HTTPConnection(port) as connection:
        connection.send(f"GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        return connection.read_response().status


def is_ready(port):
    return answer(port, "/readyz") == (200, "ok")


# The page


def test_the_page_of_serve_has_what_its_clients_did(start_chatd, admin, tmp_path):
    server = start_chatd("--admin-port", admin)
    promtool("check", "metrics", page=Page(admin).text)
    polling = PollingSession(server.port)
    with ChatClient(server.port) as one, ChatClient(server.port) as two:
        one.say("hello", "o-1")
        one.say("hello", "o-1")
        two.read_rows(1)
        assert http(server.port, "GET", "/socket.io/?EIO=3&transport=polling").status == 400
        page = Page(admin)
        assert page['chatd_connections{transport="websocket"}'] == 2
        assert page['chatd_connections{transport="polling"}'] == 1
        assert page["chatd_messages_received_total"] == 2
        assert page['chatd_messages_total{result="stored"}'] == page['chatd_messages_total{result="repeated"}'] == 1
        assert page['chatd_deliveries_total{kind="message"}'] == page["chatd_delivery_seconds_count"] == 2
        assert page["chatd_acknowledgement_seconds_count"] == 2
        assert page["chatd_commit_seconds_count"] >= 1
        assert page['chatd_refusals_total{reason="unsupported_version"}'] == 1
        assert page["chatd_ready"] == page["chatd_store_up"] == 1
        assert 0 < page["chatd_commit_seconds_sum"] < 10
        assert page["chatd_commit_seconds_sum"] <= page["chatd_acknowledgement_seconds_sum"] * 2 + 0.1
        assert page["chatd_start_time_seconds"] == pytest.approx(time.time(), abs=60)
        assert page["chatd_resident_memory_bytes"] == pytest.approx(server.status("VmRSS"), rel=0.5)
        promtool("check", "metrics", page=page.text)
        # The store keeps messages; other events are kept in memory.
        assert page["chatd_logged_events"] == 0
        announced = run_chatd("admin", "announce", "hello", cwd=tmp_path)
        assert announced.returncode == 0, announced.stderr
        assert Page(admin)["chatd_logged_events"] == 1
    polling.close()
    wait_until(lambda: Page(admin)['chatd_connections{transport="polling"}'] == 0)
    assert Page(admin)['chatd_connections_ended_total{reason="transport_close"}'] == 3


def test_the_document_has_every_metric_of_the_pages_and_no_other(start_chatd, supervise, admin):
    start_chatd("--admin-port", admin)
    other = free_port()
    supervise(1, "--admin-port", other, "--ports", "shared", db="other.db")
    kinds = documented()
    shown = {**Page(admin).kinds, **Page(other).kinds}
    # The others need a second host.
    hosts = {"chatd_backplane_up": "gauge", "chatd_backplane_outages_total": "counter"}
    assert {**shown, **hosts} == kinds


def test_the_page_of_supervise_has_the_sums_of_all_workers(supervise, admin):
    supervisor = supervise(2, "--admin-port", admin)
    with ChatClient(supervisor.ports[0]) as one, ChatClient(supervisor.ports[1]) as two:
        one.say("from one")
        two.say("from two")
        one.read_rows(2)
        two.read_rows(2)
        page = Page(admin)
        assert page['chatd_connections{transport="websocket"}'] == 2
        assert page["chatd_messages_received_total"] == page["chatd_acknowledgement_seconds_count"] == 2
        assert page['chatd_deliveries_total{kind="message"}'] == 4
        assert page['chatd_messages_total{result="stored"}'] == 2
        assert page['chatd_sessions{state="connected"}'] == 2
        assert page["chatd_workers"] == page["chatd_workers_up"] == page["chatd_worker_starts_total"] == 2
        assert page["chatd_worker_restarts_total"] == page["chatd_workers_silent"] == 0
        promtool("check", "metrics", page=page.text)


def expect_no_decrease(before, after):
    smaller = {key for key, value in before.counters.items() if after.values.get(key, -1) < value}
    assert not smaller, smaller


def test_no_counter_decreases_when_a_worker_is_killed(supervise, admin):
    supervisor = supervise(2, "--admin-port", admin)
    one, two = ChatClient(supervisor.ports[0]), ChatClient(supervisor.ports[1])
    one.say("from one")
    two.say("from two")
    before = Page(admin)
    assert before['chatd_connections{transport="websocket"}'] == 2
    os.kill(supervisor.worker_pid(0), signal.SIGKILL)
    wait_until(lambda: Page(admin)["chatd_worker_restarts_total"] == 1)
    wait_until(lambda: Page(admin)["chatd_workers_up"] == 2)
    after = Page(admin)
    expect_no_decrease(before, after)
    assert after['chatd_connections{transport="websocket"}'] == 1
    with ChatClient(supervisor.ports[0]) as third:
        third.say("from three")
        assert Page(admin)["chatd_messages_received_total"] == 3
    one.close()
    two.close()


def test_a_worker_that_is_replaced_leaves_all_its_counts(supervise, admin):
    supervisor = supervise(1, "--admin-port", admin)
    before = Page(admin)
    with ChatClient(supervisor.port) as client:
        client.say("after the last question")
    old = supervisor.worker_pid(0)
    supervisor.send_signal(signal.SIGHUP)
    wait_until(lambda: "every worker is replaced" in supervisor.stderr_text())
    wait_until(lambda: supervisor.worker_pid(0) not in (old, None))
    after = Page(admin)
    expect_no_decrease(before, after)
    assert after["chatd_messages_received_total"] == after["chatd_acknowledgement_seconds_count"] == 1
    assert after["chatd_worker_starts_total"] == 2 and after["chatd_worker_restarts_total"] == 0


def test_a_worker_that_hangs_does_not_hold_up_the_page(supervise, admin):
    supervisor = supervise(2, "--admin-port", admin)
    client = ChatClient(supervisor.ports[0])
    client.say("hello")
    before = Page(admin)
    hanging = supervisor.worker_pid(0)
    os.kill(hanging, signal.SIGSTOP)
    try:
        start = time.monotonic()
        page = Page(admin)
        assert 0.9 < time.monotonic() - start < 5
        assert page["chatd_workers_silent"] == 1
        expect_no_decrease(before, page)
        assert page["chatd_link_queue_bytes"] == 0
        with ChatClient(supervisor.ports[1]) as other:
            for number in range(20):
                other.chat("x" * 40_000, str(number))
            # More than the pipe to the worker holds.
            wait_until(lambda: Page(admin)["chatd_link_queue_bytes"] > 100_000)
    finally:
        os.kill(hanging, signal.SIGCONT)
    wait_until(lambda: Page(admin)["chatd_workers_silent"] == 0)
    wait_until(lambda: Page(admin)["chatd_link_queue_bytes"] == 0)
    client.close()


# Access


def test_the_admin_port_answers_its_three_paths_alone(start_chatd, admin):
    server = start_chatd("--admin-port", admin)
    assert answer(admin, "/healthz") == answer(admin, "/readyz") == (200, "ok")
    for target in ["/", "/metrics/", "/socket.io/?EIO=4&transport=polling", "/page.js"]:
        assert answer(admin, target)[0] == 404
    for target in ["/metrics", "/healthz", "/readyz"]:
        for method in ["POST", "PUT", "DELETE", "OPTIONS"]:
            refused = http(admin, method, target)
            assert (refused.status, refused.header("allow")) == (405, "GET, HEAD")
        assert http(admin, "POST", target, body=b"x" * 100).status == 405
        head = http(admin, "HEAD", target)
        assert head.status == 200 and head.text == "" and head.header("cache-control") == "no-store"
    assert answer(server.port, "/metrics")[0] == 404
    assert server.stdout == [f"server running at http://localhost:{server.port}\n"]
    assert f"metrics at http://localhost:{admin}/metrics" in server.stderr_text()


@pytest.mark.parametrize("options, status", [((), 403), (("--allowed-hosts", "probe.example"), 200)])
def test_the_admin_port_refuses_foreign_hosts(start_chatd, admin, options, status):
    start_chatd("--admin-port", admin, *options)
    for target in ["/metrics", "/healthz", "/readyz"]:
        assert status_for("probe.example", admin, target) == status
        assert status_for("other.example", admin, target) == 403
        for host in ["localhost:80", "127.0.0.1", "[::1]"]:
            assert status_for(host, admin, target) == 200


def listeners(port):
    """The addresses on which something listens at this port, in the kernel's spelling."""
    tables = [Path(f"/proc/net/{name}").read_text().splitlines()[1:] for name in ["tcp", "tcp6"]]
    sockets = [line.split() for table in tables for line in table]
    return sorted(
        address[:-5] for _, address, _, state, *_ in sockets if state == "0A" and int(address[-4:], 16) == port)


LOOPBACK_IPV4, LOOPBACK_IPV6 = "0100007F", "00000000000000000000000001000000"


@pytest.mark.parametrize("command", ["serve", "supervise"])
def test_the_admin_port_is_on_loopback_whatever_the_main_port_is_on(start_chatd, supervise, admin, command):
    start = start_chatd if command == "serve" else lambda *options: supervise(1, *options)
    server = start("--admin-port", admin, "--host", "0.0.0.0")
    assert listeners(server.port) == ["00000000"]
    found = listeners(admin)
    assert LOOPBACK_IPV4 in found and set(found) <= {LOOPBACK_IPV4, LOOPBACK_IPV6}
    assert http(server.port, "GET", "/", host="127.0.0.2").status == 200
    with pytest.raises(ConnectionRefusedError):
        http(admin, "GET", "/healthz", host="127.0.0.2")


def test_the_admin_port_is_where_admin_host_says(start_chatd, admin):
    start_chatd("--admin-port", admin, "--admin-host", "127.0.0.2")
    assert listeners(admin) == ["0200007F"]
    assert http(admin, "GET", "/healthz", host="127.0.0.2").status == 200


def test_a_free_admin_port_is_logged(start_chatd):
    server = start_chatd("--admin-port", "0")
    port = int(re.search(r"metrics at http://localhost:(\d+)/metrics", server.stderr_text())[1])
    assert is_ready(port) and Page(port)["chatd_ready"] == 1


def test_more_connections_than_the_limit_get_503(start_chatd, admin):
    start_chatd("--admin-port", admin)
    held = [HTTPConnection(admin) for _ in range(64)]
    wait_until(lambda: held[-1].request("GET", "/healthz").status == 200)
    with HTTPConnection(admin) as further:
        # The answer comes without a request.
        assert further.read_response().status == 503
    for connection in held:
        connection.close()
    wait_until(lambda: answer(admin, "/healthz") == (200, "ok"))


@pytest.mark.parametrize("command", [["serve"], ["supervise", "--workers", "1"]])
def test_a_taken_admin_port_exits_with_69(tmp_path, command, chatd):
    result = run_chatd(*command, "--port", "0", "--admin-port", chatd.port, "--db", "x.db", cwd=tmp_path)
    assert result.returncode == UNAVAILABLE and result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert str(chatd.port) in line and "--admin-port" in line and "choose another --port" not in line


@pytest.mark.parametrize("value", ["x", "-1", "65536"])
def test_an_impossible_admin_port_is_a_usage_error(value):
    result = run_chatd("serve", "--admin-port", value)
    assert result.returncode == 64 and "--admin-port" in result.stderr


# Readiness


def test_the_main_port_answers_health_checks_of_anybody(start_chatd):
    server = start_chatd("--cors-origin", "https://chat.example")
    for target in ["/healthz", "/readyz"]:
        assert answer(server.port, target, headers=[("Origin", "https://other.example")]) == (200, "ok")
        assert http(server.port, "POST", target).status == 405


def test_a_server_that_drains_is_not_ready(supervise, admin):
    supervisor = supervise(1, "--admin-port", admin, "--drain-timeout", "4000")
    probe = HTTPConnection(supervisor.port)
    assert probe.request("GET", "/readyz").text == "ok"
    # They are sent away one after the other, during two seconds.
    clients = [ChatClient(supervisor.port) for _ in range(20)]
    supervisor.send_signal(signal.SIGTERM)
    wait_until(lambda: answer(admin, "/readyz") == (503, "draining"))
    assert answer(admin, "/healthz") == (200, "ok")

    def worker_drains():
        refused = probe.request("GET", "/readyz")
        return (refused.status, refused.text) == (503, "draining")

    # The worker answers on a connection that it had before. It learns of the end a moment after the supervisor.
    wait_until(worker_drains)
    assert Page(admin)["chatd_ready"] == 0
    for client in clients:
        client.close()
    assert supervisor.wait() == 0


@pytest.mark.parametrize("workers", [0, 2])
def test_a_server_whose_store_takes_no_messages_is_not_ready(start_chatd, supervise, tmp_path, admin, workers):
    options = ["--admin-port", admin]
    server = supervise(workers, *options) if workers else start_chatd(*options)
    # With workers, only the operator's port knows the store.
    ports = [admin] if workers else [admin, *server.ports]
    assert all(map(is_ready, ports))
    other = sqlite3.connect(tmp_path / "chat.db", isolation_level=None)
    with closing(other), ChatClient(server.port) as client:
        other.execute("BEGIN IMMEDIATE")
        client.chat("lost")
        wait_until(lambda: Page(admin)["chatd_store_queue"] == 1)
        wait_until(lambda: all(answer(port, "/readyz") == (503, "store") for port in ports), 30)
        page = Page(admin)
        assert page["chatd_ready"] == page["chatd_store_up"] == 0
        assert page['chatd_messages_total{result="failed"}'] == 1
        assert answer(server.port, "/healthz") == (200, "ok")
        other.execute("ROLLBACK")
        client.say("stored")
        wait_until(lambda: all(map(is_ready, ports)))
        assert Page(admin)["chatd_store_queue"] == 0


def test_a_server_without_workers_is_not_ready(supervise, admin):
    supervisor = supervise(1, "--admin-port", admin)

    def is_refused():
        worker = supervisor.worker_pid(0)
        if worker:
            os.kill(worker, signal.SIGKILL)
        return answer(admin, "/readyz") == (503, "workers")

    wait_until(is_refused, 20)
    wait_until(lambda: is_ready(admin), 30)
