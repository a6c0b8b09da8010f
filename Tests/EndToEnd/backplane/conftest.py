"""One Redis server for each test process, and hosts that share a prefix of their own in each test."""

import itertools
import os

import pytest
from host_client import HostClient, start_host
from redis_server import RedisServer

_numbers = itertools.count()


@pytest.fixture(scope="session")
def redis_server():
    server = RedisServer()
    yield server
    server.remove()


@pytest.fixture
def own_redis():
    """A server that a test may stop."""
    server = RedisServer()
    yield server
    server.remove()


@pytest.fixture
def own_postgres(postgres_template):
    """A server that a test may stop."""
    server = postgres_template.server()
    yield server
    server.remove()


@pytest.fixture
def prefix():
    return f"test-{os.getpid()}-{next(_numbers)}"


@pytest.fixture
def start(tmp_path):
    """Starts hosts at an address."""
    hosts = []

    def start_one(url, workers=None, **settings):
        directory = tmp_path / f"host-{len(hosts)}"
        directory.mkdir()
        hosts.append(start_host(directory, url, workers, **settings))
        return hosts[-1]

    yield start_one
    for host in hosts:
        host.end()


@pytest.fixture
def scheme():
    """The scheme of the hosts' address. Some modules have another one, or several."""
    return "redis"


@pytest.fixture
def hosts(start, redis_server, prefix, scheme):
    """Two hosts, one of them with two workers."""
    url = redis_server.url(scheme, prefix=prefix)
    return start(url), start(url, workers=2)


@pytest.fixture
def connect():
    """Connects clients, which are closed at the end."""
    clients = []

    def connect_one(host, *arguments, **settings):
        clients.append(HostClient(host, *arguments, **settings))
        return clients[-1]

    yield connect_one
    for client in clients:
        client.close()
