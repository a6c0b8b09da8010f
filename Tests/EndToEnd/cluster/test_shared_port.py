"""`--ports shared`: all workers accept on one port, and each request reaches the worker of its session."""

import asyncio
import json
import os
import resource
import signal
import threading
from contextlib import closing

import aiohttp
import processes
import pytest
from engine import EngineWebSocket, PollingSession, polling_target, upgrade
from metrics import Page
from packets import ChatClient
from ports import free_port
from recovering import Recovering
from users import User
from waiting import wait_until
from wire import TEXT, Disconnected, HTTPConnection, frame, http

pytestmark = pytest.mark.timeout(120)
WORKERS = 3


@pytest.fixture(scope="module")
def _server(tmp_path_factory):
    admin = free_port()
    server = processes.Supervisor(
        tmp_path_factory.mktemp("shared"), WORKERS, "--ports", "shared", "--admin-port", admin)
    server.admin_port = admin
    yield server
    server.end()


@pytest.fixture
def server(_server):
    """A server for tests that do not affect each other. No connection may stay behind."""
    yield _server
    wait_until(lambda: all(int(worker["connections"]) == 0 for worker in _server.counters()[1]))


def sessions_on_each_worker(port):
    """One polling session on each worker. Its number is at the beginning of its id."""
    found, others = {}, []
    while len(found) < WORKERS:
        session = PollingSession(port)
        if session.sid[:4] in found:
            # It stays open for now: a worker with more than its share passes new sessions on.
            others.append(session)
        else:
            found[session.sid[:4]] = session
    for session in others:
        session.close()
    return list(found.values())


def read_until(packet, read):
    """All packets up to this one. Rows of earlier tests may come first."""
    packets = []
    while packet not in packets:
        packets += read()
    return packets


# Every kind of request


def test_requests_on_new_connections_reach_their_session(server):
    for session in sessions_on_each_worker(server.port):
        for _ in range(20):
            assert session.post("40").text == "ok"
            assert session.receive(1)[0].startswith("40{")
            assert session.post("41").text == "ok"
        session.close()


def test_a_kept_alive_connection_serves_the_sessions_of_all_workers(server):
    sessions = sessions_on_each_worker(server.port)
    connection = HTTPConnection(server.port)
    for _ in range(10):
        for session in sessions:
            connection.send(connection.request_bytes("POST", session.target, body=b"40"))
            assert connection.read_response().text == "ok"
            connection.send(connection.request_bytes("GET", session.target))
            assert "40{" in connection.read_response().text
            connection.send(connection.request_bytes("POST", session.target, body=b"41"))
            assert connection.read_response().text == "ok"
    connection.close()
    for session in sessions:
        session.close()


def test_pipelined_requests_for_different_workers_are_answered_once_and_in_order(server):
    sessions = sessions_on_each_worker(server.port)
    with closing(HTTPConnection(server.port)) as connection:
        requests = b""
        for session in sessions * 5:
            requests += connection.request_bytes("POST", session.target, body=b"40")
            requests += connection.request_bytes("GET", session.target)
            requests += connection.request_bytes("POST", session.target, body=b"41")
            requests += connection.request_bytes("GET", "/nowhere")
        connection.send(requests)
        for _ in sessions * 5:
            assert connection.read_response().text == "ok"
            assert "40{" in connection.read_response().text
            assert connection.read_response().text == "ok"
            assert connection.read_response().status == 404
    for session in sessions:
        session.close()


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
def test_a_request_may_be_cut_at_any_byte(server, chunked):
    for session in sessions_on_each_worker(server.port):
        head = f"POST {session.target} HTTP/1.1\r\nHost: localhost\r\n"
        if chunked:
            request = head + "Transfer-Encoding: chunked\r\n\r\n1\r\n4\r\n1;x=y\r\n0\r\n0\r\n\r\n"
        else:
            request = head + "Content-Length: 2\r\n\r\n40"
        for cut in range(1, len(request), 3):
            with closing(HTTPConnection(server.port)) as connection:
                connection.send(request[:cut].encode())
                # Another request is answered meanwhile, so that the server has probably read the first part.
                assert http(server.port, "GET", "/nowhere").status == 404
                connection.send(request[cut:].encode())
                assert connection.read_response().text == "ok"
            assert session.receive(1)[0].startswith("40{")
            assert session.post("41").text == "ok"
        session.close()


def test_a_large_body_that_is_half_read_arrives_whole(server):
    text = "x" * 60_000
    for session in sessions_on_each_worker(server.port):
        session.post("40")
        session.receive(1)
        post = session.start_post(f'420["chat message","{text}"]', 30_000)
        assert http(server.port, "GET", "/nowhere").status == 404
        post.send(f'420["chat message","{text}"]'.encode()[30_000:])
        assert post.read_response().text == "ok"
        # A session that catches up may get the acknowledgement before the row.
        packets = read_until("430[]", lambda: session.receive(1))
        while not any(text in packet for packet in packets):
            packets += session.receive(1)
        post.close()
        session.close()


def test_a_client_that_waits_for_100_continue_gets_it_from_the_worker_of_its_session(server):
    for session in sessions_on_each_worker(server.port):
        with closing(HTTPConnection(server.port)) as connection:
            head = {"Expect": "100-continue", "Content-Length": 2}
            connection.send(connection.request_bytes("POST", session.target, head))
            assert connection.receive_until(b"\r\n\r\n") == b"HTTP/1.1 100 Continue"
            connection.send(b"40")
            assert connection.read_response().text == "ok"
        session.close()


def test_an_upgrade_reaches_the_worker_of_its_session(server):
    before = Page(server.admin_port)
    for _ in range(5):
        for session in sessions_on_each_worker(server.port):
            session.post("40")
            session.receive(1)
            with closing(upgrade(session)) as socket:
                socket.send_text('421["chat message","hi"]')
                read_until("431[]", lambda socket=socket: [socket.receive_packet()])
    after = Page(server.admin_port)
    # Of 15 connections, a third comes to its worker by chance.
    passed, refused = (f'chatd_connections_passed_total{{result="{result}"}}' for result in ["passed", "refused"])
    assert after[passed] > before[passed] and after[refused] == before[refused]


def test_the_first_frames_may_follow_the_upgrade_request_at_once(server):
    for session in sessions_on_each_worker(server.port):
        session.post("40")
        session.receive(1)
        socket = EngineWebSocket(server.port, sid=session.sid, early=frame(TEXT, "2probe") + frame(TEXT, "5"))
        assert socket.receive_message() == "3probe"
        socket.send_text('421["chat message","early"]')
        read_until("431[]", lambda socket=socket: [socket.receive_packet()])
        socket.close()


def test_requests_without_a_session_are_answered_by_any_worker(server):
    for target in ("/", "/socket.io/socket.io.js", "/nowhere", "/socket.io/?EIO=4&transport=polling&sid=short"):
        assert http(server.port, "GET", target).status in (200, 404, 400)
    response = http(server.port, "GET", polling_target("/socket.io/", "A" * 20))
    assert (response.status, json.loads(response.body)["code"]) == (400, 1), "a worker that never existed"
    response = http(server.port, "GET", polling_target("/socket.io/", "__-_" + "A" * 16))
    assert (response.status, json.loads(response.body)["code"]) == (400, 1), "a worker of the future"


def test_a_repeat_of_a_lost_request_reaches_the_worker_that_remembers_it(server):
    for session in sessions_on_each_worker(server.port):
        posts = [http(server.port, "POST", session.target + "&t=p1", body=b"40") for _ in range(8)]
        assert {post.text for post in posts} == {"ok"}
        answers = [http(server.port, "GET", session.target + "&t=g1").text for _ in range(8)]
        assert len(set(answers)) == 1 and answers[0].count("40{") == 1, "the POST was handled once"
        session.close()


# Many sessions


def test_websocket_only_clients_never_hang(server):
    """Each connection is a new session. A server with a sticky balancer loses some of them."""
    failures = []

    def connect(count):
        try:
            for _ in range(count):
                with closing(EngineWebSocket(server.port)) as socket:
                    socket.send_text("40")
                    assert socket.receive_packet().startswith("40{")
        except Exception as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=connect, args=(250,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_sessions_spread_evenly(tmp_path):
    workers = 4
    server = processes.Supervisor(tmp_path, workers, "--ports", "shared")
    try:
        sockets = [EngineWebSocket(server.port) for _ in range(400)]
        counts = {}
        for socket in sockets:
            counts[socket.sid[:4]] = counts.get(socket.sid[:4], 0) + 1
        assert len(counts) == workers
        assert all(85 <= count <= 115 for count in counts.values()), counts
        for socket in sockets:
            socket.close()
    finally:
        server.end()


# The official client


@pytest.mark.parametrize("transport", ["polling", "websocket", "upgrade"])
def test_the_official_python_client_chats_on_one_port(server, transport):
    users = [User(server.port, transport).connect() for _ in range(6)]
    for number, user in enumerate(users):
        user.say(f"{transport} from {number}")
    texts = [f"{transport} from {number}" for number in range(6)]
    for user in users:
        wait_until(lambda user=user: [text for text in user.texts if text in texts] == texts)
    for user in users:
        user.leave()


# Failures


def test_sessions_of_a_killed_worker_are_refused_and_recovered(supervise):
    server = supervise(WORKERS, "--ports", "shared")
    clients = [Recovering(server.port) for _ in range(9)]
    sessions = sessions_on_each_worker(server.port)
    number = clients[0].sid[:4]
    slot = next(
        slot
        for slot in range(WORKERS)
        if sorted({session.sid[:4] for session in sessions}).index(number) == slot
    )
    os.kill(server.worker_pid(slot), signal.SIGKILL)
    dead = next(session for session in sessions if session.sid[:4] == number)
    wait_until(lambda: http(server.port, "GET", dead.target).status == 400)
    response = http(server.port, "GET", dead.target)
    assert json.loads(response.body) == {"code": 1, "message": "Session ID unknown"}
    for client in clients:
        if client.sid[:4] == number:
            client.wait_until_ended()
            with closing(Recovering(server.port, before=client)) as again:
                assert again.is_recovered
        client.close()
    for session in sessions:
        if session is not dead:
            assert session.post("40").text == "ok"
            session.close()


def test_requests_for_a_stopped_worker_are_refused_above_a_limit_and_others_are_served(supervise):
    server = supervise(2, "--ports", "shared")
    pids = server.worker_pids()
    sessions = {}
    while len(sessions) < 2:
        session = PollingSession(server.port)
        sessions[session.sid[:4]] = session
    first, second = (sessions[number] for number in sorted(sessions))
    os.kill(pids[0], signal.SIGSTOP)
    try:
        connections = [HTTPConnection(server.port) for _ in range(1300)]
        for connection in connections:
            connection.send(connection.request_bytes("POST", first.target, body=b"40"))

        def refused():
            found = 0
            for connection in connections:
                try:
                    connection.receive_some(0.001)
                except (TimeoutError, Disconnected):
                    continue
                found += connection.buffer.startswith(b"HTTP/1.1 503 ")
            return found

        wait_until(lambda: refused() > 50)
        assert second.post("40").text == "ok"
    finally:
        os.kill(pids[0], signal.SIGCONT)
    for connection in connections:
        connection.close()
    wait_until(lambda: all(int(worker["connections"]) == 0 for worker in server.counters()[1]))


def test_requests_for_a_worker_without_descriptors_left_are_refused_until_it_has_some(supervise):
    admin = free_port()
    server = supervise(2, "--ports", "shared", "--admin-port", admin)
    worker, other = server.worker_pids()
    sessions = {}
    while len(sessions) < 2:
        session = PollingSession(server.port)
        sessions[session.sid[:4]] = session
    first, second = (sessions[number] for number in sorted(sessions))
    # Connections that the other worker has: the worker without descriptors cannot accept any.
    connections = [HTTPConnection(server.port) for _ in range(21)]
    for connection in connections:
        connection.send(connection.request_bytes("POST", second.target, body=b"3"))
        assert connection.read_response().text == "ok"
    limits = resource.prlimit(worker, resource.RLIMIT_NOFILE)
    resource.prlimit(worker, resource.RLIMIT_NOFILE, (len(processes.descriptors(worker)), limits[1]))
    *refused, served = connections
    for connection in refused:
        connection.send(connection.request_bytes("POST", first.target, body=b"3"))
        assert connection.read_response().status == 503
        served.send(served.request_bytes("POST", second.target, body=b"3"))
        assert served.read_response().text == "ok"
    resource.prlimit(worker, resource.RLIMIT_NOFILE, limits)
    served.send(served.request_bytes("POST", first.target, body=b"3"))
    assert served.read_response().text == "ok"
    assert server.worker_pids() == [worker, other]
    assert Page(admin)['chatd_connections_passed_total{result="refused"}'] == len(refused)


def test_no_descriptor_is_leaked(supervise):
    server = supervise(2, "--ports", "shared")

    def use():
        sessions = {}
        while len(sessions) < 2:
            session = PollingSession(server.port)
            sessions[session.sid[:4]] = session
        for session in sessions.values():
            for _ in range(30):
                session.post("40")
                session.receive(1)
                session.post("41")
            session.close()
        with closing(ChatClient(server.port)) as client:
            client.say("hello")

    def open_descriptors():
        return [len(processes.descriptors(pid)) for pid in [server.pid, *server.worker_pids()]]

    use()
    wait_until(lambda: all(int(worker["connections"]) == 0 for worker in server.counters()[1]))
    before = open_descriptors()
    for _ in range(3):
        use()
    wait_until(lambda: open_descriptors() == before, message=lambda: f"{open_descriptors()} instead of {before}")


# Bursts


@pytest.fixture
def burst(supervise):
    """Runs coroutines with HTTP requests, each on a connection of its own, against a server of two workers."""
    server = supervise(2, "--ports", "shared")

    def run(make_requests):
        async def all_requests():
            connector = aiohttp.TCPConnector(limit=0, force_close=True)
            async with aiohttp.ClientSession(f"http://127.0.0.1:{server.port}", connector=connector) as http_session:
                return await asyncio.gather(*make_requests(http_session))

        return asyncio.run(all_requests())

    return run


async def status(request):
    async with request as response:
        return response.status, await response.text()


def test_a_burst_of_new_sessions_is_not_refused(burst):
    answers = burst(lambda http: [status(http.get(polling_target("/socket.io/"))) for _ in range(600)])
    assert {code for code, _ in answers} == {200}


def test_a_burst_of_requests_for_living_sessions_is_not_refused(burst):
    answers = burst(lambda http: [status(http.get(polling_target("/socket.io/"))) for _ in range(400)])
    targets = [polling_target("/socket.io/", json.loads(text[1:])["sid"]) for _, text in answers]
    posts = burst(lambda http: [status(http.post(target, data="40")) for target in targets])
    assert set(posts) == {(200, "ok")}
