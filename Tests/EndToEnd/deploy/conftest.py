"""Fixtures: a certificate, and proxies in front of a server."""

import pytest

import processes
from deployed import PROXY_ADDRESS, HAProxy, Nginx, make_certificate
from processes import ServerProcess


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
