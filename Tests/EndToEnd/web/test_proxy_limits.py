"""The limit of an address's connections behind a proxy that speaks the PROXY protocol."""

import socket
import struct

import pytest

from waiting import wait_until
from wire import HTTPConnection

HANDSHAKE = "/socket.io/?EIO=4&transport=polling"
HEALTH = "/healthz"
CLIENT = "203.0.113.7"


def version1(address):
    return f"PROXY TCP4 {address} 127.0.0.1 4242 3000\r\n".encode()


def version2(address):
    addresses = socket.inet_aton(address) + socket.inet_aton("127.0.0.1") + struct.pack("!HH", 4242, 3000)
    return b"\r\n\r\n\0\r\nQUIT\n" + bytes([0x21, 0x11]) + struct.pack("!H", len(addresses)) + addresses


class ProxyConnection(HTTPConnection):
    """A connection of a proxy, which begins with the header."""

    def __init__(self, port, header):
        super().__init__(port)
        self.send(header)


@pytest.mark.parametrize("header", [version1, version2])
def test_connections_count_at_the_client_that_the_header_names(start_chatd, header):
    server = start_chatd("--trusted-proxies", "loopback", "--max-address-connections", "3")
    connections = [ProxyConnection(server.port, header(CLIENT)) for _ in range(3)]
    assert [http.request("GET", HEALTH).status for http in connections] == [200] * 3
    with ProxyConnection(server.port, header(CLIENT)) as http:
        refusal = http.request("GET", HEALTH)
    assert (refusal.status, refusal.text) == (429, "this address has too many connections")
    with ProxyConnection(server.port, header("203.0.113.8")) as http:
        assert http.request("GET", HEALTH).status == 200
    assert f"the last one from {CLIENT}: its address has too many connections" in server.stderr_text()
    connections.pop().close()

    def is_admitted():
        with ProxyConnection(server.port, header(CLIENT)) as http:
            return http.request("GET", HEALTH).status == 200

    wait_until(is_admitted)
    for http in connections:
        http.close()


def test_connections_that_are_passed_to_other_workers_leave_no_count_behind(supervise):
    server = supervise(
        2, "--trusted-proxies", "loopback", "--ports", "shared", "--max-address-connections", "24",
        "--handshake-rate", "none")

    def requests():
        """Whether a session of the client opens, and four connections of its polls reach it.

        The sessions stay open, so that about half of them are at the other worker even if one worker accepts all
        connections.
        """
        with ProxyConnection(server.port, version1(CLIENT)) as http:
            answer = http.request("GET", HANDSHAKE)
            if answer.status != 200:
                return False
            session = answer.text.split('"sid":"')[1].split('"')[0]
            target = f"{HANDSHAKE}&sid={session}"
            assert http.request("POST", target, body="40").status == 200
        polls = [ProxyConnection(server.port, version2(CLIENT)) for _ in range(4)]
        statuses = [http.request("POST", target, body="2").status for http in polls]
        for http in polls:
            http.close()
        return set(statuses) <= {200, 400}

    # A count that stayed would reach the limit: five connections each time.
    for _ in range(20):
        wait_until(requests)
    assert int(server.counters()[0]["connections_passed_on"]) > 10
