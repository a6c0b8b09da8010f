"""Clients that get only the latest messages, and read older ones backwards."""

import time

import pytest

import chat_database
from history import HistoryClient
from packets import ChatClient, SocketIOWebSocket

pytestmark = pytest.mark.timeout(30)


@pytest.fixture
def server(chatd):
    """A chatd with the messages 1 … 20."""
    with ChatClient(chatd.port) as writer:
        for number in range(1, 21):
            writer.say(f"message {number}")
    return chatd


@pytest.mark.parametrize("latest", [0, 1, 5, 20, 1000])
def test_a_client_gets_the_requested_number_of_latest_rows_and_then_new_ones(server, latest):
    with HistoryClient(server.port, {"latest": latest}) as client, ChatClient(server.port, offset=20) as other:
        other.say("message 21")
        client.read_until(lambda: 21 in client.ids)
        assert client.ids == list(range(max(1, 21 - latest), 22))


@pytest.mark.parametrize("auth", [{"latest": 2, "serverOffset": 15}, {"latest": 0, "serverOffset": "15"}], ids=str)
def test_a_server_offset_has_precedence(server, auth):
    with HistoryClient(server.port, auth) as client:
        client.read_rows(5)
        assert client.ids == [16, 17, 18, 19, 20]


# As text, because JSON has many spellings for one number.
OFFSETS = {"15": 15, "15.0": 15, "1.5e1": 15, "150e-1": 15, '"15"': 15, "-0.0": 0, "0": 0}
NO_OFFSETS = ["-1", "15.5", "1e999", "9007199254740993", "null", "true", "[15]", '{"a":15}', '""', '"15.5"', '"x"']


@pytest.mark.parametrize("written", [*OFFSETS, *NO_OFFSETS])
def test_a_server_offset_counts_in_every_spelling_of_a_whole_number(server, written):
    auth = '{"serverOffset":%s}' % written
    with HistoryClient(server.port, auth) as client, ChatClient(server.port, offset=20) as other:
        other.say("message 21")
        client.read_until(lambda: 21 in client.ids)
        assert client.ids == list(range(OFFSETS.get(written, 0) + 1, 22))


@pytest.mark.parametrize("latest", [-1, 1001, 1.5, "2", None, True, [1]], ids=str)
def test_any_other_value_of_latest_is_ignored(server, latest):
    with HistoryClient(server.port, {"latest": latest}) as client:
        client.read_rows(20)
        assert client.ids == list(range(1, 21))


def test_latest_counts_rows_instead_of_ids(start_chatd, tmp_path):
    chat_database.create(tmp_path / "chat.db", [(f"message {n}", None) for n in range(1, 31)])
    with chat_database.sqlite3.connect(tmp_path / "chat.db") as database:
        database.execute("DELETE FROM messages WHERE id % 3 != 0")
    chatd = start_chatd()
    with HistoryClient(chatd.port, {"latest": 3}) as client:
        client.read_rows(3)
        assert client.ids == [24, 27, 30]
        assert [row[0] for row in client.history(before=24, limit=2)["messages"]] == [18, 21]


def test_history_goes_backwards_page_by_page(server):
    with HistoryClient(server.port, {"latest": 0}) as client:
        before, pages = None, []
        while True:
            answer = client.history(before, 7)
            pages.insert(0, [row[0] for row in answer["messages"]])
            before = answer["messages"][0][0]
            if not answer["more"]:
                break
        assert pages == [[1, 2, 3, 4, 5, 6], list(range(7, 14)), list(range(14, 21))]
        assert client.rows == []


def test_history_has_the_times_of_messages(start_chatd, tmp_path):
    chat_database.create(tmp_path / "chat.db", [("of the tutorial", None)])
    chatd = start_chatd()
    with HistoryClient(chatd.port, {"latest": 0}) as client:
        start = time.time() * 1000
        client.say("now")
        (_, _, unknown), (identifier, text, stored) = client.history()["messages"]
        assert (identifier, text, unknown) == (2, "now", 0)
        assert start - 5 <= stored <= time.time() * 1000 + 5


def test_an_empty_chat_has_an_empty_history(chatd):
    with HistoryClient(chatd.port, {"latest": 0}) as client:
        assert client.history() == {"messages": [], "more": False}
        client.say("first")
        assert [row[:2] for row in client.history()["messages"]] == [[1, "first"]]


def test_a_page_is_limited_in_bytes_but_has_at_least_one_row(chatd):
    with HistoryClient(chatd.port, {"latest": 0}) as client:
        client.say("x" * 65536)
        for _ in range(5):
            client.say("y" * 20_000)
        answer = client.history()
        assert [row[0] for row in answer["messages"]] == [4, 5, 6] and answer["more"]
        answer = client.history(before=2)
        assert [len(text) for _, text, _ in answer["messages"]] == [65536] and not answer["more"]


@pytest.mark.parametrize(
    "arguments",
    [
        [], [None], [5], ["x"], [[]], [{}], [{"before": None}], [{"limit": 0}], [{"limit": 201}], [{"limit": "5"}],
        [{"limit": 2.5}], [{"before": -1, "limit": 5}], [{"before": "5", "limit": 5}], [{"before": 2**63, "limit": 5}],
        [{"before": [], "limit": 5}],
    ],
    ids=str,
)
def test_bad_arguments_get_an_error_and_the_client_stays_connected(chatd, arguments):
    with HistoryClient(chatd.port, {"latest": 0}) as client:
        answer = client.ask(*arguments)
        assert list(answer) == ["error"] and isinstance(answer["error"], str)
        assert client.history() == {"messages": [], "more": False}


def test_a_request_without_an_ack_is_not_answered(server):
    with HistoryClient(server.port, {"latest": 0}) as client:
        client.emit("chat history", {"before": None, "limit": 5})
        assert len(client.history(limit=5)["messages"]) == 5


def test_a_request_in_one_segment_with_the_connect_is_answered(server):
    with SocketIOWebSocket(server.port) as client:
        client.send_text('40{"latest":0}')
        client.send_text('420["chat history",{"before":null,"limit":2}]')
        connected, answer = client.receive_packets(2)
        assert connected.startswith("40{")
        assert answer.startswith('430[{"messages":[[19,"message 19",')


def test_history_and_live_rows_have_no_gap_and_no_repeat_under_load(chatd):
    """The page relies on this: history and new rows together contain every row."""
    with ChatClient(chatd.port) as writer:
        for round_ in range(20):
            for number in range(10):
                writer.chat(f"{round_}/{number}")
            with HistoryClient(chatd.port, {"latest": 0}) as client:
                before = [row[0] for row in client.history()["messages"]]
                last = before[-1] if before else 0
                writer.read_until(lambda: len(writer.acks) == 10 * (round_ + 1))
                newest = writer.ids[-1]
                client.read_until(lambda: newest in before or newest in client.ids)
                oldest = before[0] if before else 1
                assert sorted({*before, *client.ids}) == list(range(oldest, newest + 1))
                assert client.ids == sorted(set(client.ids))
                assert last <= newest


def test_a_session_without_rows_resumes_at_its_start(start_chatd):
    chatd = start_chatd()
    with ChatClient(chatd.port) as writer:
        writer.say("before")
        client = SocketIOWebSocket(chatd.port)
        session = client.connect_namespace(auth={"latest": 0})
        client.close()
        writer.say("while it is away")
        with HistoryClient(chatd.port, {"pid": session["pid"], "latest": 0}) as back:
            back.read_rows(1)
            assert back.texts == ["while it is away"]
