"""chatd behind real proxies: pages, hosts, health checks, connection pools and workers."""

import json
import os
import re
import signal
import time

import pytest

from deployed import PROXY_ADDRESS
from engine import SOCKET_IO, polling_target
from ports import free_port
from shipped_files import shipped
from users import TRANSPORTS, User
from waiting import let_time_pass, wait_until
from wire import HTTPConnection, http, refusal

pytestmark = pytest.mark.timeout(60)

TRUSTED = ("--trusted-proxies", PROXY_ADDRESS)
HANDSHAKE = polling_target(SOCKET_IO)
CONFIGS = ["nginx.conf", "haproxy.cfg", "haproxy-tcp.cfg"]

every_config = pytest.mark.parametrize("config", CONFIGS)


def counters(server):
    """The counters that SIGUSR1 logs."""
    before = server.stderr_text().count("counters ")
    server.send_signal(signal.SIGUSR1)
    wait_until(lambda: server.stderr_text().count("counters ") > before)
    line = [line for line in server.stderr_text().splitlines() if "counters " in line][-1]
    return {name: int(value) for name, value in re.findall(r"(\w+)=(\d+)(?= |$)", line)}


def user(proxy, transport):
    return User(None, transport, url=proxy.url(), **proxy.client_options())


@every_config
def test_users_chat(start_chatd, start_proxy, config):
    proxy = start_proxy(config, start_chatd(*TRUSTED).port)
    users = [user(proxy, transport).connect() for transport in TRANSPORTS]
    try:
        for number, each in enumerate(users):
            assert each.say(f"hello {number}") is None
        for each in users:
            assert each.wait_for_rows(3) == [(number + 1, f"hello {number}") for number in range(3)]
    finally:
        for each in users:
            each.leave()


@every_config
def test_pages_of_the_public_host_are_allowed(start_chatd, start_proxy, config):
    proxy = start_proxy(config, start_chatd(*TRUSTED, "--allowed-hosts", "chat.example").port)

    def status(host, origin, path=HANDSHAKE):
        return proxy.request(path=path, headers={"Host": host, "Origin": origin}).status_code

    assert status("chat.example", "https://chat.example") == 200
    assert status("chat.example:443", "https://chat.example") == 200
    assert status("chat.example", "https://evil.example") == 403
    assert status("evil.example", "https://evil.example") == 403
    if config != "haproxy-tcp.cfg":
        assert status("chat.example", "https://chat.example", "/chat" + HANDSHAKE) == 200
        page = proxy.request(path="/chat/")
        assert page.status_code == 200 and "socket.io" in page.text


@pytest.mark.parametrize("trusted", [True, False])
def test_a_proxy_that_changes_the_host_can_name_it(start_chatd, start_proxy, trusted):
    """nginx then sends the name of the upstream as Host."""
    options = ["--allowed-hosts", "chat.example,chatd", *(TRUSTED if trusted else ())]
    changes = [("    proxy_set_header Host $http_host;\n", "")]
    proxy = start_proxy("nginx.conf", start_chatd(*options).port, changes=changes)

    def status(host, origin):
        return proxy.request(path=HANDSHAKE, headers={"Host": host, "Origin": origin}).status_code

    assert status("chat.example", "https://chat.example") == (200 if trusted else 403)
    assert status("chat.example", "https://evil.example") == 403
    assert status("evil.example", "https://evil.example") == 403


def test_nginx_offers_a_health_check(start_chatd, start_proxy):
    chatd = start_chatd(*TRUSTED, "--allowed-hosts", "chat.example")
    proxy = start_proxy("nginx.conf", chatd.port)
    health = proxy.request(path="/health")
    assert health.status_code == 204 and health.content == b""
    chatd.stop()
    assert proxy.request(path="/health").status_code == 502


@pytest.mark.parametrize("config", ["haproxy.cfg", "haproxy-tcp.cfg"])
def test_haproxy_checks_the_health(start_chatd, start_proxy, config):
    chatd = start_chatd(*TRUSTED, "--allowed-hosts", "chat.example")
    changes = [("    option httpchk\n", "    option httpchk\n    option log-health-checks\n")]
    proxy = start_proxy(config, chatd.port, changes=changes)
    wait_until(lambda: re.search(r"succeeded, reason: Layer7 check passed, code: 204", proxy.log()), 20, proxy.log)
    chatd.stop()
    wait_until(lambda: "Server chatd/chatd is DOWN" in proxy.log(), 20, proxy.log)


@pytest.mark.parametrize("config", ["nginx.conf", "haproxy.cfg"])
def test_the_proxy_uses_its_connections_again(start_chatd, start_proxy, config):
    changes = [(" check\n", "\n")] if config.startswith("haproxy") else ()
    chatd = start_chatd(*TRUSTED)
    proxy = start_proxy(config, chatd.port, changes=changes)
    before = counters(chatd)
    session = proxy.session()
    for _ in range(20):
        if config.startswith("nginx"):
            # HAProxy does not send the first request of a client on a connection that may close.
            session = proxy.session()
        assert session.get(proxy.url(HANDSHAKE), timeout=10).status_code == 200
    after = counters(chatd)
    assert after["requests"] - before["requests"] == 20
    assert after["accepted"] - before["accepted"] <= 2


def test_idle_connections_are_closed_after_the_keep_alive_time(start_chatd):
    chatd = start_chatd("--keep-alive", "400")
    with HTTPConnection(chatd.port) as connection:
        for _ in range(3):
            connection.send(connection.request_bytes("GET", HANDSHAKE))
            assert connection.read_response().status == 200
            let_time_pass(0.1)
        start = time.monotonic()
        connection.wait_for_end(5)
        assert 0.1 < time.monotonic() - start < 3


def test_a_short_keep_alive_time_loses_no_requests(start_chatd, start_proxy):
    """chatd closes the proxy's idle connections, and the proxy opens new ones."""
    proxy = start_proxy("nginx.conf", start_chatd(*TRUSTED, "--keep-alive", "100").port)
    for delay in (0, 0.05, 0.1, 0.15, 0.2):
        let_time_pass(delay)
        assert proxy.request(path=HANDSHAKE).status_code == 200


@every_config
def test_workers_share_the_port_behind_the_proxy(supervise, start_proxy, config):
    supervisor = supervise(3, *TRUSTED, "--ports", "shared")
    proxy = start_proxy(config, supervisor.port)
    users = [user(proxy, transport).connect() for transport in [*TRANSPORTS] * 3]
    try:
        for number, each in enumerate(users):
            assert each.say(f"hello {number}") is None
        os.kill(supervisor.worker_pid(0), signal.SIGKILL)
        for number, each in enumerate(users):
            each.say_until_acked(f"again {number}", f"again-{number}")
        for each in users:
            each.wait_for_rows(2 * len(users))
            assert each.rows == users[0].rows
        assert sum(int(worker["taken_over"]) for worker in supervisor.counters()[1]) > 0
    finally:
        for each in users:
            each.leave()


@pytest.mark.parametrize("config", ["nginx-workers.conf", "haproxy-workers.cfg"])
def test_each_client_stays_at_one_worker(supervise, start_proxy, config):
    supervisor = supervise(2, *TRUSTED)
    proxy = start_proxy(config, *supervisor.ports)
    users = [user(proxy, transport).connect() for transport in [*TRANSPORTS] * 2]
    try:
        for number, each in enumerate(users):
            assert each.say(f"hello {number}") is None
        for each in users:
            each.wait_for_rows(len(users))
            assert each.rows == users[0].rows and each.connects == 1
    finally:
        for each in users:
            each.leave()


@pytest.mark.parametrize("config", ["nginx-workers.conf", "haproxy-workers.cfg"])
def test_clients_are_spread_over_the_workers(supervise, start_proxy, config):
    supervisor = supervise(2, *TRUSTED)
    proxy = start_proxy(config, *supervisor.ports)
    owners = set()
    for number in range(20, 44):
        session = proxy.session(f"127.0.0.{number}")
        sid = json.loads(session.get(proxy.url(HANDSHAKE), timeout=10).text[1:])["sid"]
        url = proxy.url(polling_target(SOCKET_IO, sid))
        for _ in range(3):
            assert session.post(url, data="3", timeout=10).text == "ok"
        answers = [http(port, "POST", polling_target(SOCKET_IO, sid), (), "3").text for port in supervisor.ports]
        assert answers.count("ok") == 1
        owners.add(answers.index("ok"))
    assert owners == {0, 1}


@pytest.mark.parametrize("config", ["nginx-workers.conf", "haproxy-workers.cfg"])
def test_clients_recover_after_the_end_of_a_worker(supervise, start_proxy, config):
    supervisor = supervise(2, *TRUSTED)
    proxy = start_proxy(config, *supervisor.ports)
    users = [user(proxy, transport).connect() for transport in TRANSPORTS]
    try:
        assert users[0].say("before") is None
        for pid in supervisor.worker_pids():
            os.kill(pid, signal.SIGKILL)
        for each in users:
            wait_until(lambda each=each: each.connects >= 2, 30, "the client has not come back")
        assert users[1].say("after") is None
        for each in users:
            assert each.wait_for_rows(2) == [(1, "before"), (2, "after")]
    finally:
        for each in users:
            each.leave()


@pytest.mark.parametrize("config", ["nginx-workers.conf", "haproxy-workers.cfg"])
@pytest.mark.parametrize("is_listening", [True, False])
def test_a_request_to_a_port_without_a_worker_is_sent_to_another_one(
    start_chatd, start_proxy, refusing_port, config, is_listening
):
    """Also before a health check has failed. The supervisor answers such a port with 503."""
    chatd = start_chatd(*TRUSTED)
    ports = [refusing_port.number if is_listening else free_port(), chatd.port]
    changes = [(" check inter 1s\n", "\n")] if config.startswith("haproxy") else ()
    proxy = start_proxy(config, *ports, changes=changes)
    for number in range(20, 36):
        session = proxy.session(f"127.0.0.{number}")
        opened = session.get(proxy.url(HANDSHAKE), timeout=10)
        assert opened.status_code == 200
        # nginx does not send a POST again.
        if config.startswith("haproxy"):
            url = proxy.url(polling_target(SOCKET_IO, json.loads(opened.text[1:])["sid"]))
            assert session.post(url, data="40", timeout=10).text == "ok"
    assert not is_listening or {"GET"} <= refusing_port.methods
    assert not is_listening or config.startswith("nginx") or {"GET", "POST"} == refusing_port.methods


@pytest.mark.parametrize("size, is_sent_again", [(1_000, True), (100_000, False)])
def test_haproxy_sends_a_request_again_that_fits_into_its_buffer(
    start_chatd, start_proxy, refusing_port, size, is_sent_again
):
    chatd = start_chatd(*TRUSTED)
    proxy = start_proxy(
        "haproxy-workers.cfg", refusing_port.number, chatd.port, changes=[(" check inter 1s\n", "\n")]
    )
    statuses = set()
    for number in range(20, 36):
        session = proxy.session(f"127.0.0.{number}")
        sid = json.loads(session.get(proxy.url(HANDSHAKE), timeout=10).text[1:])["sid"]
        response = session.post(proxy.url(polling_target(SOCKET_IO, sid)), data="4" + "0" * size, timeout=10)
        statuses.add(response.status_code)
    assert (503 in statuses) != is_sent_again


def test_a_worker_that_ends_before_its_answer_is_not_asked_again(start_proxy, refusing_port):
    """It may have handled the request."""
    refusing_port.answers = False
    changes = [(" check inter 1s\n", "\n")]
    proxy = start_proxy("haproxy-workers.cfg", refusing_port.number, refusing_port.number, changes=changes)
    assert proxy.session().post(proxy.url(HANDSHAKE), data="40", timeout=10).status_code == 502
    assert refusing_port.requests == 1


def test_a_port_without_a_worker_fails_its_health_check(supervise):
    supervisor = supervise(2)
    check = b"OPTIONS / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    status = 204
    while status == 204:
        # Each replacement starts later than the one before.
        pid = wait_until(lambda: supervisor.worker_pid(0), 20)
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: supervisor.worker_pid(0) != pid)
        status = refusal(supervisor.ports[0], check).status
    assert status == 503
    # The PROXY protocol does not change the answer.
    for header in (b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n", b"\r\n\r\n\0\r\nQUIT\n \0\0\0"):
        assert refusal(supervisor.ports[0], header + check).status == 503
    assert refusal(supervisor.ports[0], b"GET / HTTP/1.0\r\n\r\n").status == 503


def test_the_files_name_the_options_that_they_need():
    for config in [*CONFIGS, "nginx-workers.conf", "haproxy-workers.cfg", "Caddyfile"]:
        assert "--trusted-proxies loopback --allowed-hosts chat.example" in shipped(config)
