"""Connection state recovery of the chat on the wire: a client resumes its session and misses nothing."""

import json
import signal

import pytest
from engine import PollingSession
from metrics import Page
from packets import SocketIOWebSocket
from ports import free_port
from recovering import Recovering, parts
from waiting import let_time_pass, wait_until
from wire import Disconnected


def test_a_disconnected_client_resumes_its_session_and_gets_the_missed_rows(start_chatd):
    admin = free_port()
    chatd = start_chatd("--admin-port", admin)
    lost, other = Recovering(chatd.port), Recovering(chatd.port)
    lost.say("one")
    lost.reset()
    other.say("two")
    back = Recovering(chatd.port, before=lost)
    assert back.is_recovered and back.sid_in_namespace == lost.sid_in_namespace
    assert back.read_rows(2) == [(1, "one"), (2, "two")]
    back.say("three")
    assert other.read_rows(3)[-1] == (3, "three")
    page = Page(admin)
    assert [page[f'chatd_recoveries_total{{result="{result}"}}'] for result in ["recovered", "refused"]] == [1, 0]


def test_the_offset_contains_the_row_id(chatd):
    client = Recovering(chatd.port)
    for number in (1, 2, 3):
        client.say(f"row {number}")
        epoch, _, row = parts(client.offset)
        assert row == number and epoch
    late = Recovering(chatd.port)
    for number in (1, 2, 3):
        late.read_row()
        assert parts(late.offset)[2] == number


def test_a_session_without_rows_is_recovered_from_its_start(chatd):
    talker = Recovering(chatd.port)
    talker.say("before")
    silent = Recovering(chatd.port, auth={"serverOffset": 1})
    silent.reset()
    talker.say("after")
    back = Recovering(chatd.port, before=silent)
    assert back.is_recovered
    assert back.read_rows(1) == [(2, "after")]


def test_an_offset_of_an_older_session_is_ignored(chatd):
    """The official client keeps the old offset while its new session has received nothing."""
    first = Recovering(chatd.port)
    first.say("one")
    old_offset = first.offset
    first.send_text("41")
    second = Recovering(chatd.port, auth={"serverOffset": 1})
    second.offset = old_offset
    second.reset()
    Recovering(chatd.port).say("two")
    back = Recovering(chatd.port, before=second)
    assert back.is_recovered
    assert back.read_rows(1) == [(2, "two")]


@pytest.mark.parametrize("offset", ["", "nonsense", "a.b.c", "....", "other.1.1", "1", "\u0000"], ids=ascii)
def test_an_invalid_offset_means_the_start_of_the_session(chatd, offset):
    client = Recovering(chatd.port)
    client.say("one")
    client.offset = offset
    client.reset()
    back = Recovering(chatd.port, before=client)
    assert back.is_recovered
    back.rows.clear()
    assert back.read_rows(1) == [(1, "one")]


def test_an_offset_above_the_head_is_not_recovered(chatd):
    client = Recovering(chatd.port)
    client.say("one")
    epoch, position, row = parts(client.offset)
    client.offset = f"{epoch}.{position + 100}.{row}"
    client.reset()
    assert not Recovering(chatd.port, before=client).is_recovered


@pytest.mark.parametrize("pid", ["x" * 20, "", "short", "__proto__", 7, None, ["a"]], ids=ascii)
def test_an_unknown_pid_gets_a_new_session_that_starts_at_the_offset(chatd, pid):
    client = Recovering(chatd.port)
    client.say("one")
    client.say("two")
    with SocketIOWebSocket(chatd.port) as other:
        answer = other.connect_namespace(auth={"pid": pid, "offset": client.offset})
        assert answer["pid"] != client.pid
        client.say("three")
        assert json.loads(other.receive_packet()[2:])[1:3] == ["three", 3]


def test_the_latest_claim_wins_and_the_old_connection_is_closed(chatd):
    first = Recovering(chatd.port)
    first.say("one")
    second = Recovering(chatd.port, before=first)
    third = Recovering(chatd.port, before=first)
    assert second.is_recovered and third.is_recovered
    first.wait_until_ended()
    second.wait_until_ended()
    third.say("two")
    assert third.rows == [(1, "one"), (2, "two")]


def test_a_pid_of_another_client_cannot_be_guessed_from_its_sid(chatd):
    client = Recovering(chatd.port)
    client.say("one")
    with SocketIOWebSocket(chatd.port) as thief:
        answer = thief.connect_namespace(auth={"pid": client.sid_in_namespace, "offset": client.offset})
        assert answer["sid"] != client.sid_in_namespace
    client.say("still here")


@pytest.mark.parametrize("ending", ["reset", "close", "half_close"])
def test_a_lost_connection_keeps_the_session(chatd, ending):
    client = Recovering(chatd.port)
    client.say("one")
    getattr(client, ending)()
    assert Recovering(chatd.port, before=client).is_recovered


def test_a_ping_timeout_keeps_the_session(start_chatd):
    chatd = start_chatd("--ping-interval", "100", "--ping-timeout", "100")
    client = Recovering(chatd.port)
    client.emit("chat message", "one")
    client.read_row()
    # The client answers no more pings.
    wait_until(lambda: has_ended(client), 5, "the server did not end the session")
    assert Recovering(chatd.port, before=client).is_recovered


def has_ended(client):
    try:
        client.receive_frame(0.05)
    except TimeoutError:
        return False
    except Disconnected:
        return True
    return False


@pytest.mark.parametrize("last", ["41", "4abc", "42{}"])
def test_a_client_that_leaves_or_violates_the_protocol_loses_its_session(chatd, last):
    client = Recovering(chatd.port)
    client.say("one")
    client.send_text(last)
    if last != "41":
        client.wait_until_ended()
    back = Recovering(chatd.port, before=client)
    assert not back.is_recovered
    back.say("two")
    assert back.rows == [(1, "one"), (2, "two")], "its rows continue at its offset in any case"


def test_the_session_is_deleted_after_its_time(start_chatd):
    chatd = start_chatd("--recovery", "200")
    client = Recovering(chatd.port)
    client.say("one")
    client.reset()

    let_time_pass(1.5)
    assert not Recovering(chatd.port, before=client).is_recovered


def test_a_larger_server_offset_raises_the_start_and_a_smaller_one_is_ignored(chatd):
    client = Recovering(chatd.port)
    for number in (1, 2, 3):
        client.say(f"row {number}")
    epoch, position, _ = parts(client.offset)
    client.offset = f"{epoch}.{position}.1"
    client.rows = client.rows[:1]
    client.reset()
    low = Recovering(chatd.port, before=client, auth={"serverOffset": 0})
    assert low.is_recovered and low.read_rows(3) == [(1, "row 1"), (2, "row 2"), (3, "row 3")]
    low.reset()
    client.pid = low.pid
    high = Recovering(chatd.port, before=client, auth={"serverOffset": 2})
    assert high.is_recovered and high.read_rows(2)[1:] == [(3, "row 3")]


def test_after_a_restart_rows_continue_at_the_offset_of_the_old_epoch(start_chatd):
    chatd = start_chatd()
    client = Recovering(chatd.port)
    client.say("one")
    client.say("two")
    chatd.stop(signal.SIGKILL)
    again = start_chatd(port=chatd.port)
    back = Recovering(again.port, before=client)
    assert not back.is_recovered
    back.say("three")
    assert back.rows == [(1, "one"), (2, "two"), (3, "three")]


def test_an_offset_of_an_unknown_epoch_starts_from_the_beginning(chatd):
    client = Recovering(chatd.port)
    client.say("one")
    client.say("two")
    _, position, row = parts(client.offset)
    with SocketIOWebSocket(chatd.port) as stranger:
        stranger.connect_namespace(auth={"pid": "x" * 20, "offset": f"foreign.{position}.{row}"})
        assert json.loads(stranger.receive_packet()[2:])[1:3] == ["one", 1]


def test_a_refused_event_does_not_lose_the_session(chatd):
    client = Recovering(chatd.port)
    client.say("one")
    client.emit("chat message", 7, ack=1)
    assert client.receive_packet().startswith("431[")
    client.reset()
    assert Recovering(chatd.port, before=client).is_recovered


def test_a_session_is_recovered_by_polling(chatd):
    client, other = Recovering(chatd.port), Recovering(chatd.port)
    client.say("one")
    client.reset()
    other.say("two")
    session = PollingSession(chatd.port)
    assert session.post("40" + json.dumps({"pid": client.pid, "offset": client.offset})).text == "ok"
    packets = session.receive(2)
    assert json.loads(packets[0][2:]) == {"sid": client.sid_in_namespace, "pid": client.pid}
    assert json.loads(packets[1][2:])[1:3] == ["two", 2]


def test_with_recovery_off_there_is_no_pid_and_no_offset(start_chatd):
    chatd = start_chatd("--recovery", "0")
    with SocketIOWebSocket(chatd.port) as client:
        client.send_text('40{"pid":"some-pid","offset":"some-offset"}')
        assert set(json.loads(client.receive_packet()[2:])) == {"sid"}
        client.send_text('42["chat message","hello"]')
        assert client.receive_packet() == '42["chat message","hello",1]'
