"""Events, acknowledgements and binary attachments, to the byte."""

import json

import pytest

from engine import SEPARATOR, PollingSession
from packets import ConformanceClient

pytestmark = pytest.mark.timeout(20)

ONE, TWO = '{"_placeholder":true,"num":0}', '{"_placeholder":true,"num":1}'


@pytest.fixture
def client(conformance):
    with ConformanceClient(conformance.port) as client:
        yield client


@pytest.fixture
def session(conformance):
    """A polling session connected to the main namespace."""
    session = PollingSession(conformance.port)
    assert session.post("40").text == "ok"
    assert session.receive(2)[1] == '42["auth",{}]'
    return session


@pytest.mark.parametrize(
    "arguments",
    [
        '1,"2",{"3":[true]}',
        '""',
        "null,true,false",
        "[],{},[[]],[{}]",
        '"é€😀"',
        r'"\"\\\/\b\f\n\r\t"',
        "0,-1,1.5,9007199254740991",
        '{"a":{"b":{"c":[1,2,3]}}}',
        '"[\\"not json\\"]","}{"',
        '{"_placeholder":"just a name"}',
    ],
)
def test_arguments_are_echoed_unchanged(client, arguments):
    client.send_text(f'42["message",{arguments}]')
    packet = client.receive_packet()
    assert packet.startswith('42["message-back",')
    assert json.loads(packet[2:])[1:] == json.loads(f"[{arguments}]")
    if "\\" not in arguments:
        assert packet == f'42["message-back",{arguments}]'


def test_an_event_without_arguments_is_echoed(client):
    client.send_text('42["message"]')
    assert client.receive_packet() == '42["message-back"]'


@pytest.mark.parametrize("text", [r'"\ud83d\ude00"', r'"\u00e9\u20ac"', r'"\u0000"'])
def test_escapes_are_decoded(client, text):
    client.send_text(f'42["message",{text}]')
    assert json.loads(client.receive_packet()[2:])[1] == json.loads(text)


def test_white_space_in_json_is_allowed(client):
    client.send_text('42[ "message" , 1 , { "a" : [ 2 ] } ]')
    assert json.loads(client.receive_packet()[2:]) == ["message-back", 1, {"a": [2]}]


def test_the_name_of_an_event_may_be_escaped(client):
    client.send_text(r'42["\u006dessage","x"]')
    assert client.receive_packet() == '42["message-back","x"]'


@pytest.mark.parametrize("name", ["error", "__proto__", "constructor", "toString", "", "Message", "é", "connecting"])
def test_events_with_any_other_name_are_ignored(client, name):
    client.emit(name, 1)
    client.round_trip()


def test_json_with_400_levels_is_accepted(client):
    deep = "[" * 400 + "]" * 400
    client.send_text(f'42["message",{deep}]')
    assert client.receive_packet() == f'42["message-back",{deep}]'


def test_events_keep_their_order(client):
    for number in range(200):
        client.send_text(f'42["message",{number}]')
    assert client.receive_packets(200) == [f'42["message-back",{number}]' for number in range(200)]


# Acknowledgements


@pytest.mark.parametrize("ack", ["0", "1", "456", "999999999999999"])
def test_an_ack_carries_the_arguments(client, ack):
    client.send_text(f'42{ack}["message-with-ack",1,"2",{{"3":[false]}}]')
    assert client.receive_packet() == f'43{ack}[1,"2",{{"3":[false]}}]'


def test_an_ack_may_have_no_arguments(client):
    client.send_text('427["message-with-ack"]')
    assert client.receive_packet() == "437[]"


def test_an_event_without_an_ack_id_gets_no_ack(client):
    client.send_text('4212["message","x"]')
    assert client.receive_packet() == '42["message-back","x"]'
    client.round_trip()


@pytest.mark.parametrize("packet", ["431[]", '43999["x"]'])
def test_an_unexpected_ack_is_ignored(client, packet):
    client.send_text(packet)
    client.round_trip()


# Binary


def test_a_binary_event_is_echoed_with_its_attachments(client):
    client.send_text(f'452-["message",{ONE},{TWO}]')
    client.send_binary(b"\x01\x02\x03")
    client.send_binary(b"\x04\x05\x06")
    assert client.receive_packets(3) == [f'452-["message-back",{ONE},{TWO}]', b"\x01\x02\x03", b"\x04\x05\x06"]


def test_a_binary_ack_carries_its_attachments(client):
    client.send_text(f'452-789["message-with-ack",{ONE},{TWO}]')
    client.send_binary(b"\x01\x02\x03")
    client.send_binary(b"\x04\x05\x06")
    assert client.receive_packets(3) == [f"462-789[{ONE},{TWO}]", b"\x01\x02\x03", b"\x04\x05\x06"]


def test_nested_placeholders_and_an_empty_attachment_are_echoed(client):
    client.send_text(f'452-["message","a",{{"b":[{ONE},{{"c":{TWO}}}]}},null]')
    client.send_binary(b"first")
    client.send_binary(b"")
    packets = client.receive_packets(3)
    assert packets[0] == f'452-["message-back","a",{{"b":[{ONE},{{"c":{TWO}}}]}},null]'
    assert packets[1:] == [b"first", b""]


def test_ten_attachments_are_accepted(client):
    places = ",".join(f'{{"_placeholder":true,"num":{number}}}' for number in range(10))
    client.send_text(f'4510-["message",{places}]')
    for number in range(10):
        client.send_binary(bytes([number]))
    packets = client.receive_packets(11)
    assert packets == [f'4510-["message-back",{places}]'] + [bytes([number]) for number in range(10)]


def test_a_binary_event_with_a_count_of_0_is_a_plain_event(client):
    client.send_text('450-["message","x"]')
    assert client.receive_packet() == '42["message-back","x"]'


def test_binary_events_are_echoed_by_polling_in_base64(session):
    body = SEPARATOR.join([f'452-["message",{ONE},{TWO}]', "bAQID", "bBAUG"])
    assert session.post(body).text == "ok"
    assert session.receive(3) == [f'452-["message-back",{ONE},{TWO}]', "bAQID", "bBAUG"]


def test_attachments_may_come_in_later_posts(session):
    for body in [f'452-1["message-with-ack",{ONE},{TWO}]', "bAQID", "bBAUG"]:
        assert session.post(body).text == "ok"
    assert session.receive(3) == [f"462-1[{ONE},{TWO}]", "bAQID", "bBAUG"]


def test_all_output_of_a_post_is_in_the_next_get(session):
    body = SEPARATOR.join(f'42{number}["message-with-ack",{number}]' for number in range(10))
    assert session.post(body).text == "ok"
    assert [packet for packet in session.get().text.split(SEPARATOR) if packet != "2"] == [
        f"43{number}[{number}]" for number in range(10)
    ]


@pytest.mark.parametrize("packets", [['43["x"]'], ["43[]"], [f"461-[{ONE}]", b"x"]], ids=["text", "empty", "binary"])
def test_an_acknowledgement_without_an_id_is_ignored(client, packets):
    for packet in packets:
        client.send_binary(packet) if isinstance(packet, bytes) else client.send_text(packet)
    client.round_trip()
