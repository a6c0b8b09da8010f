"""A client that stops reading costs the server nothing, the others nothing, and loses nothing."""

import socket as sockets

import pytest

from engine import PollingSession
from packets import ChatClient

pytestmark = pytest.mark.timeout(60)

MEBIBYTE = 1 << 20
TEXT_SIZE = 40_000
COUNT = 600  # 24 MB, more than the 20 that a single queue would show
#: Far below what flows. The ring of recent rows and SQLite's caches have their fixed size.
ALLOWED_GROWTH = 16 * MEBIBYTE


def text(number):
    return f"{number} ".ljust(TEXT_SIZE, "x")


def flow(chatd, on_progress=lambda: None):
    """24 MB of chat from two senders, read by a third; the server's memory may not grow with it."""
    before = chatd.status("VmRSS")
    head = {"pids": chatd.pid}
    with ChatClient(chatd.port) as alice, ChatClient(chatd.port) as bob, ChatClient(chatd.port) as reader:
        for number in range(COUNT):
            sender = alice if number % 2 else bob
            assert sender.say(text(number), f"tab-{number}", timeout=5) == []
            if number % 50 == 49:
                # The others see everything while the slow one does not read.
                for client in (alice, bob, reader):
                    client.read_until(lambda client=client: client.rows[-1][1] == text(number), 5)
                    assert client.ids == sorted(set(client.ids))
                grown = chatd.status("VmRSS") - before
                assert grown <= ALLOWED_GROWTH, f"grown by {grown / MEBIBYTE:.1f} MiB after {number + 1} rows"
                on_progress()
        assert reader.texts == [text(number) for number in range(COUNT)]
        return reader.rows


def warm_up(chatd):
    """What the first messages allocate for good is not the slow reader's doing."""
    with ChatClient(chatd.port) as client:
        for number in range(100):
            client.say("w" * TEXT_SIZE, f"warm-{number}")
    return 100


@pytest.mark.parametrize("readers", [1, 5])
def test_a_websocket_that_stops_reading_sees_every_row_once_when_it_reads_again(chatd, readers):
    last = warm_up(chatd)
    slow = [ChatClient(chatd.port, last, receive_buffer=16_384) for _ in range(readers)]
    rows = flow_after(chatd, last)
    for client in slow:
        client.read_rows(COUNT, 20)
        assert client.rows == rows
        assert client.say("still here", timeout=5) == []
        client.close()


def flow_after(chatd, last):
    """`flow`, for clients that do not want the warming up: `ChatClient` starts at 0 unless told otherwise."""
    return [row for row in flow(chatd) if row[0] > last]


def test_a_poller_that_stops_polling_sees_every_row_once_when_it_polls_again(chatd):
    last = warm_up(chatd)
    session = PollingSession(chatd.port)
    assert session.post('40{"serverOffset":%d}' % last).text == "ok"
    assert session.receive(1)[0].startswith("40{")
    rows = flow_after(chatd, last)
    received = [decode(packet) for packet in session.receive(COUNT, 30)]
    assert received == rows


def decode(packet):
    import json

    _, text, identifier, *_ = json.loads(packet.removeprefix("42"))
    return identifier, text


def test_a_newcomer_that_reads_slowly_gets_the_past_piece_by_piece(chatd):
    """24 MB of past, asked for at once by a client whose window is small."""
    rows = flow(chatd)
    before = chatd.status("VmRSS")
    with ChatClient(chatd.port, receive_buffer=16_384) as newcomer:
        newcomer.socket.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 16_384)
        for count in range(100, COUNT + 1, 100):
            newcomer.read_rows(count, 20)
            assert chatd.status("VmRSS") - before <= ALLOWED_GROWTH
        assert newcomer.rows == rows
