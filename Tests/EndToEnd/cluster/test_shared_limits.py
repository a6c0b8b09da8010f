"""Limits that the workers of a supervisor share."""

import os
import signal
import threading
import time
from contextlib import ExitStack, suppress

import pytest

from details import DetailsClient
from metrics import Page
from packets import ChatClient
from ports import free_port
from tokens import token
from waiting import let_time_pass, wait_until
from wire import HTTPConnection

pytestmark = pytest.mark.timeout(120)

HANDSHAKE = "/socket.io/?EIO=4&transport=polling"
ADDRESS = "203.0.113.7"
KEY = "a key that only the issuer of tokens and chatd know"


def opens_session(port, address=ADDRESS):
    """True if a client that a trusted proxy names may open a session; false if it is refused by a limit."""
    with HTTPConnection(port) as http:
        status = http.request("GET", HANDSHAKE, headers=[("X-Forwarded-For", address)]).status
    assert status in (200, 429)
    return status == 200


def count_opened(port, limit):
    """Opens sessions until one is refused, and returns their number."""
    for number in range(limit):
        if not opens_session(port):
            return number
        let_time_pass(0.1)
    return limit


def test_the_sessions_of_an_address_count_at_all_workers(supervise):
    admin = free_port()
    server = supervise(
        2, "--trusted-proxies", "loopback", "--max-address-connections", "20", "--admin-port", admin)
    one, other = server.ports
    assert [opens_session(one) for _ in range(15)] == [True] * 15
    assert 0 < count_opened(other, 20) < 20
    assert Page(admin)['chatd_refusals_total{reason="address_sessions"}'] == 1
    # The other worker has its own ones only when the first one is gone.
    os.kill(server.worker_pid(0), signal.SIGKILL)
    wait_until(lambda: opens_session(other), timeout=20)


def test_the_sessions_that_an_address_opens_in_a_second_count_at_all_workers(supervise):
    server = supervise(2, "--trusted-proxies", "loopback", "--handshake-rate", "1/40")
    one, other = server.ports
    assert [opens_session(one) for _ in range(40)] == [True] * 40
    assert count_opened(other, 40) < 40
    assert opens_session(other, "203.0.113.8")


def test_the_connections_of_all_workers_count(supervise):
    server = supervise(2, "--max-connections", "6")
    one, other = server.ports
    # The workers' ports have connections of the test's start too, until they are closed.
    clients = [DetailsClient(one) for _ in range(5)]

    def is_refused():
        with HTTPConnection(other) as first, HTTPConnection(other) as second:
            try:
                first.request("GET", "/")
                return second.read_response(timeout=0.2).status == 503
            except TimeoutError:
                return False

    wait_until(is_refused, timeout=20)
    for client in clients:
        client.close()
    wait_until(lambda: not is_refused(), timeout=20)


def test_the_connections_of_a_user_share_the_rate_at_all_workers(supervise, tmp_path):
    keys = tmp_path / "keys"
    keys.write_text(f"{KEY}\n")
    keys.chmod(0o600)
    server = supervise(2, "--auth", "token", "--auth-keys", keys, "--message-rate", "20/20")
    begin = time.monotonic()
    times = {}

    def talk(name, port):
        with DetailsClient(port, token=token(name, KEY)) as client:
            acks = [client.chat(f"{name} {port} {number}", f"{name}-{port}-{number}") for number in range(100)]
            client.read_until(lambda: all(ack in client.acks for ack in acks), 60)
            times[name, port] = time.monotonic() - begin

    users = [("ann", port) for port in server.ports] + [("bob", server.ports[0])]
    threads = [threading.Thread(target=talk, args=user) for user in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    assert len(times) == 3
    # 200 messages at 20 a second, less what each worker allows before it hears of the other. With rates of their own,
    # both would take four seconds.
    assert max(times["ann", port] for port in server.ports) > 6


def test_the_clients_of_an_address_share_rates_at_all_workers(supervise):
    server = supervise(
        2, "--trusted-proxies", "loopback", "--message-rate", "20/20", "--max-address-rates", "2", "--ports", "shared")
    begin = time.monotonic()
    times = {}

    def talk(address, number):
        name = f"{address}-{number}"
        with ChatClient(server.port, headers=[("X-Forwarded-For", address)]) as client:
            acks = [client.chat(f"{name} {message}", f"{name}-{message}") for message in range(60)]
            client.read_until(lambda: all(ack in client.acks for ack in acks), 60)
            times[name] = time.monotonic() - begin

    clients = [(ADDRESS, number) for number in range(8)] + [("203.0.113.8", 0)]
    threads = [threading.Thread(target=talk, args=client) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    assert len(times) == 9
    # 480 messages at 40 a second, less what each worker allows before it hears of the other. With rates of their own
    # alone, all would take two seconds, and with rates of an address at each worker six.
    other = times.pop("203.0.113.8-0")
    assert max(times.values()) > max(8, other + 2), (times, other)


@pytest.mark.parametrize("way", ["many connections", "one after the other"])
def test_an_address_cannot_go_around_the_rates_with_many_connections(start_chatd, way):
    """The same number of bytes in the same time, whatever the connections."""
    server = start_chatd("--trusted-proxies", "loopback", "--byte-rate", "20000/100000", "--max-address-rates", "3")
    headers = [("X-Forwarded-For", ADDRESS)]
    text = "x" * 10_000
    end = time.monotonic() + 5
    with ExitStack() as open_clients, ChatClient(server.port) as witness:
        while time.monotonic() < end:
            client = ChatClient(server.port, headers=headers)
            for _ in range(4):
                client.chat(text)
            if way == "one after the other":
                # What the server has read is handled, so a client can send it and go.
                client.close()
            else:
                open_clients.callback(client.close)
            let_time_pass(0.05)
            with suppress(TimeoutError):
                while True:
                    witness.read_one(0.01)
        stored = len(witness.rows) * len(text)
    # At most the burst of 300 kB, 60 kB a second and one read of each client that went: a few hundred kB, and not the
    # 4 MB that a hundred clients have sent.
    assert 50_000 < stored < 1_500_000, stored


def test_the_clients_of_an_address_share_the_rate_of_missed_messages_at_all_workers(supervise):
    server = supervise(
        2, "--trusted-proxies", "loopback", "--message-rate", "none", "--byte-rate", "none",
        "--history-rate", "50000/100000", "--max-address-rates", "1")
    with ChatClient(server.ports[0], headers=[("X-Forwarded-For", "203.0.113.9")]) as writer:
        for number in range(60):
            writer.say(f"{number} " + "x" * 5000)
        expected = list(writer.rows)
        times = {}

        def read(name, port, address):
            begin = time.monotonic()
            with ChatClient(port, headers=[("X-Forwarded-For", address)]) as reader:
                assert reader.read_rows(61, 60)[:60] == expected
                times[name] = time.monotonic() - begin

        readers = [(number, port, ADDRESS) for number, port in enumerate(server.ports * 3)]
        threads = [threading.Thread(target=read, args=reader) for reader in readers]
        threads.append(threading.Thread(target=read, args=("other", server.ports[1], "203.0.113.8")))
        for thread in threads:
            thread.start()
        let_time_pass(1)
        # A new message comes after those that a client has missed, and at once to one that has them.
        writer.say("news", timeout=5)
        for thread in threads:
            thread.join(90)
    assert len(times) == 7
    # A client has 300 kB, 65 kB of them at once. The six of the address need 1.4 MB, less the burst, at 50 kB a second;
    # with a rate of each worker's own they would need half the time.
    other = times.pop("other")
    assert max(times.values()) > max(16, other + 5), (times, other)
