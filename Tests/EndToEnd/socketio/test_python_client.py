"""The unchanged official Python client with polling, WebSocket, and the upgrade."""

import signal
import threading

import pytest
import socketio

import chat_database
from packets import ChatClient
from users import TRANSPORTS, InOrderClient, User
from waiting import let_time_pass, wait_until

pytestmark = pytest.mark.timeout(45)

every_transport = pytest.mark.parametrize("transport", TRANSPORTS)


@every_transport
def test_two_users_chat(chatd, transport):
    with User(chatd.port, transport) as alice, User(chatd.port, transport) as bob:
        assert alice.say("hello", "a-0") is None
        assert bob.say("hello yourself", "b-0") is None
        expected = [(1, "hello"), (2, "hello yourself")]
        assert alice.wait_for_rows(2) == expected
        assert bob.wait_for_rows(2) == expected


@every_transport
def test_the_client_uses_the_requested_transport(chatd, transport):
    with User(chatd.port, transport) as user:
        final = "polling" if transport == "polling" else "websocket"
        wait_until(lambda: user.client.transport() == final, 10, "the client has not upgraded")
        assert user.say("hello") is None


def test_users_of_every_transport_see_the_same_list(chatd):
    users = [User(chatd.port, transport).connect() for transport in TRANSPORTS for _ in range(2)]
    try:
        def talk(index):
            for number in range(20):
                users[index].say(f"{index}/{number}", f"{index}-{number}")

        talkers = [threading.Thread(target=talk, args=(index,)) for index in range(len(users))]
        for talker in talkers:
            talker.start()
        for talker in talkers:
            talker.join(30)
        for user in users:
            user.wait_for_rows(20 * len(users))
        assert all(user.rows == users[0].rows for user in users)
        assert users[0].ids == sorted(set(users[0].ids))
        assert len(set(users[0].texts)) == 20 * len(users)
    finally:
        for user in users:
            user.leave()


@every_transport
@pytest.mark.parametrize("count", [17, 100])
def test_a_new_client_gets_every_message(chatd, transport, count):
    """python-engineio refuses an answer with more than 16 packets."""
    with ChatClient(chatd.port) as writer:
        for number in range(count):
            writer.say(f"m{number}")
    with User(chatd.port, transport) as user:
        assert user.wait_for_rows(count) == [(number + 1, f"m{number}") for number in range(count)]
        assert user.say("live") is None
        assert user.wait_for_rows(count + 1)[-1][1] == "live"
        assert user.client.connected and user.connects == 1


@every_transport
def test_a_new_client_with_an_offset_gets_the_later_messages(chatd, transport):
    with ChatClient(chatd.port) as writer:
        for number in range(1, 31):
            writer.say(f"m{number}")
    with User(chatd.port, transport, offset=10) as user:
        assert user.wait_for_rows(20) == [(number, f"m{number}") for number in range(11, 31)]


@every_transport
def test_a_repeat_is_acked_and_stored_once(chatd, transport):
    with User(chatd.port, transport) as user:
        for _ in range(3):
            assert user.say("once", "tab-0") is None
        assert user.say("after", "tab-1") is None
        user.wait_for(lambda: "after" in user.texts)
        assert user.texts == ["once", "after"]


@pytest.mark.parametrize("offset", [(), (None,)], ids=["absent", "null"])
def test_a_client_offset_is_optional(chatd, offset):
    with User(chatd.port) as user:
        assert user.say("same", *offset) is None
        assert user.say("same", *offset) is None
        assert [text for _, text in user.wait_for_rows(2)] == ["same", "same"]


@every_transport
@pytest.mark.parametrize(
    "arguments",
    [
        ("x" * 65537, "a"), ("é" * 32769, "a"), ("text", "x" * 257), (12, "a"),
        (None, "a"), ({"text": 1}, "a"), ("text", 5), (b"text", "a"),
    ],
    ids=["long text", "long UTF-8", "long offset", "number", "null", "object", "number as offset", "binary"],
)
def test_invalid_messages_are_answered_with_an_error(chatd, tmp_path, transport, arguments):
    with User(chatd.port, transport) as user:
        answer = user.client.call("chat message", arguments, timeout=10)
        assert set(answer) == {"error"} and answer["error"]
        assert user.say("after", "b") is None
        assert [text for _, text in user.wait_for_rows(1)] == ["after"]
    assert chat_database.contents(tmp_path / "chat.db") == ["after"]


@every_transport
@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM])
def test_a_user_reconnects_to_a_restarted_server_and_misses_nothing(start_chatd, transport, ending):
    first = start_chatd()
    user = User(first.port, transport)
    with user, ChatClient(first.port) as writer:
        writer.say("before")
        user.wait_for_rows(1)
        if transport == "upgrade":
            wait_until(lambda: user.client.transport() == "websocket", 10, "the client has not upgraded")
        first.stop(ending)
        second = start_chatd(port=first.port)
        with ChatClient(second.port, 1) as later:
            later.say("while away")
            user.wait_for(lambda: user.connects == 2, 20)
            later.say("after")
        user.wait_for_rows(3)
        assert user.texts == ["before", "while away", "after"]


@every_transport
def test_new_clients_join_a_running_stream_without_a_gap(chatd, transport):
    """Two senders never pause. Every new client reads from the first row and catches up with the stream."""
    done = threading.Event()

    def stream(name):
        with ChatClient(chatd.port) as sender:
            number = 0
            while not done.is_set():
                sender.say(f"{name}-{number}", f"{name}-{number}")
                sender.rows.clear()
                number += 1
                let_time_pass(0.003)  # Slow enough for five pollers in one Python process.

    senders = [threading.Thread(target=stream, args=(name,)) for name in ("a", "b")]
    for sender in senders:
        sender.start()
    newcomers = []
    try:
        for _ in range(5):
            newcomer = User(chatd.port, transport).connect()
            newcomers.append(newcomer)
            # It has caught up when a row arrives that was sent after it connected.
            seen = len(newcomers[0].rows)
            newcomer.wait_for_rows(seen + 20, 20)
    finally:
        done.set()
        for sender in senders:
            sender.join(20)
    with User(chatd.port, "websocket") as last:
        last.say("the end")
        for user in [last, *newcomers]:
            user.wait_for(lambda user=user: "the end" in user.texts, 20)
        for newcomer in newcomers:
            assert newcomer.ids == sorted(set(newcomer.ids)), "a row was repeated or out of order"
            assert newcomer.rows == last.rows
    for newcomer in newcomers:
        newcomer.leave()


# The conformance server


@pytest.fixture(params=TRANSPORTS)
def echo(conformance, request):
    """A client of the conformance server. Its answers are collected in `received`."""
    client = InOrderClient(reconnection=False, handle_sigint=False)
    client.received = []
    arrived = threading.Condition()

    def keep(*arguments):
        with arrived:
            client.received.append(arguments)
            arrived.notify_all()

    def wait_for(count):
        with arrived:
            assert arrived.wait_for(lambda: len(client.received) >= count, 10)
        return client.received

    client.wait_for = wait_for
    client.on("message-back", keep)
    client.on("auth", keep)
    client.connect(
        f"http://127.0.0.1:{conformance.port}", transports=TRANSPORTS[request.param], auth={"token": "abc"}
    )
    yield client
    client.disconnect()


def test_auth_reaches_the_server(echo):
    assert echo.wait_for(1) == [({"token": "abc"},)]


def test_arguments_and_binary_are_echoed(echo):
    arguments = (1, "two", {"3": [True, None]}, b"\x00\x01\xff", {"deep": [b"", b"x" * 1000]})
    echo.emit("message", arguments)
    assert echo.wait_for(2)[1] == arguments


def test_acks_carry_arguments_and_binary(echo):
    assert echo.call("message-with-ack", (1, "two", b"three"), timeout=10) == (1, "two", b"three")
    assert echo.call("message-with-ack", b"\x00" * 1000, timeout=10) == b"\x00" * 1000


def test_a_client_joins_a_second_namespace_and_is_refused_in_an_unknown_one(conformance):
    client = socketio.Client(reconnection=False, handle_sigint=False)
    client.connect(f"http://127.0.0.1:{conformance.port}", namespaces=["/custom"], wait_timeout=20)
    assert client.get_sid("/custom")
    client.disconnect()
    with pytest.raises(socketio.exceptions.ConnectionError):
        client.connect(f"http://127.0.0.1:{conformance.port}", namespaces=["/random"], wait_timeout=20)
    client.disconnect()


@every_transport
def test_an_idle_client_stays_connected(conformance, transport):
    """This test waits for five heartbeats. A client has 200 ms for each pong; a busy machine may miss one."""

    def attempt():
        client = InOrderClient(reconnection=False, handle_sigint=False)
        gone = threading.Event()
        client.on("disconnect", lambda *_: gone.set())
        client.connect(f"http://127.0.0.1:{conformance.port}", transports=TRANSPORTS[transport])
        try:
            return not gone.wait(1.6) and client.call("message-with-ack", "still here", timeout=20) == "still here"
        finally:
            client.disconnect()

    assert any(attempt() for _ in range(3))
