"""Limits of what one client, and the clients of one address, may do."""

import itertools
import json
import resource
import sqlite3
import statistics
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from engine import PollingSession
from metrics import Page
from packets import ChatClient, SocketIOWebSocket, compact
from ports import free_port
from processes import REPOSITORY, clean_environment, descriptors
from users import User
from waiting import let_time_pass, wait_until
from wire import TEXT, Disconnected, HTTPConnection, frame

pytestmark = pytest.mark.timeout(120)

HANDSHAKE = "/socket.io/?EIO=4&transport=polling"


def stored_texts(path):
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as database:
        return [text for (text,) in database.execute("SELECT content FROM messages ORDER BY id")]


def status_from(port, address, target=HANDSHAKE):
    """The status of a request that a trusted proxy passes on for `address`."""
    with HTTPConnection(port) as http:
        return http.request("GET", target, headers=[("X-Forwarded-For", address)])


def next_answer(client, ack):
    """The argument of an acknowledgement."""
    while not (packet := client.receive_packet(timeout=10)).startswith(f"43{ack}["):
        pass
    return json.loads(packet.removeprefix(f"43{ack}"))[0]


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_an_official_client_at_three_times_the_rate_loses_nothing(start_chatd, tmp_path, transport):
    chatd = start_chatd("--message-rate", "40/20")
    texts = [f"message {number}" for number in range(240)]
    with User(chatd.port, transport) as user:
        begin = time.monotonic()
        answers = []
        for number, text in enumerate(texts):
            # 120 messages a second, whatever the server does.
            let_time_pass(max(0, begin + number / 120 - time.monotonic()))
            user.client.emit("chat message", (text, f"offset {number}"), callback=lambda *a: answers.append(a))
        wait_until(lambda: len(answers) == len(texts), timeout=30)
        assert time.monotonic() - begin > 4, "the rate was not in force"
        assert set(answers) == {()}, "a client that asks for no details gets the plain acknowledgement"
        user.wait_for_rows(len(texts))
        assert user.texts == texts
    assert stored_texts(tmp_path / "chat.db") == texts


def test_a_client_that_asks_for_details_learns_when_to_send_again(start_chatd, tmp_path):
    admin = free_port()
    chatd = start_chatd("--message-rate", "2/3", "--admin-port", admin)
    with SocketIOWebSocket(chatd.port) as client:
        client.connect_namespace(auth={"details": 1})
        for number in range(4):
            client.emit("chat message", f"message {number}", f"offset {number}", ack=number)
        answers = {}
        while len(answers) < 4:
            packet = client.receive_packet(timeout=10)
            if packet.startswith("43"):
                number, answer = packet[2:].split("[", 1)
                answers[int(number)] = json.loads("[" + answer)[0]
        refused = [number for number, answer in answers.items() if "error" in answer]
        assert len(refused) == 1
        assert Page(admin)['chatd_refusals_total{reason="rate"}'] == 1
        assert answers[refused[0]]["error"] == "too many messages"
        assert 0 < answers[refused[0]]["retryAfter"] <= 1000
        number, answer = refused[0], answers[refused[0]]
        for ack in range(9, 20):
            let_time_pass(answer["retryAfter"] / 1000)
            client.emit("chat message", f"message {number}", f"offset {number}", ack=ack)
            answer = next_answer(client, ack)
            if "id" in answer:
                break
    assert sorted(stored_texts(tmp_path / "chat.db")) == [f"message {number}" for number in range(4)]


def test_a_reader_of_the_history_is_slowed_down_by_the_bytes_that_it_reads(start_chatd):
    chatd = start_chatd("--history-rate", "100000/200000")
    with User(chatd.port, "websocket") as user:
        for number in range(8):
            user.say("x" * 50_000, f"offset {number}")
        begin = time.monotonic()
        for _ in range(8):
            page = user.client.call("chat history", {"before": None, "limit": 1}, timeout=20)
            assert len(page["messages"]) == 1
        # 8 pages of 50 KB; the burst pays for four of them.
        assert time.monotonic() - begin > 1
    with ChatClient(chatd.port, offset=8) as other:
        begin = time.monotonic()
        other.emit("chat history", {"before": None, "limit": 1}, ack=1)
        assert len(other.read_ack(1)[0]["messages"]) == 1
        # It has a rate of its own. The next page of the first client would come after more than a second.
        assert time.monotonic() - begin < 1


def test_clients_that_a_trusted_proxy_names_have_limits_and_the_proxy_has_none(start_chatd):
    chatd = start_chatd("--trusted-proxies", "loopback", "--handshake-rate", "1/3")
    statuses = [status_from(chatd.port, "203.0.113.7") for _ in range(5)]
    assert [answer.status for answer in statuses] == [200, 200, 200, 429, 429]
    assert int(statuses[-1].header("retry-after")) >= 1
    assert status_from(chatd.port, "203.0.113.8").status == 200
    assert [status_from(chatd.port, f"2001:db8::{n}").status for n in range(5)] == [200, 200, 200, 429, 429]
    for _ in range(10):
        PollingSession(chatd.port)
    wait_until(lambda: "--handshake-rate" in chatd.stderr_text())
    assert "203.0.113.7" in chatd.stderr_text()


def test_an_untrusted_client_cannot_choose_its_address(start_chatd):
    chatd = start_chatd("--handshake-rate", "1/3")
    assert [status_from(chatd.port, "203.0.113.7").status for _ in range(6)] == [200] * 6


def test_connections_above_the_limit_get_503_until_one_ends(start_chatd):
    admin = free_port()
    chatd = start_chatd("--max-connections", "4", "--admin-port", admin)
    clients = [ChatClient(chatd.port) for _ in range(4)]
    with HTTPConnection(chatd.port) as http:
        # The answer comes without a request.
        assert http.read_response().status == 503
    assert Page(admin)['chatd_refusals_total{reason="connections"}'] == 1
    clients.pop().close()

    def accepts():
        with HTTPConnection(chatd.port) as http:
            try:
                return http.request("GET", "/").status == 200
            except (ConnectionError, Disconnected):
                return False

    wait_until(accepts)
    for client in clients:
        client.close()
    wait_until(lambda: "--max-connections" in chatd.stderr_text())


def test_connections_without_a_descriptor_are_closed_and_counted(start_chatd):
    admin = free_port()
    chatd = start_chatd("--admin-port", admin)
    limits = resource.prlimit(chatd.pid, resource.RLIMIT_NOFILE)
    used = descriptors(chatd.pid)
    free = next(number for number in itertools.count() if number not in used)
    resource.prlimit(chatd.pid, resource.RLIMIT_NOFILE, (free, limits[1]))
    with HTTPConnection(chatd.port) as refused:
        refused.wait_for_end()
    resource.prlimit(chatd.pid, resource.RLIMIT_NOFILE, limits)
    assert Page(admin)['chatd_refusals_total{reason="descriptors"}'] == 1
    assert status_from(chatd.port, "203.0.113.7").status == 200


def test_messages_that_a_client_leaves_behind_above_the_rate_of_its_address_are_counted(start_chatd, tmp_path):
    admin = free_port()
    chatd = start_chatd(
        "--trusted-proxies", "loopback", "--message-rate", "1/1", "--max-address-rates", "1", "--admin-port", admin)
    with SocketIOWebSocket(chatd.port, headers=[("X-Forwarded-For", "203.0.113.7")]) as client:
        client.connect_namespace()
        texts = [f"message {number}" for number in range(40)]
        # In one segment, so that the server reads all of them before it stops reading.
        packets = ["42" + compact(["chat message", text, text]) for text in texts]
        client.send(b"".join(frame(TEXT, packet.encode()) for packet in packets))
        wait_until(lambda: Page(admin)["chatd_rate_pauses_total"] == 1)

    def dropped():
        return int(Page(admin)['chatd_refusals_total{reason="rate_end"}'])

    wait_until(dropped)
    # What the address may send in ten seconds is kept.
    wait_until(lambda: stored_texts(tmp_path / "chat.db") == texts[:40 - dropped()])
    assert 20 < dropped() < 39


@contextmanager
def flooding(port):
    """A flooding client, in a process that gives way to the server: it has a machine of its own."""
    process = subprocess.Popen(
        ["nice", "-n", "19", sys.executable, Path(__file__).parent / "flooder.py", str(port)],
        stdout=subprocess.PIPE, text=True,
        env=clean_environment({"PYTHONPATH": str(REPOSITORY / "Tests/EndToEnd/support")}))
    try:
        assert process.stdout.readline() == "floods\n"
        yield
        assert process.poll() is None, "the flood has ended"
    finally:
        process.kill()
        process.wait()


def median_latency(port, name):
    """The median time of fifty acknowledgements, in seconds, of a client with a rate of its own."""
    times = []
    with ChatClient(port) as client:
        client.say("first", f"{name} first")
        for number in range(50):
            begin = time.monotonic()
            client.say(f"{name} {number}", f"{name} {number}")
            times.append(time.monotonic() - begin)
    return statistics.median(times)


#: The time in seconds that a shared machine may take to run another process.
ALLOWANCE = 0.01


def test_a_flood_does_not_delay_the_acknowledgements_of_others(start_chatd, tmp_path):
    """The best of three tries counts, because other programs use the machine too."""
    admin = free_port()
    chatd = start_chatd("--message-rate", "100/300", "--admin-port", admin)
    pairs = []
    for attempt in range(3):
        quiet = median_latency(chatd.port, f"quiet {attempt}")
        with flooding(chatd.port):
            pairs.append((quiet, median_latency(chatd.port, f"flooded {attempt}")))
        if pairs[-1][1] < 2 * quiet + ALLOWANCE:
            break
    print("medians of acknowledgements in ms:", [(quiet * 1000, flooded * 1000) for quiet, flooded in pairs])
    assert any(flooded < 2 * quiet + ALLOWANCE for quiet, flooded in pairs), pairs
    assert Page(admin)["chatd_rate_pauses_total"] > 0
    texts = stored_texts(tmp_path / "chat.db")
    for kind, attempt in itertools.product(["quiet", "flooded"], range(len(pairs))):
        name = f"{kind} {attempt}"
        assert [text for text in texts if text.startswith(name)] == [f"{name} {number}" for number in range(50)]


def test_clients_that_a_trusted_proxy_names_in_no_known_form_share_one_limit(start_chatd):
    chatd = start_chatd("--trusted-proxies", "loopback", "--handshake-rate", "1/3", "--allowed-hosts", "*")
    assert [status_from(chatd.port, f"garbage {number}").status for number in range(5)] == [200, 200, 200, 429, 429]
    assert status_from(chatd.port, "203.0.113.1").status == 200
    wait_until(lambda: "the last one from unknown" in chatd.stderr_text())


def test_a_proxy_that_is_not_trusted_is_logged_once_with_the_option(start_chatd):
    chatd = start_chatd()
    for number in [1, 1, 2, 3, 4]:
        assert "--trusted-proxies" not in chatd.stderr_text() or number > 2
        assert status_from(chatd.port, f"203.0.113.{number}").status == 200
    wait_until(lambda: "127.0.0.1 forwards the requests of several clients" in chatd.stderr_text())
    assert chatd.stderr_text().count("add --trusted-proxies 127.0.0.1") == 1
