"""Fixtures: a certificate, and proxies in front of a server."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

import processes
from deployed import PROXY_ADDRESS, HAProxy, Nginx
from processes import ServerProcess
from shipped_files import make_certificate


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def start_proxy(tmp_path, certificate):
    """Starts a proxy with a file of docs/deploy in front of the servers on these ports."""
    proxies = []

    def start(config, *ports, changes=()):
        kind = Nginx if config.startswith("nginx") else HAProxy
        proxies.append(kind(tmp_path / f"proxy-{len(proxies)}", certificate, config, ports, changes))
        return proxies[-1]

    yield start
    for proxy in proxies:
        proxy.end()


class RefusingPort(ThreadingHTTPServer):
    """A port that refuses requests with 503 like one without a worker, or closes the connection after each request."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), RefusingHandler)
        self.number = self.server_address[1]
        self.answers = True
        self.methods = set()
        self.requests = 0


class RefusingHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.methods.add(self.command)
        self.server.requests += 1
        self.close_connection = True
        if self.server.answers:
            self.wfile.write(b"HTTP/1.1 503 \r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    do_POST = do_GET

    def log_message(self, *arguments):
        pass


@pytest.fixture
def refusing_port():
    with RefusingPort() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def start_echo(tmp_path):
    """Starts the conformance server, which tells a client its address, behind trusted proxies."""
    servers = []

    def start(trusted=PROXY_ADDRESS):
        command = [processes.binary("CONFORMANCE_SERVER", "ConformanceServer"), "--port", "0"]
        servers.append(ServerProcess([*command, "--trusted-proxies", trusted], tmp_path))
        return servers[-1]

    yield start
    for server in servers:
        server.end()
