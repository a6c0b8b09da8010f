"""The chat application on the wire: output, order, and refusals."""

import json
import re

import pytest

from packets import ChatClient, SocketIOPollingSession, SocketIOWebSocket
from wire import CLOSE, TEXT, frame

pytestmark = pytest.mark.timeout(20)


def test_a_sender_gets_its_own_row_before_its_ack(chatd):
    with SocketIOWebSocket(chatd.port) as client:
        client.connect_namespace()
        client.send_text('420["chat message","hello","tab-0"]')
        row, ack = client.receive_packets(2)
        # With recovery an offset follows the id, and nothing else.
        assert re.fullmatch(r'42\["chat message","hello",1(,"[^"]+")?\]', row)
        assert ack == "430[]"


def test_everyone_gets_the_same_rows_in_the_same_order(chatd):
    clients = [ChatClient(chatd.port) for _ in range(4)]
    for number in range(50):
        for index, client in enumerate(clients):
            client.chat(f"{index}/{number}")
    for client in clients:
        client.read_until(lambda: len(client.rows) == 200 and len(client.acks) == 50)
    assert all(client.rows == clients[0].rows for client in clients)
    assert clients[0].ids == sorted(set(clients[0].ids))
    for index in range(4):
        own = [text for text in clients[0].texts if text.startswith(f"{index}/")]
        assert own == [f"{index}/{number}" for number in range(50)]


@pytest.mark.parametrize(
    "text",
    ["", " ", "é€😀", '"quoted" \\ and / more', "line\nbreak\ttab", "\u0001", "null", "<b>&amp;</b>", "\u2028\x1e"],
    ids=ascii,
)
def test_any_text_arrives_unchanged_live_and_replayed(chatd, text):
    with ChatClient(chatd.port) as live:
        assert live.say(text, "offset") == []
        with ChatClient(chatd.port) as later:
            assert later.read_rows(1) == live.rows == [(1, text)]


def test_a_zero_character_becomes_a_replacement_character(chatd):
    with ChatClient(chatd.port) as client:
        assert client.say("a\u0000b", "offset") == []
        assert client.say("a\u0000b", "offset") == []
        assert client.texts == ["a\ufffdb"]


def test_64_kib_is_the_longest_text(chatd):
    text = "é" * (32 * 1024)
    with ChatClient(chatd.port) as client:
        assert client.say(text) == []
        assert client.texts == [text]
        assert set(client.say(text + "x")[0]) == {"error"}
        assert client.say("x" * 65537)[0]["error"]
        assert client.say("after") == []
        assert client.texts == [text, "after"]


def test_256_bytes_is_the_longest_client_offset(chatd):
    with ChatClient(chatd.port) as client:
        assert client.say("at the limit", "é" * 128) == []
        assert set(client.say("over it", "é" * 128 + "x")[0]) == {"error"}
        assert client.texts == ["at the limit"]


@pytest.mark.parametrize(
    "arguments",
    [
        [1], [None], [True], [["text"]], [{"text": "x"}], [],
        ["text", 1], ["text", ["x"]], ["text", {"a": 1}], ["text", True], ["text", "with\u0000zero"],
    ],
    ids=ascii,
)
def test_an_invalid_message_is_refused_with_an_error(chatd, arguments):
    with ChatClient(chatd.port) as client:
        client.emit("chat message", *arguments, ack=1000)
        error = client.read_ack(1000)
        assert len(error) == 1 and set(error[0]) == {"error"} and isinstance(error[0]["error"], str)
        assert client.say("after") == []
        assert client.texts == ["after"]


def test_an_invalid_message_without_an_ack_is_not_stored(chatd):
    with ChatClient(chatd.port) as client:
        client.emit("chat message", 1)
        assert client.say("after") == []
        assert client.texts == ["after"]


def test_a_binary_text_is_refused_with_an_error(chatd):
    with ChatClient(chatd.port) as client:
        client.send_text('451-1000["chat message",{"_placeholder":true,"num":0}]')
        client.send_binary(b"text")
        assert set(client.read_ack(1000)[0]) == {"error"}
        assert client.say("after") == []
        assert client.texts == ["after"]


@pytest.mark.parametrize("offset", [(), (None,), ("",)], ids=str)
def test_messages_without_a_client_offset_are_never_repeats(chatd, offset):
    """An empty offset is a valid offset: that case is stored once and acked twice."""
    with ChatClient(chatd.port) as client:
        assert client.say("same", *offset) == []
        assert client.say("same", *offset) == []
        assert client.texts == (["same"] if offset == ("",) else ["same", "same"])


def test_a_message_without_an_ack_is_stored_and_published(chatd):
    with ChatClient(chatd.port) as client:
        client.emit("chat message", "no ack", "tab-0")
        assert client.read_rows(1) == [(1, "no ack")]


def test_a_repeat_is_acked_but_neither_stored_nor_published(chatd):
    with ChatClient(chatd.port) as client, ChatClient(chatd.port) as other:
        assert client.say("once", "tab-0") == []
        for _ in range(3):
            assert client.say("once", "tab-0") == []
        assert other.say("once", "tab-0") == []
        assert client.say("after") == []
        assert client.texts == ["once", "after"]
        assert other.read_until(lambda: "after" in other.texts) is None
        assert other.texts == ["once", "after"]


def test_twenty_copies_in_flight_at_once_are_stored_once(chatd):
    """The copies are in one group of the store, and each is acked."""
    with ChatClient(chatd.port) as client:
        acks = [client.chat("once", "tab-0") for _ in range(20)]
        client.read_until(lambda: all(ack in client.acks for ack in acks))
        assert all(client.acks[ack] == [] for ack in acks)
        assert client.texts == ["once"]


def test_the_same_offset_with_another_text_is_another_message(chatd):
    """All offline tabs of the tutorial's page count from `undefined-0`."""
    texts = [f"tab {number}" for number in range(10)]
    with ChatClient(chatd.port) as client:
        for _ in range(2):
            for text in texts:
                assert client.say(text, "undefined-0") == []
        assert client.texts == texts


def test_one_socket_may_have_many_messages_in_flight(chatd):
    with ChatClient(chatd.port) as client:
        acks = [client.chat(f"m{number}", f"tab-{number}") for number in range(1000)]
        client.read_until(lambda: len(client.acks) == len(acks))
        assert client.texts == [f"m{number}" for number in range(1000)]
        assert list(client.acks) == acks


@pytest.mark.parametrize("offset, first", [(None, 1), (0, 1), (7, 8), ("7", 8), (10, 11), ("10", 11)])
def test_a_client_starts_after_the_offset_it_names(chatd, offset, first):
    with ChatClient(chatd.port) as writer:
        for number in range(1, 11):
            writer.say(f"m{number}")
        with ChatClient(chatd.port, offset) as reader:
            writer.say("m11")
            reader.read_until(lambda: 11 in reader.ids)
            assert reader.rows == [(number, f"m{number}") for number in range(first, 12)]


@pytest.mark.parametrize(
    "offset", [-1, 1.5, "x", "-1", "1.5", " 1", "", True, [1], {"a": 1}, "99999999999999999999999", 1e300]
)
def test_an_offset_that_is_not_a_number_is_ignored(chatd, offset):
    with ChatClient(chatd.port) as writer:
        writer.say("m1")
        writer.say("m2")
        with ChatClient(chatd.port, offset) as reader:
            assert reader.read_rows(2) == [(1, "m1"), (2, "m2")]


@pytest.mark.parametrize("offset", [3, 1000, 2**53, "9007199254740993"])
def test_an_offset_above_every_row_belongs_to_another_database(chatd, offset):
    with ChatClient(chatd.port) as writer:
        writer.say("m1")
        writer.say("m2")
        with ChatClient(chatd.port, offset) as reader:
            assert reader.read_rows(2) == [(1, "m1"), (2, "m2")]


def test_other_events_are_ignored(chatd):
    with ChatClient(chatd.port) as client, ChatClient(chatd.port) as other:
        for name in ("error", "__proto__", "", "chat", "Chat message"):
            client.emit(name, "x")
        assert client.say("after") == []
        assert other.read_rows(1) == [(1, "after")]


@pytest.mark.parametrize(
    "ending",
    [
        frame(CLOSE, b"\x03\xe8"), frame(TEXT, "1"), frame(TEXT, "41"),
        frame(TEXT, "4abc"), frame(TEXT, "x", reserved=7), b"",
    ],
    ids=["close frame", "Engine.IO close", "disconnect", "bad packet", "bad frame", "end of stream"],
)
def test_a_message_just_before_the_end_is_stored(chatd, ending):
    """The message is in the same segment as the end."""
    with ChatClient(chatd.port) as other:
        leaver = ChatClient(chatd.port)
        leaver.send(frame(TEXT, '42["chat message","last words"]') + ending)
        leaver.close()
        assert other.read_rows(1) == [(1, "last words")]


def test_a_message_in_the_post_that_closes_is_stored(chatd):
    with ChatClient(chatd.port) as other:
        session = SocketIOPollingSession(chatd.port)
        assert session.post('42["chat message","last words"]\x1e1').text == "ok"
        assert other.read_rows(1) == [(1, "last words")]
