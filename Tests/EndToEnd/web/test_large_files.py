"""Large files of --web-root are sent at the client's pace, and a client can detect an incomplete one."""

import hashlib
import os
import select
import signal
import time
from pathlib import Path

import pytest

from waiting import let_time_pass, wait_until
from wire import HTTPConnection, http

pytestmark = pytest.mark.timeout(60)

KIBIBYTE = 1 << 10
MEBIBYTE = 1 << 20

#: In seconds; `--answer-timeout` is in milliseconds.
ANSWER_TIMEOUT = 1.0

#: The delay allowed for a loaded machine.
SLACK = 2.0


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "root"
    root.mkdir()
    (root / "small.txt").write_text("small")
    (root / "edge.bin").write_bytes(os.urandom(64 * KIBIBYTE))
    (root / "large.bin").write_bytes(os.urandom(30 * MEBIBYTE))
    return root


@pytest.fixture(params=["serve", "supervise"])
def site(request, root):
    """Serves `root`. `connections_pid` is the process that has the connections."""
    options = ("--web-root", root, "--answer-timeout", round(ANSWER_TIMEOUT * 1000))
    if request.param == "serve":
        server = request.getfixturevalue("start_chatd")(*options)
        server.connections_pid = server.pid
    else:
        server = request.getfixturevalue("supervise")(1, *options)
        server.connections_pid = server.worker_pid(0)
    return server


def resident(pid):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024


def is_reset(connection):
    poll = select.poll()
    poll.register(connection.socket, 0)
    return any(events & (select.POLLERR | select.POLLHUP) for _, events in poll.poll(0))


def ask(site, path="/large.bin", headers=(), **settings):
    connection = HTTPConnection(site.port, receive_buffer=64 * KIBIBYTE, **settings)
    connection.send_request("GET", path, headers)
    return connection


@pytest.mark.parametrize("name", ["small.txt", "edge.bin", "large.bin"])
def test_a_file_arrives_unchanged_and_the_connection_stays_open(site, root, name):
    content = (root / name).read_bytes()
    with HTTPConnection(site.port) as connection:
        for _ in range(2):
            response = connection.request("GET", f"/{name}")
            assert response.status == 200
            assert response.header("content-length") == str(len(content))
            assert hashlib.sha256(response.body).digest() == hashlib.sha256(content).digest()
        tag = response.header("etag")
        head = connection.request("HEAD", f"/{name}")
        assert (head.status, head.header("content-length"), head.header("etag")) == (200, str(len(content)), tag)
        assert connection.request("GET", f"/{name}", {"If-None-Match": tag}).status == 304
        assert connection.request("GET", "/small.txt").body == b"small"


def test_requests_after_a_large_answer_are_answered_in_order(site, root):
    with HTTPConnection(site.port) as connection:
        names = ["large.bin", "small.txt", "edge.bin", "large.bin", "small.txt"]
        connection.send(b"".join(connection.request_bytes("GET", f"/{name}") for name in names))
        for name in names:
            assert connection.read_response().body == (root / name).read_bytes()


def test_an_http_1_0_client_gets_the_whole_file_and_then_the_end(site, root):
    with HTTPConnection(site.port) as connection:
        connection.send(b"GET /large.bin HTTP/1.0\r\n\r\n")
        head, _, body = connection.wait_for_end().partition(b"\r\n\r\n")
        assert b"Connection: close" in head
        assert body == (root / "large.bin").read_bytes()


def test_sixty_unread_answers_need_little_memory(site):
    before = resident(site.connections_pid)
    connections = [ask(site) for _ in range(60)]
    most = 0
    while not all(is_reset(connection) for connection in connections):
        most = max(most, resident(site.connections_pid) - before)
        let_time_pass(0.02)
    assert most <= 32 * MEBIBYTE, f"{most / MEBIBYTE:.1f} MiB more"
    for connection in connections:
        connection.close()
    assert http(site.port, "GET", "/small.txt").body == b"small"


@pytest.mark.parametrize("headers", [{}, {"Connection": "close"}], ids=["kept open", "closed"])
def test_a_slow_reader_gets_the_whole_file_however_long_it_takes(site, root, headers):
    content = (root / "large.bin").read_bytes()
    with ask(site, headers=headers) as connection:
        response = connection.receive_until(b"\r\n\r\n")
        assert b"Content-Length: 31457280" in response
        began = time.monotonic()
        received = bytes(connection.buffer)
        while len(received) < 4 * MEBIBYTE:
            data = connection.socket.recv(16 * KIBIBYTE)
            assert data, f"ended after {len(received)} bytes"
            received += data
            let_time_pass(len(data) / 1_000_000)
        assert time.monotonic() - began > 3 * ANSWER_TIMEOUT, "the client must be slow"
        while len(received) < len(content):
            data = connection.socket.recv(MEBIBYTE)
            assert data, f"ended after {len(received)} bytes"
            received += data
        assert received == content


def test_a_client_that_reads_less_than_16_kib_in_the_time_is_reset(site):
    with ask(site) as connection:
        began = time.monotonic()
        while not is_reset(connection):
            # The client first reads the bytes in flight when the time began.
            assert time.monotonic() - began < 10 * ANSWER_TIMEOUT
            connection.socket.recv(KIBIBYTE)
            let_time_pass(0.25)


def test_a_small_unread_answer_does_not_end_the_connection_early(site):
    with HTTPConnection(site.port, receive_buffer=2 * KIBIBYTE) as connection:
        connection.send_request("GET", "/edge.bin")
        let_time_pass(ANSWER_TIMEOUT / 2)
        assert not is_reset(connection)
        wait_until(lambda: is_reset(connection), ANSWER_TIMEOUT + SLACK)


@pytest.mark.parametrize("change", ["shrinks", "grows", "is rewritten"])
def test_a_file_that_changes_while_it_is_sent_ends_the_connection(site, root, change):
    path = root / "large.bin"
    with ask(site) as connection:
        assert b"Content-Length: 31457280" in connection.receive_until(b"\r\n\r\n")
        with open(path, "r+b") as file:
            if change == "shrinks":
                file.truncate(20 * MEBIBYTE)
            elif change == "grows":
                file.seek(0, os.SEEK_END)
                file.write(b"x" * 1000)
            else:
                file.write(b"x" * 30 * MEBIBYTE)
        # The number of bytes shows that some are missing.
        assert len(connection.wait_for_end()) < 30 * MEBIBYTE
    assert http(site.port, "GET", "/large.bin").body == path.read_bytes()


def test_a_file_replaced_or_removed_while_it_is_sent_arrives_whole(site, root):
    content = (root / "large.bin").read_bytes()
    with ask(site) as one, ask(site) as two:
        assert b"200 OK" in one.receive_until(b"\r\n\r\n")
        (root / "new").write_bytes(b"new")
        os.rename(root / "new", root / "large.bin")
        assert b"200 OK" in two.receive_until(b"\r\n\r\n")
        (root / "large.bin").unlink()
        assert one.receive_exactly(len(content)) == content
    assert http(site.port, "GET", "/large.bin").status == 404


def test_a_stop_does_not_wait_for_a_reader(site):
    with ask(site) as connection:
        assert b"200 OK" in connection.receive_until(b"\r\n\r\n")
        assert site.stop(signal.SIGTERM) == 0


def test_a_client_that_disconnects_leaves_no_open_file(site):
    def open_files():
        return [entry for entry in Path(f"/proc/{site.connections_pid}/fd").iterdir() if is_large(entry)]

    def is_large(entry):
        try:
            return os.readlink(entry).endswith("large.bin")
        except FileNotFoundError:
            return False

    with ask(site) as connection:
        assert b"200 OK" in connection.receive_until(b"\r\n\r\n")
        assert len(open_files()) == 1
        connection.reset()
    wait_until(lambda: not open_files())
