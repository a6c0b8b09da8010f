"""chatd as a process: signals, output, environment, children, and the ports and files at its start."""

import ctypes
import os
import shlex
import shutil
import signal
import socket as sockets
import subprocess
import threading
import time
from contextlib import closing, contextmanager

import pytest

import processes
from engine import SOCKET_IO, EngineWebSocket, PollingSession
from packets import ChatClient
from ports import free_port
from processes import chatd_binary, clean_environment, run_chatd
from recovering import Recovering
from waiting import let_time_pass, wait_until
from wire import Disconnected, http

pytestmark = pytest.mark.timeout(60)

COMMANDS = ["serve", "supervise"]
UNAVAILABLE = 69


def arguments_of(command, *options, port=0):
    workers = ["--workers", "2"] if command == "supervise" else []
    return [chatd_binary(), command, *workers, "--port", str(port), "--db", "chat.db", *map(str, options)]


@contextmanager
def started(directory, command, *options, port=0, environment=(), shell=None):
    """Starts chatd with two workers or none. A shell runs `shell` and then becomes chatd."""
    words = arguments_of(command, *options, port=port)
    if shell is not None:
        words = ["/bin/sh", "-c", f"{shell} exec {shlex.join(words)}"]
    server = processes.ServerProcess(words, directory, environment, ports=2 if command == "supervise" else 1)
    try:
        yield server
    finally:
        server.end()


def assert_can_chat(port, text):
    with ChatClient(port) as client:
        assert client.say(text) == []


# A log or an output without a reader


@pytest.fixture
def run_with_pipes(tmp_path):
    """Starts chatd with pipes for output and log, on a known port."""
    running = []

    def start(command):
        port = free_port(2)
        process = subprocess.Popen(
            arguments_of(command, port=port), cwd=tmp_path, env=clean_environment(), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, process_group=0,
        )
        running.append(process)
        return process, port

    yield start
    for process in running:
        if process.poll() is None:
            process.kill()
        process.wait()
        for pipe in (process.stdout, process.stderr):
            pipe.close()


def wait_for_port(port):
    def serves():
        try:
            return http(port, "GET", "/").status == 200
        except (ConnectionError, Disconnected):
            return False

    wait_until(serves)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_server_keeps_serving_if_its_log_has_no_reader(run_with_pipes, command):
    process, port = run_with_pipes(command)
    assert process.stdout.readline().startswith(b"server running")
    assert process.stderr.readline()
    process.stderr.close()
    with ChatClient(port) as client:
        for number in range(20):
            process.send_signal(signal.SIGUSR1)
            assert client.say(f"{number}") == []
    if command == "supervise":
        workers = processes.children(process.pid)
        process.send_signal(signal.SIGHUP)
        wait_until(lambda: not set(workers) & set(processes.children(process.pid)))
        assert_can_chat(port, "after")
    process.terminate()
    assert process.wait(20) == 0


@pytest.mark.parametrize("command", COMMANDS)
def test_output_without_a_reader_does_not_end_the_server(run_with_pipes, command):
    process, port = run_with_pipes(command)
    process.stdout.close()
    process.stderr.close()
    wait_for_port(port)
    assert_can_chat(port, "hello")
    process.terminate()
    assert process.wait(20) == 0


@pytest.mark.parametrize("command", COMMANDS)
def test_unread_output_does_not_block_the_server(tmp_path, command):
    """Neither the running line nor the log waits for room in a full pipe."""
    reading, writing = os.pipe()
    try:
        os.set_blocking(writing, False)
        with pytest.raises(BlockingIOError):
            while True:
                os.write(writing, b"x" * 4096)
        os.set_blocking(writing, True)
        port = free_port(2)
        process = subprocess.Popen(
            arguments_of(command, port=port), cwd=tmp_path, env=clean_environment(), stdin=subprocess.DEVNULL,
            stdout=writing, stderr=writing, process_group=0,
        )
        try:
            wait_for_port(port)
            process.send_signal(signal.SIGUSR1)
            assert_can_chat(port, "hello")
            process.terminate()
            assert process.wait(20) == 0
        finally:
            process.kill()
            process.wait()
    finally:
        os.close(reading)
        os.close(writing)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_closed_standard_descriptors_are_not_reused(tmp_path, command, closed):
    port = free_port(2)
    process = subprocess.Popen(
        ["/bin/sh", "-c", f"exec {shlex.join(arguments_of(command, port=port))} {closed}"], cwd=tmp_path,
        env=clean_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        process_group=0,
    )
    try:
        wait_for_port(port)
        with ChatClient(port) as client:
            process.send_signal(signal.SIGUSR1)
            assert client.say("hello") == []
            for pid in [process.pid, *processes.children(process.pid)]:
                kinds = processes.descriptors(pid)
                assert all(kinds[number].startswith("/") for number in (0, 1, 2)), kinds
        process.terminate()
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize(
    "arguments", [["--help"], ["serve", "--help"], ["--version"], ["nonsense"], ["serve", "--x"]], ids=str
)
def test_output_without_a_reader_does_not_end_the_command_by_a_signal(arguments):
    process = subprocess.Popen(
        [chatd_binary(), *arguments], env=clean_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdout.close()
    process.stderr.close()
    assert process.wait(10) in (0, 64)


# SIGHUP


def test_sighup_stops_serve_gracefully(tmp_path):
    with started(tmp_path, "serve") as server:
        server.was_asked_to_end = True
        assert_can_chat(server.port, "hello")
        assert server.stop(signal.SIGHUP) == 0
        assert "stopped" in server.stderr_text()


@pytest.mark.parametrize("command", COMMANDS)
def test_sighup_that_was_ignored_at_the_start_is_ignored(tmp_path, command):
    with started(tmp_path, command, shell="trap '' HUP;") as server:
        os.killpg(server.pid, signal.SIGHUP)
        assert_can_chat(server.port, "hello")
        server.send_signal(signal.SIGHUP)
        assert_can_chat(server.port, "still here")
        assert "SIGHUP" not in server.stderr_text()
        assert server.stop() == 0


def test_sighup_never_ends_supervise(tmp_path):
    with started(tmp_path, "supervise") as server:
        workers = processes.children(server.pid)
        for _ in range(20):
            os.killpg(server.pid, signal.SIGHUP)
            assert http(server.port, "GET", "/").status == 200
        wait_until(lambda: not set(workers) & set(processes.children(server.pid)))
        wait_until(lambda: server.stderr_text().rstrip().endswith("every worker is replaced"), 30, server.stderr_text)
        for port in server.ports:
            assert_can_chat(port, "still here")


# The environment


KUBERNETES = {
    "CHATD_PORT": "tcp://10.0.0.1:3000",
    "CHATD_PORT_3000_TCP": "tcp://10.0.0.1:3000",
    "CHATD_PORT_3000_TCP_ADDR": "10.0.0.1",
    "CHATD_SERVICE_HOST": "10.0.0.1",
    "CHATD_SERVICE_PORT": "3000",
}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_variables_of_a_service_called_chatd_are_ignored_and_named_once(tmp_path, command):
    port = free_port(2)
    environment = {**KUBERNETES, "CHATD_COLOUR": "red", "PORT": str(port), "CHATD_DB": "chat.db"}
    options = ["--workers", "2"] if command == "supervise" else []
    server = processes.ServerProcess(
        [chatd_binary(), command, *options], tmp_path, environment, ports=2 if command == "supervise" else 1
    )
    try:
        assert server.port == port
        assert_can_chat(server.port, "hello")
        lines = server.stderr_text().splitlines()
        assert [all(name in line for name in KUBERNETES) for line in lines if "Kubernetes" in line] == [True]
        assert sum("CHATD_COLOUR" in line for line in lines) == 1
    finally:
        server.end()


@pytest.mark.parametrize("command", COMMANDS)
def test_the_start_line_names_program_database_and_options(tmp_path, command):
    with started(tmp_path, command, "--recovery", 1000, environment={"CHATD_PING_TIMEOUT": "9000"}) as server:
        line = next(line for line in server.stderr_text().splitlines() if f" {command}, process {server.pid}," in line)
        version = run_chatd("--version").stdout.strip()
        assert version in line
        assert f"database {os.path.realpath(tmp_path)}/chat.db" in line
        assert "--port=0" in line and "--recovery=1000" in line and "CHATD_PING_TIMEOUT=9000" in line


#: Preloaded libraries that break programs which find their arguments in memory or through the C library's streams.
#: Swift's own list of arguments is empty with the second one.
PRELOADED = {
    "moves the environment": """
        #include <stdlib.h>
        #include <string.h>
        extern char **environ;
        __attribute__((constructor)) static void move(void) {
            size_t count = 0;
            while (environ[count]) count++;
            char **moved = calloc(count + 1, sizeof *moved);
            for (size_t i = 0; i < count; i++) moved[i] = strdup(environ[i]);
            for (size_t i = 0; i < count; i++) environ[i] = 0;
            environ = moved;
        }
    """,
    "opens no streams": """
        #include <stdio.h>
        FILE *fopen(const char *path, const char *mode) { return 0; }
    """,
}


@pytest.mark.skipif(shutil.which("clang") is None, reason="no C compiler")
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("library", PRELOADED)
def test_a_preloaded_library_does_not_hide_arguments(tmp_path, command, library):
    source, built = tmp_path / "preloaded.c", tmp_path / "preloaded.so"
    source.write_text(PRELOADED[library])
    subprocess.run(["clang", "-shared", "-fPIC", "-o", built, source], check=True)
    with started(tmp_path, command, environment={"LD_PRELOAD": str(built)}) as server:
        assert_can_chat(server.port, "hello")
    assert (tmp_path / "chat.db").exists()


# Starting after an earlier server


@pytest.mark.parametrize("command", COMMANDS)
def test_the_start_waits_for_a_port_that_becomes_free(tmp_path, command):
    port = free_port(2)
    taken = sockets.socket()
    taken.setsockopt(sockets.SOL_SOCKET, sockets.SO_REUSEADDR, 1)
    taken.bind(("127.0.0.1", port))
    taken.listen()
    release = threading.Timer(0.7, taken.close)
    release.start()
    try:
        with started(tmp_path, command, port=port) as server:
            assert server.port == port
            assert_can_chat(port, "hello")
    finally:
        release.join()
        taken.close()


def test_the_start_fails_after_two_seconds_with_a_taken_port(tmp_path):
    with closing(sockets.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        before = time.monotonic()
        result = run_chatd("serve", "--port", taken.getsockname()[1], cwd=tmp_path)
        assert result.returncode == UNAVAILABLE and len(result.stderr.splitlines()) == 1
        assert 1.9 < time.monotonic() - before


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_wait_for_a_taken_port(tmp_path, command, number):
    with closing(sockets.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        arguments = [chatd_binary(), command, "--port", str(taken.getsockname()[1])]
        with subprocess.Popen(arguments, cwd=tmp_path, stderr=subprocess.PIPE) as process:
            let_time_pass(0.5)
            process.send_signal(number)
            # Without the signal, the start fails.
            assert process.wait(20) == 0


@pytest.mark.parametrize("command", COMMANDS)
def test_restarting_at_once_after_kill_9_with_many_clients(tmp_path, command):
    port = free_port(2)
    for round in range(5):
        with started(tmp_path, command, port=port) as server:
            clients = [ChatClient(port, offset=1 << 40) for _ in range(300)]
            assert clients[0].say(f"round {round}", f"tab-{round}") == []
            server.was_asked_to_end = True
            server.send_signal(signal.SIGKILL)
            # Do not wait: the next one starts while this one is still dying.
            with started(tmp_path, command, port=port) as next_one:
                with ChatClient(next_one.port) as client:
                    assert client.read_rows(round + 1)[-1][1] == f"round {round}"
            server.wait()
            for client in clients:
                client.close()


# SIGSTOP


@pytest.mark.parametrize("command", COMMANDS)
def test_after_a_sigstop_clients_have_time_to_answer_the_overdue_ping(tmp_path, command):
    with started(tmp_path, command, "--ping-interval", "1000", "--ping-timeout", "4000") as server:
        client = EngineWebSocket(server.port, SOCKET_IO)
        poller = PollingSession(server.port)
        waiting = poller.start_get()
        serving = server.pid
        if command == "supervise":
            children = processes.children(server.pid)
            serving = next(child for child in children if processes.command_line(child)[1:3] == ["worker", "0"])
        os.kill(serving, signal.SIGSTOP)
        let_time_pass(6)
        os.kill(serving, signal.SIGCONT)
        assert client.receive_message(15) == "2"
        client.send_text("3")
        assert waiting.read_response(timeout=15).text == "2"
        assert poller.post("3").text == "ok"
        for _ in range(2):
            assert client.receive_message(15) == "2"
            client.send_text("3")
            assert poller.get(15).text == "2"
            assert poller.post("3").text == "ok"


# Foreign children


def zombies(pid):
    return [child for child in processes.children(pid) if processes.state(child) == "Z"]


@pytest.mark.parametrize("command", COMMANDS)
def test_foreign_children_are_reaped(tmp_path, command):
    """A shell that becomes chatd passes on its children, like orphans in a container to process 1."""
    with started(tmp_path, command, shell="sleep 0.1 & sleep 1 & sleep 1 &") as server:
        expected = 2 if command == "supervise" else 0
        wait_until(lambda: len(processes.children(server.pid)) == expected, 10, lambda: str(zombies(server.pid)))
        assert_can_chat(server.port, "hello")


def test_a_worker_and_foreign_children_end_at_the_same_time(tmp_path):
    shell = "sh -c 'trap exit TERM; while :; do sleep 0.01; done' & " * 3
    with started(tmp_path, "supervise", shell=shell) as server:
        def workers():
            return [child for child in processes.children(server.pid) if "worker" in processes.command_line(child)]

        foreign = [child for child in processes.children(server.pid) if child not in workers()]
        assert len(foreign) == 3
        before = workers()
        for child in foreign:
            os.kill(child, signal.SIGTERM)
        os.kill(before[0], signal.SIGKILL)
        wait_until(lambda: len(workers()) == 2 and before[0] not in workers(), 10, "the worker was not replaced")
        wait_until(lambda: len(processes.children(server.pid)) == 2, 10, lambda: str(zombies(server.pid)))
        assert "was ended by signal 9" in server.stderr_text()


# The host


def test_an_ipv6_host_may_be_in_brackets(tmp_path):
    with sockets.socket(sockets.AF_INET6) if sockets.has_ipv6 else pytest.skip("no IPv6") as probe:
        try:
            probe.bind(("::1", 0))
        except OSError:
            pytest.skip("no IPv6 on this machine")
    with started(tmp_path, "serve", "--host", "[::1]") as server:
        assert http(server.port, "GET", "/", host="::1").status == 200


# Log limits


def test_endless_requests_do_not_flood_the_log(tmp_path):
    root = tmp_path / "root"
    root.mkdir()
    os.mkfifo(root / "pipe")
    with started(tmp_path, "serve", "--web-root", root) as server:
        for _ in range(5):
            with closing(sockets.create_connection(("127.0.0.1", server.port))) as connection:
                connection.sendall(b"GET /pipe HTTP/1.1\r\nHost: localhost\r\n\r\n" * 1000)
                received = b""
                while received.count(b"HTTP/1.1 403") < 1000:
                    part = connection.recv(1 << 16)
                    assert part
                    received += part
        assert 1 <= server.stderr_text().count("not served") <= 3
        server.send_signal(signal.SIGUSR1)
        wait_until(lambda: "log_lines_suppressed=49" in server.stderr_text())


def test_client_input_cannot_begin_a_log_line(tmp_path):
    root = tmp_path / "root"
    root.mkdir()
    os.mkfifo(root / "a\nerror: forged")
    with started(tmp_path, "serve", "--web-root", root) as server:
        assert http(server.port, "GET", "/a%0Aerror:%20forged").status == 403
        wait_until(lambda: "not served" in server.stderr_text())
        assert not any(line.startswith("error") for line in server.stderr_text().splitlines())


# Two live clients with one secret


class Copy(threading.Thread):
    """A live client that reconnects shortly after its connection is closed, like the official one."""

    def __init__(self, port, before, stop):
        super().__init__(daemon=True)
        self.port = port
        self.last = before
        self.stop = stop
        self.connects = 0
        self.start()

    def run(self):
        while not self.stop.is_set():
            self.last = Recovering(self.port, before=self.last)
            self.connects += 1
            try:
                while True:
                    self.last.read_row()
            except Disconnected:
                self.stop.wait(0.05)
            except (OSError, ValueError):
                if not self.stop.is_set():
                    raise


@pytest.mark.parametrize("command", COMMANDS)
def test_two_live_clients_with_one_secret_stop_taking_the_session_from_each_other(tmp_path, command):
    with started(tmp_path, command) as server:
        ports = [server.ports[0], server.ports[-1]]
        original = Recovering(ports[0])
        original.say("first")
        stop = threading.Event()
        copies = [Copy(port, original, stop) for port in ports]

        def is_over():
            return all(copy.connects for copy in copies) and copies[0].last.pid != copies[1].last.pid

        wait_until(is_over, 20, lambda: f"{[copy.connects for copy in copies]} connects")
        assert sum(copy.connects for copy in copies) <= 10
        assert_can_chat(ports[0], "second")
        for copy in copies:
            wait_until(
                lambda: [text for _, text in copy.last.rows] == ["first", "second"], 10, lambda: str(copy.last.rows)
            )
        assert original.pid in [copy.last.pid for copy in copies], "the owner keeps the old session"
        connects = [copy.connects for copy in copies]
        wait_until(lambda: "from each other" in server.stderr_text())
        assert server.stderr_text().count("from each other") == 1
        assert_can_chat(ports[-1], "third")
        for copy in copies:
            wait_until(lambda: copy.last.rows[-1][1] == "third")
        assert [copy.connects for copy in copies] == connects, "the clients stop reconnecting"
        stop.set()
        for copy in copies:
            copy.last.reset()


@pytest.mark.parametrize("command", COMMANDS)
def test_a_client_that_reconnects_often_keeps_its_session(tmp_path, command):
    with started(tmp_path, command) as server:
        client = Recovering(server.ports[0])
        client.say("first")
        pid = client.pid
        for number in range(30):
            client.reset()
            # Wait until the server has seen the end, so that the claim takes nothing from a live owner.
            wait_until(lambda: lost_sessions(server) == 1, 10, "the session is not marked as lost")
            client = Recovering(server.ports[number % len(server.ports)], before=client)
            assert client.is_recovered and client.pid == pid


def lost_sessions(server):
    before = len(server.stderr_text())
    server.send_signal(signal.SIGUSR1)
    text = wait_until(lambda: [line for line in server.stderr_text()[before:].splitlines() if "lost_sessions=" in line])
    return int(text[-1].split("lost_sessions=")[1].split()[0])
