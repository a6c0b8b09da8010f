"""A client that stops reading loses nothing, and costs the server and other clients nothing."""

import json

import pytest

from engine import PollingSession
from metrics import Page
from packets import ChatClient
from ports import free_port

pytestmark = pytest.mark.timeout(60)

MEBIBYTE = 1 << 20
TEXT_SIZE = 40_000
COUNT = 600  # 24 MB in total
BATCH = 10

#: Far below the volume of the rows: the ring of recent rows and SQLite's caches have a fixed size.
ALLOWED_GROWTH = 16 * MEBIBYTE

WARM_UP = 100


@pytest.fixture
def warm_chatd(start_chatd):
    """A chatd with 100 stored rows, so that the allocations for the first messages are not counted."""
    admin = free_port()
    chatd = start_chatd("--admin-port", admin)
    chatd.admin_port = admin
    with ChatClient(chatd.port) as client:
        for number in range(WARM_UP):
            assert client.say("w" * TEXT_SIZE, f"warm-{number}") == []
    return chatd


def text(number):
    return f"{number} ".ljust(TEXT_SIZE, "x")


def flow(chatd):
    """Sends 24 MB of chat from two clients while others do not read. Returns the rows that a third one received."""
    before = chatd.status("VmRSS")
    with ChatClient(chatd.port, WARM_UP) as alice, ChatClient(chatd.port, WARM_UP) as bob:
        with ChatClient(chatd.port, WARM_UP) as reader:
            for start in range(0, COUNT, BATCH):
                sender = alice if start // BATCH % 2 else bob
                batch = range(start, start + BATCH)
                acks = [sender.chat(text(number), f"tab-{number}") for number in batch]
                sender.read_until(lambda: all(ack in sender.acks for ack in acks), 20)
                for client in (alice, bob, reader):
                    client.read_rows(start + BATCH, 20)
                grown = chatd.status("VmRSS") - before
                assert grown <= ALLOWED_GROWTH, f"memory grew by {grown / MEBIBYTE:.1f} MiB after {batch.stop} rows"
            assert reader.rows == alice.rows == bob.rows
            assert reader.texts == [text(number) for number in range(COUNT)]
            assert reader.ids == sorted(set(reader.ids))
            return reader.rows


@pytest.mark.parametrize("readers", [1, 5])
def test_a_websocket_that_stopped_reading_sees_every_row_once_when_it_reads_again(warm_chatd, readers):
    slow = [ChatClient(warm_chatd.port, WARM_UP) for _ in range(readers)]
    rows = flow(warm_chatd)
    page = Page(warm_chatd.admin_port)
    assert page["chatd_slow_readers_total"] >= readers
    for client in slow:
        assert client.read_rows(COUNT, 20) == rows
        # The client follows live again.
        assert client.say("still here", timeout=20) == []
        client.read_until(lambda: client.texts[-1] == "still here", 20)
        client.close()
    # They read the rest from the database, in pages.
    assert Page(warm_chatd.admin_port)["chatd_history_pages_total"] >= page["chatd_history_pages_total"] + readers


def test_a_poller_that_stopped_polling_sees_every_row_once_when_it_polls_again(warm_chatd):
    session = PollingSession(warm_chatd.port)
    assert session.post('40{"serverOffset":%d}' % WARM_UP).text == "ok"
    assert session.receive(1)[0].startswith("40{")
    rows = flow(warm_chatd)
    received = []
    for packet in session.receive(COUNT, 30):
        _, text, identifier, *_ = json.loads(packet.removeprefix("42"))
        received.append((identifier, text))
    assert received == rows


def test_a_new_client_that_reads_slowly_gets_the_history_in_pieces(warm_chatd):
    """Requests 24 MB of history at once."""
    rows = flow(warm_chatd)
    before = warm_chatd.status("VmRSS")
    with ChatClient(warm_chatd.port, WARM_UP) as newcomer:
        for count in range(100, COUNT + 1, 100):
            newcomer.read_rows(count, 20)
            assert warm_chatd.status("VmRSS") - before <= ALLOWED_GROWTH
        assert newcomer.rows == rows
