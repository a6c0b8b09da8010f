"""`chatd health`: a check for containers without a shell."""

import os
import signal
import socket
import tempfile
import threading
import time
from contextlib import closing

import pytest

from processes import run_chatd
from waiting import wait_until
from wire import http

HEALTHY, UNHEALTHY, USAGE = 0, 1, 64


def health(*arguments, environment=()):
    result = run_chatd("health", *arguments, environment=environment)
    assert result.stdout == ""
    return result.returncode, result.stderr


def test_a_server_that_answers_is_healthy(chatd):
    assert health("--url", f"http://localhost:{chatd.port}") == (HEALTHY, "")
    assert health("--url", f"http://127.0.0.1:{chatd.port}/socket.io/") == (HEALTHY, "")
    assert health(environment={"PORT": str(chatd.port)}) == (HEALTHY, "")
    assert health(environment={"CHATD_PORT": str(chatd.port), "CHATD_HOST": "::"}) == (HEALTHY, "")


def test_a_server_on_a_unix_socket_is_healthy(start_chatd):
    with tempfile.TemporaryDirectory(prefix="chatd-", dir="/tmp") as directory:
        listen = f"unix:{directory}/socket"
        server = start_chatd("--listen", listen)
        assert health("--url", listen) == (HEALTHY, "")
        assert health(environment={"CHATD_LISTEN": listen}) == (HEALTHY, "")
        server.stop()
        code, text = health("--url", listen)
        assert code == UNHEALTHY and text.startswith(f"chatd: {listen} is not healthy: connect: ")


def test_a_server_that_does_not_run_is_not_healthy(chatd):
    chatd.stop()
    code, text = health("--url", f"http://localhost:{chatd.port}")
    assert (code, text) == (
        UNHEALTHY, f"chatd: http://localhost:{chatd.port} is not healthy: connect: Connection refused\n",
    )


def test_a_server_that_hangs_is_not_healthy(chatd):
    chatd.send_signal(signal.SIGSTOP)
    try:
        times = []
        for _ in range(3):
            start = time.monotonic()
            code, text = health("--url", f"http://localhost:{chatd.port}", "--timeout", "300")
            assert code == UNHEALTHY and text.endswith("it does not answer in time\n")
            times.append(time.monotonic() - start)
        # The time without the option is 3 s. A busy machine may delay some.
        assert 0.25 < min(times) < 2.5
    finally:
        chatd.send_signal(signal.SIGCONT)


def test_a_slot_without_a_worker_is_not_healthy(supervise):
    supervisor = supervise(1)
    url = f"http://localhost:{supervisor.port}"
    assert health("--url", url)[0] == HEALTHY
    refused = (UNHEALTHY, f"chatd: {url} is not healthy: it answers with status 503\n")

    def is_refused():
        worker = supervisor.worker_pid(0)
        if worker:
            os.kill(worker, signal.SIGKILL)
        return health("--url", url, "--timeout", "200") == refused

    # A worker that dies again and again is started with growing delays. Meanwhile the answer is 503.
    wait_until(is_refused, 20)
    for path in ("/healthz", "/readyz"):
        assert (answer := http(supervisor.port, "GET", path)).status == 503 and answer.text == "workers"


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-x\r\n", b"x" * 5000])
def test_another_program_is_not_healthy(answer):
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:

        def serve():
            connection, _ = listening.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        code, text = health("--url", f"http://127.0.0.1:{listening.getsockname()[1]}")
        thread.join(10)
    assert code == UNHEALTHY and text.endswith("it does not answer in HTTP\n")


@pytest.mark.parametrize("arguments", [["--url", "x"], ["--timeout", "x"], ["--port", "1"], ["x"]])
def test_an_invalid_command_line(arguments):
    assert health(*arguments)[0] == USAGE
