"""The example programs of the library, with a client of another project."""

import os
import re
import signal
import threading
import time

import pytest
import requests
import socketio

from examples import Example
from waiting import wait_until


@pytest.fixture
def example(tmp_path):
    """Starts an example in the test's directory."""
    started = []

    def start(name, ports=1, arguments=("0",)):
        started.append(Example(name, tmp_path, ports, arguments))
        return started[-1]

    yield start
    for program in started:
        program.end()


@pytest.fixture
def client():
    """Makes clients; they are disconnected after the test."""
    clients = []

    def connect(port, serializer="default", **options):
        made = socketio.Client(reconnection_delay=0.1, serializer=serializer)
        made.received = []
        made.on("*", lambda *arguments: made.received.append(arguments))
        made.connect(f"http://localhost:{port}", **options)
        clients.append(made)
        return made

    yield connect
    for made in clients:
        made.disconnect()


@pytest.mark.parametrize("transport", ["polling", "websocket"])
def test_hello_sends_each_message_back_and_acknowledges_it(example, client, transport):
    program = example("Hello")
    one = client(program.ports[0], transports=[transport])
    assert one.call("message", "hello", timeout=20) == 5
    wait_until(lambda: one.received == [("message", "hello")])
    assert one.call("message", 7, timeout=20) == {"error": "argument 0: expected String, found the number 7"}
    assert "handler of / failed" in program.text


def test_hello_ends_with_a_signal(example, client):
    program = example("Hello")
    client(program.ports[0])
    program.process.terminate()
    assert program.process.wait(20) == -signal.SIGTERM


def test_every_core_is_one_chat_even_after_a_worker_was_killed(example, client):
    count = len(os.sched_getaffinity(0))
    program = example("EveryCore", ports=count)
    assert len(program.workers) == count
    clients = [client(port) for port in program.ports]
    for number, one in enumerate(clients):
        one.call("chat message", f"from {number}", timeout=20)
    victim = program.workers[0]
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: victim not in program.workers and len(program.workers) == count)
    assert "was ended by signal 9" in program.text
    late = client(program.ports[0])
    late.call("chat message", "from a late client", timeout=20)
    texts = [f"from {number}" for number in range(count)] + ["from a late client"]
    wait_until(lambda: [text for _, text, *_ in late.received] == texts)
    for one in clients[1:]:
        wait_until(lambda: [text for _, text, *_ in one.received] == texts)


def test_whiteboard_shows_lines_and_cursors_to_the_others(example, client):
    program = example("Whiteboard")
    one, other = client(program.ports[0]), client(program.ports[0])
    line = {"from": [0, 0.5], "to": [10, 20], "color": "red"}
    one.call("drawing", line, timeout=20)
    wait_until(lambda: other.received == [("drawing", line)])
    one.emit("cursor", (1.5, 2))
    wait_until(lambda: ("cursor", one.get_sid(), 1.5, 2) in other.received)
    assert one.received == []
    other_sid = other.get_sid()
    other.disconnect()
    wait_until(lambda: one.received == [("cursor gone", other_sid)])


def test_request_response_answers_each_request_and_shows_the_change_to_the_others(example, client):
    program = example("RequestResponse")
    one, other = client(program.ports[0]), client(program.ports[0])
    milk, bread = {"title": "milk", "isDone": False}, {"title": "bread", "isDone": False}
    assert one.call("item:create", milk, timeout=20) == 1
    assert other.call("item:create", bread, timeout=20) == 2
    done = {"title": "milk", "isDone": True}
    assert other.call("item:update", (1, done), timeout=20) is None
    assert one.call("item:list", timeout=20) == [done, bread]
    assert one.call("item:delete", 2, timeout=20) is None
    assert one.call("item:delete", 2, timeout=20) == {"error": "no such item"}
    assert one.call("item:create", {"title": 1}, timeout=20) == {
        "error": "argument 0, title: expected String, found the number 1"
    }
    assert one.call("item:list", timeout=20) == [done]
    wait_until(lambda: one.received == [("item:created", 2, bread), ("item:updated", 1, done)])
    wait_until(lambda: other.received == [("item:created", 1, milk), ("item:deleted", 2)])


def test_chat_has_rooms_names_and_answers_on_every_core(example):
    program = example("Chat", ports=len(os.sched_getaffinity(0)))
    first, last = program.ports[0], program.ports[-1]
    ann, bob = _chatter(first, "ann"), _chatter(last, "bob")
    try:
        assert ann.call("join", "red", namespace="/chat") == ["red"]
        assert bob.call("post", {"room": "red", "text": "x"}, namespace="/chat") == {"error": "join the room first"}
        assert bob.call("join", "red", namespace="/chat") == ["red"]
        assert ann.call("who", "red", namespace="/chat") == ["ann", "bob"]
        ann.call("post", ({"room": "red", "text": "hi"}, "note"), namespace="/chat")
        wait_until(lambda: ("post", {"from": "ann", "text": "hi"}, "note") in _events(bob))
        wait_until(lambda: ("joined", {"name": "bob"}) in _events(ann))
        assert ann.call("poll me", namespace="/chat") == "you said yes"
    finally:
        ann.disconnect()
        bob.disconnect()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_chat_closes_everything_when_a_stop_signal_arrives(example, client, number):
    program = example("Chat", ports=len(os.sched_getaffinity(0)))
    clients = [client(port, namespaces=["/chat"], auth={"name": "ann"}) for port in program.ports]
    workers = program.workers
    for worker in workers:  # a terminal sends the signal to the workers too
        os.kill(worker, number)
    time.sleep(0.3)  # would show that a worker ends by itself
    assert program.workers == workers
    program.process.send_signal(number)
    assert program.process.wait(20) == 0
    assert "exited" not in program.text
    wait_until(lambda: not any(one.connected for one in clients))
    for worker in workers:
        with pytest.raises(ProcessLookupError):
            os.kill(worker, 0)


def test_chat_refuses_a_client_without_a_name(example):
    program = example("Chat", ports=len(os.sched_getaffinity(0)))
    client = socketio.Client(reconnection=False)
    errors = []
    client.on("connect_error", errors.append, namespace="/chat")
    with pytest.raises(socketio.exceptions.ConnectionError):
        client.connect(f"http://localhost:{program.ports[0]}", namespaces=["/chat"], auth={})
    assert errors == [{"message": "invalid auth, name: expected String, found nothing"}]


def test_an_adapter_of_another_package_connects_two_servers(example, client):
    program = example("OwnAdapter", ports=2)
    one, other = (client(port) for port in program.ports)
    _exchange_messages_in_a_room(one, other)
    assert program.process.poll() is None


def test_servers_on_several_machines_share_a_hub(example, client):
    hub = example("SeveralMachines", ports=0, arguments=("hub", "0"))
    hub_port = wait_until(lambda: re.search(r"^hub running at 127\.0\.0\.1:(\d+)$", hub.text, re.MULTILINE))[1]
    servers = [
        example("SeveralMachines", arguments=("server", "0", host, hub_port)) for host in ("127.0.0.1", "localhost")
    ]
    one, other = (client(server.ports[0]) for server in servers)
    _exchange_messages_in_a_room(one, other)
    servers[0].process.kill()
    wait_until(lambda: "a server is gone: the other side closed it" in hub.text)
    other.call("message", ("room", "still here"), timeout=20)
    hub.process.kill()
    assert servers[1].process.wait(20) != 0
    assert "the other side closed it" in servers[1].text or "LinkEnd" in servers[1].text


def _exchange_messages_in_a_room(one, other):
    """Two clients of different servers send each other messages."""
    one.call("join", "room", timeout=20)
    other.call("join", "room", timeout=20)
    one.call("message", ("room", "hello"), timeout=20)
    other.call("message", ("room", "again"), timeout=20)
    wait_until(lambda: [text for _, text, *_ in one.received] == ["again"])
    wait_until(lambda: [text for _, text, *_ in other.received] == ["hello"])
    one.call("message", ("other room", "for a room without members"), timeout=20)


def test_survey_collects_the_votes_of_the_clients_of_every_worker(example, client):
    count = len(os.sched_getaffinity(0))
    program = example("Survey", ports=count)
    clients = [client(port) for port in program.ports]
    for number, one in enumerate(clients):
        one.on("vote", lambda question, number=number: f"{number}: {question}")
    assert sorted(clients[0].call("client counts", timeout=20)) == [1] * count
    for asking in clients:
        result = asking.call("survey", ("tea?", 10), timeout=20)
        assert sorted(result["votes"]) == [f"{number}: tea?" for number in range(count)]
        assert result["isComplete"]


def test_survey_ends_with_the_votes_so_far_at_its_timeout_or_when_a_worker_was_killed(example, client):
    program = example("Survey", ports=len(os.sched_getaffinity(0)))
    voter, silent = client(program.ports[-1]), client(program.ports[0])
    asked, released = threading.Event(), threading.Semaphore(0)

    def hesitate(question):
        asked.set()
        released.acquire(timeout=30)

    voter.on("vote", lambda question: "yes")
    silent.on("vote", hesitate)
    expected = {"votes": ["yes"], "isComplete": False}
    try:
        assert voter.call("survey", ("tea?", 1), timeout=10) == expected
        asked.clear()
        released.release()
        results = []
        voter.emit("survey", ("tea?", 60), callback=results.append)
        assert asked.wait(20)
        os.kill(program.workers[0], signal.SIGKILL)
        wait_until(lambda: results == [expected])
    finally:
        released.release()


def _chatter(port, name):
    """A client of the chat that notes its events."""
    client = socketio.Client()
    client.events = []
    client.on("*", lambda *arguments: client.events.append(arguments), namespace="/chat")
    client.on("are you there", lambda text: "yes", namespace="/chat")
    client.connect(f"http://localhost:{port}", namespaces=["/chat"], auth={"name": name})
    return client


def _events(client):
    """The client's events without the offsets that recovery adds."""
    return [event[:-1] for event in client.events]


@pytest.mark.parametrize("transports", [["polling"], ["websocket"], ["polling", "websocket"]])
def test_mounting_serves_socket_io_under_another_http_server(example, client, transports):
    program = example("Mounting")
    base = f"http://localhost:{program.ports[0]}"
    one = client(program.ports[0], transports=transports)
    assert one.call("message", "hello", timeout=20) == 5
    wait_until(lambda: one.received == [("message", "hello")])
    assert requests.get(base + "/", timeout=20).text == "Hello from the program\n"
    assert requests.get(base + "/socket.io/users", timeout=20).json() == 1
    one.disconnect()
    wait_until(lambda: requests.get(base + "/socket.io/users", timeout=20).json() == 0)


@pytest.mark.parametrize("transport", ["polling", "websocket"])
def test_messagepack_keeps_numbers_and_binary_data(example, client, transport):
    program = example("MessagePack")
    one, two = (client(program.ports[0], serializer="msgpack", transports=[transport]) for _ in range(2))
    assert one.call("sum", [1, -(2**62), 2**62 + 2**53 + 1], timeout=20) == 2**53 + 2
    assert one.call("reverse", b"\x00\x01\xff", timeout=20) == b"\xff\x01\x00"
    wait_until(lambda: two.received == [("reversed", b"\xff\x01\x00")])
    assert one.call("sum", "x", timeout=20) == {"error": "argument 0: expected an array, found a string"}


def test_messagepack_refuses_a_client_with_the_default_parser(example):
    program = example("MessagePack")
    client = socketio.Client(reconnection=False)
    with pytest.raises(socketio.exceptions.ConnectionError):
        client.connect(f"http://localhost:{program.ports[0]}", transports=["websocket"], wait_timeout=20)
    wait_until(lambda: "closed a connection from" in program.text and "does not use MessagePack" in program.text)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_workers_end_with_their_program(example, number):
    program = example("EveryCore", ports=len(os.sched_getaffinity(0)))
    workers = program.workers
    program.process.send_signal(number)
    program.process.wait(20)
    wait_until(lambda: not any(_runs(worker) for worker in workers))


def _runs(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(") ", 1)[1].split()[0] != "Z"
    except OSError:
        return False
