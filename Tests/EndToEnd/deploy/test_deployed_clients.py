"""Clients behind real proxies: every transport works, and the server sees who the client is."""

import json
from contextlib import contextmanager

import pytest

from deployed import PROXY_ADDRESS
from engine import SOCKET_IO, PollingSession, polling_target
from shipped_files import HOST
from users import TRANSPORTS, InOrderClient
from waiting import wait_until
from wire import http

pytestmark = pytest.mark.timeout(60)

CLIENT = "127.0.0.1"
UNBUFFERED = ("    proxy_http_version 1.1;", "    proxy_buffering off;\n    proxy_request_buffering off;\n"
              "    proxy_http_version 1.1;")
SMALL_BUFFERS = ("    proxy_http_version 1.1;", "    proxy_buffers 2 4k;\n    proxy_busy_buffers_size 4k;\n"
                 "    proxy_max_temp_file_size 0;\n    proxy_http_version 1.1;")

PROXY_2 = ("3000 check", "3000 send-proxy-v2-ssl check check-send-proxy")
PROXY_1 = ("3000 check", "3000 send-proxy check check-send-proxy")

#: The configuration file, changes to it, and the scheme that the server learns.
SETUPS = {
    "nginx": ("nginx.conf", (), "https"),
    "nginx without buffering": ("nginx.conf", (UNBUFFERED,), "https"),
    "nginx with small buffers": ("nginx.conf", (SMALL_BUFFERS,), "https"),
    "haproxy": ("haproxy.cfg", (), "https"),
    "haproxy with PROXY 2": ("haproxy.cfg", (PROXY_2,), "https"),
    "haproxy with PROXY 1": ("haproxy.cfg", (PROXY_1,), "http"),
    "haproxy over TCP with PROXY 2": ("haproxy-tcp.cfg", (), "https"),
    "haproxy over TCP with PROXY 1": ("haproxy-tcp.cfg", (("send-proxy-v2-ssl", "send-proxy"),), "http"),
}

every_setup = pytest.mark.parametrize("setup", SETUPS)


@contextmanager
def connected(proxy, transport, path="", headers=None):
    """A client of the official Python library that has connected, and upgraded if it may."""
    client = InOrderClient(handle_sigint=False, reconnection=False, **proxy.client_options())
    client.connect(
        proxy.url(), transports=TRANSPORTS[transport], socketio_path=path + "/socket.io", wait_timeout=10,
        headers=headers or {},
    )
    try:
        final = "polling" if transport == "polling" else "websocket"
        wait_until(lambda: client.transport() == final, 10, "the client has not upgraded")
        yield client
    finally:
        client.shutdown()


def who(client):
    """The address, the scheme and the host of this client, as the server sees them."""
    return client.call("client", timeout=10)


@every_setup
@pytest.mark.parametrize("transport", TRANSPORTS)
def test_the_server_sees_the_client(start_echo, start_proxy, setup, transport):
    config, changes, scheme = SETUPS[setup]
    proxy = start_proxy(config, start_echo().port, changes=changes)
    with connected(proxy, transport) as client:
        assert who(client) == [CLIENT, scheme, f"{HOST}:{proxy.port}"]
        # More than the buffers of the proxy.
        text = "x" * 200_000
        assert client.call("message-with-ack", (text, b"\0\1" * 50_000), timeout=20) == (text, b"\0\1" * 50_000)


@pytest.mark.parametrize("config", ["nginx.conf", "haproxy.cfg"])
@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_path_in_front_is_removed(start_echo, start_proxy, config, transport):
    proxy = start_proxy(config, start_echo().port)
    with connected(proxy, transport, path="chat") as client:
        assert who(client) == [CLIENT, "https", f"{HOST}:{proxy.port}"]


@pytest.mark.parametrize("buffering", ["on", "off"])
def test_a_proxy_may_speak_http_1_0(start_echo, start_proxy, buffering):
    version = ("proxy_http_version 1.1;", f"proxy_http_version 1.0;\n    proxy_buffering {buffering};")
    proxy = start_proxy("nginx.conf", start_echo().port, changes=[version])
    with connected(proxy, "polling") as client:
        assert who(client) == [CLIENT, "https", f"{HOST}:{proxy.port}"]
        assert client.call("message-with-ack", "x" * 200_000, timeout=20) == "x" * 200_000


@every_setup
def test_headers_that_clients_invent_have_no_effect(start_echo, start_proxy, setup):
    config, changes, scheme = SETUPS[setup]
    proxy = start_proxy(config, start_echo().port, changes=changes)
    invented = {
        "X-Forwarded-For": "6.6.6.6, " + PROXY_ADDRESS, "X-Forwarded-Proto": "ws", "X-Forwarded-Host": "evil.example",
        "Forwarded": "for=6.6.6.6;proto=http;host=evil.example",
    }
    for transport in ("polling", "websocket"):
        with connected(proxy, transport, headers=invented) as client:
            assert who(client) == [CLIENT, scheme, f"{HOST}:{proxy.port}"]


def test_an_untrusted_peer_is_the_client(start_echo, start_proxy):
    echo = start_echo(trusted="127.0.0.7, 10.0.0.0/8, unix")
    with connected(start_proxy("nginx.conf", echo.port), "polling") as client:
        assert who(client)[:2] == [PROXY_ADDRESS, "http"]
    # The PROXY protocol of an untrusted peer is a malformed request.
    proxy = start_proxy("haproxy-tcp.cfg", echo.port, changes=[(" check check-send-proxy", "")])
    assert proxy.request(path=polling_target(SOCKET_IO)).status_code == 400


def test_a_direct_client_cannot_pretend_to_be_a_proxy(start_echo):
    echo = start_echo()
    headers = [("X-Forwarded-For", "6.6.6.6"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "evil.example")]
    session = PollingSession(echo.port)
    opened = http(echo.port, "GET", polling_target(SOCKET_IO), headers)
    session.sid = json.loads(opened.text[1:])["sid"]
    session.target = polling_target(SOCKET_IO, session.sid)
    assert session.post("40", headers).text == "ok"
    assert session.post('421["client"]', headers).text == "ok"
    answers = ""
    while "431" not in answers:
        answers += session.get().text
    assert f'431[["{CLIENT}","http","localhost:{echo.port}"]]' in answers


@pytest.mark.parametrize("config", ["nginx.conf", "haproxy.cfg"])
def test_clients_that_share_a_connection_keep_their_addresses(start_echo, start_proxy, config):
    """The proxy sends the requests of all clients, one after the other, on one connection."""
    proxy = start_proxy(config, start_echo().port)
    clients = [(address, proxy.session(address)) for address in (f"127.0.0.{number}" for number in range(20, 26))]

    def exchange(session, sid="", body=None):
        url = proxy.url(polling_target(SOCKET_IO, sid or None))
        response = session.get(url, timeout=10) if body is None else session.post(url, data=body, timeout=10)
        assert response.status_code == 200, response.text
        return response.text

    sids = [json.loads(exchange(session)[1:])["sid"] for _, session in clients]
    for body in ("40", '421["client"]'):
        for (_, session), sid in zip(clients, sids):
            exchange(session, sid, body)
    for (address, session), sid in zip(clients, sids):
        answers = ""
        while "431" not in answers:
            answers += exchange(session, sid)
        assert f'431[["{address}","https","{HOST}:{proxy.port}"]]' in answers
