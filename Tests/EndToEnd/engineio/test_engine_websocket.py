"""The WebSocket transport of Engine.IO."""

import base64

import pytest

from engine import ENGINE_IO, EngineWebSocket
from wire import BINARY, CONTINUATION, TEXT

pytestmark = pytest.mark.timeout(20)


@pytest.fixture
def socket(conformance):
    with EngineWebSocket(conformance.port, ENGINE_IO) as socket:
        yield socket


@pytest.mark.parametrize("message", ["4hello", "4", "4é€😀", "4" + "x" * 70_000, "4a\x1e4b"], ids=lambda m: m[:8])
def test_text_is_echoed_as_text(socket, message):
    socket.send_text(message)
    assert socket.receive_packet() == message


@pytest.mark.parametrize("data", [b"\x01\x02\x03\x04", b"", b"4hello", bytes(range(256)) * 300], ids=len)
def test_binary_is_echoed_as_binary_without_a_type_byte(socket, data):
    socket.send_binary(data)
    assert socket.receive_packet() == data


def test_messages_keep_their_order(socket):
    sent = [f"4m{number}" if number % 3 else bytes([number]) for number in range(100)]
    for message in sent:
        socket.send_binary(message) if isinstance(message, bytes) else socket.send_text(message)
    assert socket.receive_packets(100) == sent


def test_a_fragmented_message_is_one_packet(socket):
    socket.send_frame(TEXT, "4hel", fin=False)
    socket.send_frame(CONTINUATION, "lo", fin=False)
    socket.send_frame(CONTINUATION, "")
    assert socket.receive_packet() == "4hello"


def test_close_ends_the_connection(socket):
    socket.send_text("1")
    socket.wait_for_close()


@pytest.mark.parametrize("packet", ["abc", "", "7", "9", "x4hello", "\x1e"], ids=repr)
def test_an_invalid_packet_ends_the_connection(socket, packet):
    socket.send_text(packet)
    socket.wait_for_close()


def test_a_close_frame_is_answered(socket):
    socket.send_close(1000)
    assert socket.wait_for_close().code == 1000


def test_a_message_of_exactly_the_limit_is_accepted(socket):
    message = "4" + "x" * 999_999
    socket.send_text(message)
    assert socket.receive_packet() == message


@pytest.mark.parametrize("opcode", [TEXT, BINARY])
def test_a_message_over_the_limit_closes_with_1009(socket, opcode):
    try:
        socket.send_frame(opcode, b"4" + b"x" * 1_000_000)
    except (BrokenPipeError, ConnectionResetError):
        pass
    closed = socket.wait_for_close()
    assert closed.code in (1009, None)


def test_a_message_over_the_limit_is_refused_at_its_header(socket):
    """The header is enough: the test sends no payload."""
    socket.send_frame(TEXT, b"", length=1_000_001)
    assert socket.wait_for_close().code == 1009


def test_fragments_with_a_total_over_the_limit_close_with_1009(socket):
    socket.send_frame(TEXT, b"4" + b"x" * 599_999, fin=False)
    socket.send_frame(CONTINUATION, b"", length=600_000)
    assert socket.wait_for_close().code == 1009


@pytest.mark.parametrize("data", [b"", b"\x01", b"\x00\xff" * 1000], ids=len)
def test_a_text_frame_with_base64_is_decoded_as_a_binary_message(conformance, data):
    """The official client sends binary like this with `forceBase64`."""
    with EngineWebSocket(conformance.port, ENGINE_IO) as socket:
        socket.send_text("b" + base64.b64encode(data).decode())
        assert socket.receive_packet() == data


@pytest.mark.parametrize("text", ["b!", "bA", "b=", "B"])
def test_a_text_frame_with_invalid_base64_closes_the_connection(conformance, text):
    with EngineWebSocket(conformance.port, ENGINE_IO) as socket:
        socket.send_text(text)
        socket.wait_for_close()
