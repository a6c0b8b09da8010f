"""Socket activation: a service manager passes listening sockets (sd_listen_fds(3))."""

import fcntl
import os
import shlex
import socket
import subprocess
import threading
from contextlib import ExitStack, closing

import pytest

import processes
import unix_http
from packets import ChatClient
from processes import chatd_binary, clean_environment
from wire import http

pytestmark = pytest.mark.timeout(60)

USAGE, UNAVAILABLE = 64, 69


def listener(family=socket.AF_INET, address=("127.0.0.1", 0), backlog=16):
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.bind(address)
    listening.listen(backlog)
    return listening


def activation(sockets, words, pid="$$"):
    """A command that runs chatd with these sockets as descriptors from 3 on, and the settings that it needs.

    Close the settings' descriptors once the command runs.
    """
    # The sockets move above all descriptors that they get, so that none is overwritten.
    copies = [fcntl.fcntl(descriptor, fcntl.F_DUPFD, 100) for descriptor in sockets]
    moves = " ".join(f"{3 + index}<&{copy} {copy}<&-" for index, copy in enumerate(copies))
    # dash takes only descriptors of one digit.
    script = f"LISTEN_PID={pid} LISTEN_FDS={len(sockets)} LISTEN_FDNAMES=chatd exec {shlex.join(words)} {moves}"
    return ["bash", "-c", script], {"pass_fds": copies}


def close_all(descriptors):
    for descriptor in descriptors:
        os.close(descriptor)


@pytest.fixture
def activate(tmp_path):
    """Starts chatd with listening sockets."""
    stack = ExitStack()

    def start(sockets, command, *options, ports=1):
        words = [chatd_binary(), command, "--db", "chat.db", *options]
        shell, settings = activation([each.fileno() for each in sockets], words)
        try:
            server = processes.ServerProcess(shell, tmp_path, ports=ports, **settings)
        finally:
            close_all(settings["pass_fds"])
        stack.callback(server.end)
        return server

    with stack:
        yield start


def run_activated(descriptors, command, *options, cwd, pid="$$"):
    words = [chatd_binary(), command, "--db", "chat.db", *options]
    shell, settings = activation(descriptors, words, pid)
    try:
        return subprocess.run(
            shell, cwd=cwd, env=clean_environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=10, **settings)
    finally:
        close_all(settings["pass_fds"])


def test_the_socket_is_served_in_place_of_the_port(activate, tmp_path):
    with closing(listener()) as listening:
        port = listening.getsockname()[1]
        server = activate([listening], "serve", "--port", "1", "--listen", f"unix:{tmp_path}/x")
        assert server.ports == [port]
        with ChatClient(port) as client:
            assert client.say("hello") == []
        assert not (tmp_path / "x").exists()
        assert server.stop() == 0


def test_a_client_that_connects_before_the_start_is_served(activate):
    with closing(listener()) as listening:
        port = listening.getsockname()[1]
        answers = []
        client = threading.Thread(target=lambda: answers.append(http(port, "GET", "/", timeout=20)))
        client.start()
        activate([listening], "serve")
        client.join(20)
        assert [answer.status for answer in answers] == [200]


def test_the_port_outlives_the_server(activate):
    with closing(listener()) as listening:
        port = listening.getsockname()[1]
        assert activate([listening], "serve").stop() == 0
        assert activate([listening], "serve").port == port
        assert http(port, "GET", "/").status == 200


def test_several_sockets_of_all_kinds(activate, tmp_path):
    path = f"/tmp/chatd-activation-{os.getpid()}"
    try:
        with (
            closing(listener()) as port,
            closing(listener(socket.AF_UNIX, path)) as local,
            closing(listener(socket.AF_UNIX, f"\0{path}")) as abstract,
        ):
            server = activate([port, local, abstract], "serve", ports=3)
            assert server.ports == [port.getsockname()[1], path, f"@{path}"]
            assert http(server.port, "GET", "/").status == 200
            assert unix_http.get(path)[0] == unix_http.get(f"@{path}")[0] == 200
            assert server.stop() == 0
            # The file belongs to the service manager.
            assert os.path.exists(path)
    finally:
        os.unlink(path)


def test_each_worker_gets_one_socket(activate):
    with closing(listener()) as first, closing(listener()) as second:
        supervisor = activate([first, second], "supervise", "--workers", "2", ports=2)
        assert supervisor.ports == [first.getsockname()[1], second.getsockname()[1]]
        with ChatClient(supervisor.ports[0]) as one, ChatClient(supervisor.ports[1]) as two:
            assert one.say("hello") == []
            two.read_rows(1)
        for child in processes.children(supervisor.pid):
            with open(f"/proc/{child}/environ", "rb") as file:
                assert b"LISTEN_" not in file.read()


def test_options_for_ports_are_ignored(activate):
    with ExitStack() as stack:
        sockets = [stack.enter_context(listener()) for _ in range(2)]
        options = ["--workers", "2", "--host", "localhost", "--port", "65535", "--listen", "unix:/" + "x" * 105]
        server = activate(sockets, "supervise", *options, ports=2)
        assert http(server.ports[1], "GET", "/").status == 200


def test_one_worker_gets_all_sockets(activate):
    with closing(listener()) as first, closing(listener()) as second:
        supervisor = activate([first, second], "supervise", "--workers", "1", ports=2)
        assert [http(port, "GET", "/").status for port in supervisor.ports] == [200, 200]


def test_another_number_of_sockets_than_workers_is_refused(tmp_path):
    with closing(listener()) as listening:
        result = run_activated([listening.fileno()], "supervise", "--workers", "2", cwd=tmp_path)
    assert result.returncode == USAGE
    assert result.stderr == (
        "chatd: --workers: the service manager passed 1 socket for 2 workers, and with --ports distinct each worker "
        "needs one; give --ports shared\n"
    )


def test_a_descriptor_that_is_no_listening_socket_is_refused(tmp_path):
    with (
        closing(socket.socket()) as unbound,
        closing(socket.socket(type=socket.SOCK_DGRAM)) as datagrams,
        open("/dev/null") as file,
    ):
        for each in (unbound, datagrams, file):
            result = run_activated([each.fileno()], "serve", cwd=tmp_path)
            assert result.returncode == UNAVAILABLE
            assert result.stderr == "chatd: descriptor 3 of the service manager is not a listening stream socket\n"


def test_an_invalid_number_of_sockets_is_refused(tmp_path):
    words = shlex.join([chatd_binary(), "serve", "--db", "chat.db"])
    result = subprocess.run(
        ["bash", "-c", f"LISTEN_PID=$$ LISTEN_FDS=x exec {words}"], cwd=tmp_path, env=clean_environment(),
        capture_output=True, text=True, timeout=10,
    )
    assert result.returncode == UNAVAILABLE
    assert result.stderr == 'chatd: LISTEN_FDS: "x" is not a whole number from 0 to 1024\n'


def test_sockets_for_another_process_are_ignored(start_chatd):
    server = start_chatd(environment={"LISTEN_PID": "1", "LISTEN_FDS": "1"})
    assert http(server.port, "GET", "/").status == 200
