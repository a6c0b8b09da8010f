"""Fixtures: one conformance server per test process; one chatd per test, or per module whose tests can share it."""

import signal
from contextlib import contextmanager

import pytest

import processes
from engine import PollingSession
from packets import SocketIOWebSocket

pytest_plugins = ["tabs", "postgres_fixtures"]


# The servers inherit this. Under nohup they would otherwise ignore SIGHUP.
signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(scope="session")
def _conformance(tmp_path_factory):
    server = processes.conformance_server(tmp_path_factory.mktemp("conformance"))
    yield server
    server.end()


@pytest.fixture
def conformance(_conformance):
    """The conformance server. It must still run and serve after the test."""
    pid = _conformance.pid
    yield _conformance
    assert_serves(_conformance, pid)


@pytest.fixture
def chatd(tmp_path):
    """A chatd for one test, with an empty database."""
    server = processes.chatd(tmp_path)
    yield server
    server.end()


@pytest.fixture(scope="module")
def shared_chatd(tmp_path_factory):
    """A chatd for the tests of one module, which must not affect each other."""
    server = processes.chatd(tmp_path_factory.mktemp("chatd"))
    yield server
    server.end()


@pytest.fixture
def start_chatd(tmp_path):
    """Starts chatd in the test's directory with the given options. Can be called repeatedly."""
    servers = []

    def start(*options, **settings):
        servers.append(processes.chatd(tmp_path, *options, **settings))
        return servers[-1]

    yield start
    for server in servers:
        server.end()


@pytest.fixture
def supervise(tmp_path):
    """Starts `chatd supervise` in the test's directory with the given number of workers and options."""
    supervisors = []

    def start(workers, *options, **settings):
        supervisors.append(processes.Supervisor(tmp_path, workers, *options, **settings))
        return supervisors[-1]

    yield start
    for supervisor in supervisors:
        supervisor.end()


def assert_serves(server, pid):
    """Asserts that the process is the same, and that a new client can connect with both transports."""
    assert server.is_running and server.pid == pid, f"{server} has exited"
    session = PollingSession(server.port)
    assert session.post("40").text == "ok"
    assert session.receive(1)[0].startswith("40{")
    session.close()
    with SocketIOWebSocket(server.port) as client:
        client.connect_namespace()


@pytest.fixture
def survives():
    """`with survives(server):` runs hostile input, after which the same process must still serve other clients."""
    @contextmanager
    def guard(server):
        pid = server.pid
        yield server
        assert_serves(server, pid)

    return guard


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        for server in list(processes.alive):
            if server.stderr_path.exists():
                report.sections.append((f"standard error of {server} (pid {server.pid})", server.stderr_text()[-4000:]))
