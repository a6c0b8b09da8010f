"""Packets after which the server must close the connection."""

import pytest

from engine import PollingSession
from packets import ConformanceClient, SocketIOWebSocket

pytestmark = pytest.mark.timeout(20)

RESERVED_NAMES = ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"]

PACKETS = [
    "4abc",
    "4",
    "4 2",
    "42",
    "42{}",
    "42[]",
    "42[true]",
    "42[null]",
    "42[1]",
    '42[{"toString":"foo"}]',
    '42[["message"]]',
    '42"message"',
    '42abc["x"]',
    '42["message"',
    '42["message"]]',
    '42["message"] x',
    '42["message",]',
    '42["message",01]',
    '42["message",NaN]',
    "42['message']",
    '42["message","\n"]',
    r'42["message","\x"]',
    '42-1["message"]',
    '421234567890123456["message"]',
    "41{}",
    "431{}",
    "45",
    "451",
    "45a-",
    "451.23-",
    "45-",
    '45["message"]',
    '45-1-["message"]',
    "999",
    "4999",
    '47["message"]',
    '48["message"]',
    '42["message",' + "[" * 600 + "]" * 600 + "]",
    '42["message",' + "[" * 100_000 + "]" * 100_000 + "]",
    '42["message",' + "[" * 400_000,
]


def name_of(packet):
    return packet if len(packet) < 40 else f"{packet[:20]}... of {len(packet)}"


@pytest.fixture
def client(conformance):
    with ConformanceClient(conformance.port) as client:
        yield client


@pytest.mark.parametrize("packet", PACKETS, ids=name_of)
def test_an_invalid_packet_closes_the_connection(client, packet):
    client.send_text(packet)
    client.wait_for_close()


@pytest.mark.parametrize("packet", ["40[]", '40"token"', "401", "40{", '40{"a":}', "40/custom,[]", "40{}x", "4abc"])
def test_an_invalid_connect_closes_the_connection(conformance, packet):
    def attempt():
        with SocketIOWebSocket(conformance.port) as client:
            client.send_text(packet)
            try:
                return client.wait_for_close(0.9)  # Before the connect timeout could be the reason.
            except TimeoutError:
                return None

    # A busy machine may need longer.
    assert any(attempt() for _ in range(5))


@pytest.mark.parametrize("packet", ["4abc", "42{}", "45", "999", '42abc["x"]'])
def test_an_invalid_packet_closes_a_polling_session(conformance, packet):
    session = PollingSession(conformance.port)
    assert session.post("40").text == "ok"
    assert session.receive(2)[1] == '42["auth",{}]'
    session.post(packet)
    # Queued packets can still be fetched. Then the session is unknown.
    responses = [session.get() for _ in range(2)]
    assert responses[-1].status == 400
    assert responses[0].status == 400 or responses[0].text in ("1", "6\x1e1")


@pytest.mark.parametrize("name", RESERVED_NAMES)
@pytest.mark.parametrize("packet", ['42["{}"]', '42["{}",1]', '421["{}"]', '450-["{}"]'])
def test_a_reserved_event_name_closes_the_connection(client, name, packet):
    client.send_text(packet.format(name))
    client.wait_for_close()


def test_a_reserved_event_name_with_escapes_closes_the_connection(client):
    client.send_text(r'42["\u0063onnect"]')
    client.wait_for_close()


def test_a_reserved_event_name_with_attachments_closes_the_connection(client):
    client.send_text('451-["disconnect",{"_placeholder":true,"num":0}]')
    client.send_binary(b"\x01")
    client.wait_for_close()


# Attachments


def test_more_than_ten_attachments_close_the_connection(client):
    places = ",".join(f'{{"_placeholder":true,"num":{number}}}' for number in range(11))
    client.send_text(f'4511-["message",{places}]')
    client.wait_for_close()


@pytest.mark.parametrize("count", ["99999999999999999999", "1000000"])
def test_a_huge_count_of_attachments_closes_the_connection(client, count):
    client.send_text(f'45{count}-["message",{{"_placeholder":true,"num":0}}]')
    client.wait_for_close()


@pytest.mark.parametrize("packet", ['42["message"]', "41", "40/custom", "431[]"])
def test_a_text_packet_in_place_of_an_attachment_closes_the_connection(client, packet):
    client.send_text('451-["message",{"_placeholder":true,"num":0}]')
    client.send_text(packet)
    client.wait_for_close()


def test_an_unexpected_binary_message_closes_the_connection(client):
    client.send_binary(b"\x01\x02")
    client.wait_for_close()


def test_a_surplus_attachment_closes_the_connection(client):
    client.send_text('451-["message",{"_placeholder":true,"num":0}]')
    client.send_binary(b"\x01")
    client.send_binary(b"\x02")
    assert client.receive_packets(2)[1] == b"\x01"
    client.wait_for_close()


@pytest.mark.parametrize(
    "placeholder",
    [
        '{"_placeholder":true,"num":"splice"}',
        '{"_placeholder":true,"num":"0"}',
        '{"_placeholder":true,"num":-1}',
        '{"_placeholder":true,"num":1.5}',
        '{"_placeholder":true,"num":1}',
        '{"_placeholder":true,"num":10}',
        '{"_placeholder":true,"num":1e99}',
        '{"_placeholder":true,"num":99999999999999999999}',
        '{"_placeholder":true,"num":null}',
        '{"_placeholder":true,"num":[0]}',
        '{"_placeholder":true}',
        '{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}',
    ],
)
def test_an_invalid_placeholder_closes_the_connection(client, placeholder):
    client.send_text(f'451-["message",{placeholder}]')
    try:
        client.send_binary(b"\x01")
    except (BrokenPipeError, ConnectionResetError):
        pass
    client.wait_for_close()
