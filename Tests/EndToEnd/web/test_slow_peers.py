"""Slow peers stay connected, dead ones end in time, and each uses a bounded amount of kernel memory.

The heartbeat is scaled down in the proportions of the defaults: a ping every second, 800 ms for the pong.
"""

import select
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from engine import EngineWebSocket, PollingSession
from packets import ChatClient, SocketIOWebSocket
from waiting import let_time_pass, wait_until
from wire import Disconnected, HTTPConnection, frame, TEXT

pytestmark = pytest.mark.timeout(60)

INTERVAL, TIMEOUT = 1.0, 0.8
HEARTBEAT = ("--ping-interval", 1000, "--ping-timeout", 800)

#: The delay allowed for a loaded machine.
SLACK = 1.5

KIBIBYTE = 1 << 10
MEBIBYTE = 1 << 20
TEXT_SIZE = 40_000
#: 6 MB of history.
ROWS = 150

#: The most that the kernel may hold for one peer: 128 KiB unsent, one write, and the peer's window.
KERNEL_SHARE = 512 * KIBIBYTE


@pytest.fixture(params=["serve", "supervise"])
def start(request):
    """Starts a server of either kind with the given options. `worker_pid` is the process that has the connections."""

    def start(*options):
        if request.param == "serve":
            server = request.getfixturevalue("start_chatd")(*options)
            server.connections_pid = server.pid
        else:
            server = request.getfixturevalue("supervise")(1, *options)
            server.connections_pid = server.worker_pid(0)
        return server

    return start


def resident(pid):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024


def kernel_queues(port):
    """The bytes that the kernel holds for the peers of a server's port, by the peer's port. Includes orphans."""
    queues = {}
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, remote, _, queued, *_ = line.split()
        if int(local.split(":")[1], 16) == port:
            queues[int(remote.split(":")[1], 16)] = int(queued.split(":")[0], 16)
    return queues


def fill(server, rows=ROWS):
    with ChatClient(server.port) as writer:
        for first in range(0, rows, 20):
            acks = [writer.chat(f"{number} ".ljust(TEXT_SIZE, "x")) for number in range(first, min(first + 20, rows))]
            writer.read_until(lambda: all(ack in writer.acks for ack in acks))


def is_reset(connection):
    poll = select.poll()
    poll.register(connection.socket, 0)
    return any(events & (select.POLLERR | select.POLLHUP) for _, events in poll.poll(0))


def wait_for_reset(connection, timeout):
    """Waits until the server has reset the connection, without reading."""
    wait_until(lambda: is_reset(connection), timeout, "the connection was not reset in time")


class Pace:
    """Limits the number of bytes per second."""

    def __init__(self, rate):
        self.rate = rate
        self.due = time.monotonic()

    def passed(self, count):
        self.due = max(self.due, time.monotonic() - 0.1) + count / self.rate
        let_time_pass(max(0, self.due - time.monotonic()))


class SlowChatClient(ChatClient):
    """Reads 16 KiB at a time at its pace."""

    pace = Pace(1e9)

    def receive_some(self, timeout=None):
        self.socket.settimeout(self.timeout if timeout is None else max(timeout, 0.001))
        try:
            data = self.socket.recv(16 * KIBIBYTE)
        except (ConnectionResetError, BrokenPipeError) as error:
            raise Disconnected(str(error)) from None
        if not data:
            raise Disconnected("end of stream")
        self.buffer += data
        self.pace.passed(len(data))


class SilentClient(SocketIOWebSocket):
    """Requests the whole history and reads nothing."""

    def __init__(self, port, receive_buffer=64 * KIBIBYTE):
        super().__init__(port, receive_buffer=receive_buffer)
        self.send_text("40{}")


# Peers that stay connected


def test_a_slow_reader_of_a_long_history_stays_connected(start):
    server = start(*HEARTBEAT)
    fill(server)
    with SlowChatClient(server.port, receive_buffer=64 * KIBIBYTE) as client:
        client.pace = Pace(600_000)
        began = time.monotonic()
        rows = client.read_rows(ROWS, 40)
        assert time.monotonic() - began > 4 * (INTERVAL + TIMEOUT), "the client must be slow"
        assert [identifier for identifier, _ in rows] == list(range(1, ROWS + 1))
        client.pace = Pace(1e9)
        assert client.say("still here") == []


def test_a_client_that_sends_a_large_message_stays_connected(start):
    server = start(*HEARTBEAT)
    with ChatClient(server.port) as client:
        message = frame(TEXT, '42["nobody handles this","%s"]' % ("x" * 900_000))
        for first in range(0, len(message), 48 * KIBIBYTE):
            # A pong cannot be sent within a frame.
            client.send(message[first : first + 48 * KIBIBYTE])
            let_time_pass(TIMEOUT / 3)
        assert client.say("still here") == []


def test_a_poller_that_receives_a_large_answer_stays_connected(start):
    server = start(*HEARTBEAT)
    fill(server, 20)
    session = PollingSession(server.port)
    assert session.post('40{"serverOffset":0}').text == "ok"
    rows = 0
    with HTTPConnection(server.port, receive_buffer=64 * KIBIBYTE) as connection:
        while rows < 20:
            connection.send_request("GET", session.target)
            packets = slowly(connection, 250_000).partition(b"\r\n\r\n")[2].split(b"\x1e")
            rows += sum(packet.startswith(b'42["chat message"') for packet in packets)
            if b"2" in packets:
                assert session.post("3").text == "ok"


def slowly(connection, rate):
    """The bytes of one answer, head included."""
    received, length, pace = b"", None, Pace(rate)
    while length is None or len(received) < length:
        connection.socket.settimeout(10)
        data = connection.socket.recv(16 * KIBIBYTE)
        assert data, f"ended after {len(received)} bytes of {length}"
        received += data
        if length is None and b"\r\n\r\n" in received:
            head, _, _ = received.partition(b"\r\n\r\n")
            length = len(head) + 4 + int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        pace.passed(len(data))
    return received


# Peers that are disconnected


def test_a_client_that_reads_nothing_is_reset_and_its_kernel_buffers_are_freed(start):
    server = start(*HEARTBEAT)
    fill(server)
    before = resident(server.connections_pid)
    clients = [SilentClient(server.port) for _ in range(30)]
    ports = {client.socket.getsockname()[1] for client in clients}
    most = 0
    while not all(is_reset(client) for client in clients):
        assert time.monotonic() - clients[-1].opened_at < INTERVAL + 3 * TIMEOUT + SLACK
        queues = kernel_queues(server.port)
        most = max([most, *(queues.get(port, 0) for port in ports)])
        let_time_pass(0.02)
    assert 0 < most <= KERNEL_SHARE
    assert resident(server.connections_pid) - before <= 30 * MEBIBYTE
    assert not ports & kernel_queues(server.port).keys(), "no connection may be left in FIN_WAIT1"


def test_a_poller_that_reads_nothing_of_an_answer_is_reset_with_its_session(start):
    server = start(*HEARTBEAT)
    fill(server, 20)
    session = PollingSession(server.port)
    assert session.post('40{"serverOffset":0}').text == "ok"
    with HTTPConnection(server.port, receive_buffer=2 * KIBIBYTE) as connection:
        connection.send_request("GET", session.target)
        connection.send_request("GET", session.target)
        wait_for_reset(connection, INTERVAL + 3 * TIMEOUT + SLACK)
    assert session.get().status == 400


def test_unacknowledged_output_does_not_keep_a_connection_open(start):
    """Simulates a peer that has lost its network: `send` succeeds without an effect."""
    server = start(*HEARTBEAT)
    with ChatClient(server.port) as writer:
        with SocketIOWebSocket(server.port, receive_buffer=2 * KIBIBYTE) as gone:
            gone.connect_namespace(auth={"serverOffset": 0})
            began = time.monotonic()
            while not is_reset(gone):
                assert time.monotonic() - began < INTERVAL + 2 * TIMEOUT + SLACK
                assert writer.say("x" * 1000) == []


def test_single_bytes_in_each_direction_do_not_keep_a_connection_open(start):
    server = start(*HEARTBEAT)
    fill(server)
    with SilentClient(server.port) as client:
        message = frame(TEXT, "4" + "x" * 1000)
        client.send(message[:20])
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            for byte in message[20:]:
                assert time.monotonic() - client.opened_at < INTERVAL + 3 * TIMEOUT + SLACK
                client.send(bytes([byte]))
                client.socket.recv(1)
                let_time_pass(TIMEOUT / 4)


OFFICIAL_PYTHON_CLIENT = """
import sys, socketio
client = socketio.Client(reconnection=False)
client.on("chat message", lambda *arguments: print("message", flush=True))
client.on("disconnect", lambda: print("disconnected", flush=True))
client.connect(sys.argv[1], auth={"serverOffset": 0}, transports=["websocket"])
client.wait()
"""


def test_a_stopped_client_is_reset_and_notices_when_it_continues(start):
    server = start(*HEARTBEAT)
    fill(server)
    address = f"http://127.0.0.1:{server.port}"
    command = [sys.executable, "-c", OFFICIAL_PYTHON_CLIENT, address]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as client:
        try:
            assert client.stdout.readline() == "message\n"
            client.send_signal(signal.SIGSTOP)
            assert established(server.port)
            limit = INTERVAL + 3 * TIMEOUT + SLACK
            wait_until(lambda: not established(server.port), limit, "the client is still there")
            client.send_signal(signal.SIGCONT)
            # The client runs each handler in a thread of its own, so that of a message may print its line later.
            assert "disconnected" in client.stdout.read().splitlines()
        finally:
            client.kill()


def established(port):
    """The ports of the peers with a connection to a server's port."""
    return [peer for peer in kernel_queues(port) if peer]


# Large requests


def ask_for_history(client, count):
    client.send(b"".join(frame(TEXT, '42%d["chat history",{"before":null,"limit":200}]' % ask) for ask in range(count)))


def test_pages_of_history_wait_until_their_client_reads_them(start):
    server = start()
    fill(server, 3)
    before = resident(server.connections_pid)
    clients = [SocketIOWebSocket(server.port, receive_buffer=2 * KIBIBYTE) for _ in range(60)]
    for client in clients:
        client.connect_namespace(auth={"latest": 0})
        ask_for_history(client, 60)
    # After all of them in this worker.
    with ChatClient(server.port) as other:
        for _ in range(20):
            assert other.say("still served") == []
    assert resident(server.connections_pid) - before < 40 * MEBIBYTE, "140 pages were read without the limit"
    packets = [clients[-1].receive_packet() for _ in range(60 + 20)]
    answers = [packet.partition("[")[0] for packet in packets if '{"messages":' in packet]
    # Several pages are read at once, and the first one that was read is the first answer.
    assert sorted(answers) == sorted(f"43{ask}" for ask in range(60))


def test_a_client_that_requests_much_and_reads_nothing_is_disconnected(start):
    server = start(*HEARTBEAT)
    fill(server, 3)
    with SocketIOWebSocket(server.port, receive_buffer=2 * KIBIBYTE) as client:
        client.connect_namespace(auth={"latest": 0})
        # More requests than the server reads while a handler waits.
        ask_for_history(client, 1000)
        wait_for_reset(client, INTERVAL + 3 * TIMEOUT + SLACK)


def test_a_client_that_requests_much_and_reads_slowly_gets_everything(start):
    server = start(*HEARTBEAT)
    fill(server, 3)
    with SlowChatClient(server.port, receive_buffer=64 * KIBIBYTE) as client:
        client.pace = Pace(4_000_000)
        ask_for_history(client, 600)
        began = time.monotonic()
        client.read_until(lambda: len(client.acks) == 600, 60)
        assert time.monotonic() - began > 2 * (INTERVAL + TIMEOUT), "the client must be slow"


def test_new_requests_do_not_keep_a_session_open(start):
    server = start(*HEARTBEAT)
    session = PollingSession(server.port)
    assert session.post("40").text == "ok"
    while session.post('42["nobody handles this"]').status == 200:
        assert time.monotonic() - session.opened_at < INTERVAL + TIMEOUT + SLACK


def test_a_client_that_reads_everything_and_answers_no_ping_is_disconnected(start):
    server = start(*HEARTBEAT)
    stop = threading.Event()

    def write():
        with ChatClient(server.port) as writer:
            while not stop.is_set():
                writer.say("x" * TEXT_SIZE)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        with EngineWebSocket(server.port) as client:
            client.send_text("40")
            with pytest.raises(Disconnected):
                while True:
                    client.receive_message()
                    assert time.monotonic() - client.opened_at < INTERVAL + TIMEOUT + SLACK
    finally:
        stop.set()
        thread.join()


# Closing


def test_a_refusal_reaches_a_client_that_reads_late(start):
    server = start()
    with HTTPConnection(server.port) as connection:
        connection.send(b"GARBAGE\r\n\r\n")
        let_time_pass(1)
        assert connection.read_response().status == 400
        assert connection.wait_for_end() == b""


def test_three_megabytes_from_one_handler_arrive_whole(conformance):
    with SocketIOWebSocket(conformance.port) as client:
        client.connect_namespace()
        client.emit("burst")
        pieces = [packet for packet in client.receive_packets(21) if packet.startswith('42["piece"')]
        assert pieces == ['42["piece",%d,"%s"]' % (number, "x" * 150_000) for number in range(20)]
