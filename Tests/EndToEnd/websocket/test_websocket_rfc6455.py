"""Frames, fragments, control frames, UTF-8 and close codes of RFC 6455 on the raw echo.

The cases follow the sections of the Autobahn test suite: 1 framing, 2 pings, 3 reserved bits, 4 opcodes,
5 fragmentation, 6 UTF-8, 7 closing, 9 and 10 big messages.
"""

import os
import threading

import pytest

from wire import (
    BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, Disconnected, WebSocket, close_payload, frame,
)

pytestmark = pytest.mark.timeout(30)

MEBIBYTE = 1 << 20


@pytest.fixture
def socket(conformance):
    with WebSocket(conformance.port, "/echo") as socket:
        yield socket


def assert_fails(socket, code):
    """Asserts that the server ends the connection with a close code."""
    assert socket.wait_for_close().code == code


def fragments(opcode, payload, size):
    """The bytes of a message in frames of `size` bytes."""
    data = payload.encode() if isinstance(payload, str) else payload
    starts = range(0, len(data), size)
    return b"".join(
        frame(opcode if start == 0 else CONTINUATION, data[start : start + size], fin=start == starts[-1])
        for start in starts
    )


# 1: framing

SIZES = [0, 1, 125, 126, 127, 128, 65535, 65536]


@pytest.mark.parametrize("size", SIZES)
def test_text_of_each_length_encoding_is_echoed(socket, size):
    socket.send_text("*" * size)
    assert socket.receive_message() == "*" * size


@pytest.mark.parametrize("size", SIZES)
def test_binary_of_each_length_encoding_is_echoed(socket, size):
    data = os.urandom(size)
    socket.send_binary(data)
    assert socket.receive_message() == data


@pytest.mark.parametrize("opcode", [TEXT, BINARY])
@pytest.mark.parametrize("size", SIZES)
def test_the_answer_uses_the_shortest_length_encoding(socket, opcode, size):
    socket.send_frame(opcode, b"*" * size)
    if size < 126:
        head = bytes([0x80 | opcode, size])
    elif size < 65536:
        head = bytes([0x80 | opcode, 126]) + size.to_bytes(2, "big")
    else:
        head = bytes([0x80 | opcode, 127]) + size.to_bytes(8, "big")
    assert socket.receive_exactly(len(head) + size) == head + b"*" * size


@pytest.mark.parametrize("piece", [1, 7, 997])
def test_frames_may_be_split_anywhere(socket, piece):
    text = "é€😀" * (50 if piece == 1 else 7000)
    socket.send_in_pieces(frame(TEXT, text), piece)
    assert socket.receive_message() == text


def test_many_frames_may_come_in_one_segment(socket):
    socket.send(b"".join(frame(TEXT, f"m{number}") for number in range(500)))
    assert [socket.receive_message() for _ in range(500)] == [f"m{number}" for number in range(500)]


def test_a_zero_mask_is_valid(socket):
    socket.send(b"\x81\x85\0\0\0\0hello")
    assert socket.receive_message() == "hello"


# 2: pings and pongs


@pytest.mark.parametrize("payload", [b"", b"hello", b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff", b"*" * 125])
def test_a_ping_is_answered_with_its_payload(socket, payload):
    socket.send_frame(PING, payload)
    answer = socket.receive_frame()
    assert (answer.opcode, answer.fin, answer.payload) == (PONG, True, payload)


def test_a_ping_of_126_bytes_closes_with_1002(socket):
    socket.send_frame(PING, b"*" * 126)
    assert_fails(socket, 1002)


def test_a_ping_that_arrives_byte_by_byte_is_answered(socket):
    socket.send_bytewise(frame(PING, b"*" * 125))
    assert socket.receive_frame().payload == b"*" * 125


@pytest.mark.parametrize("payload", [b"", b"unsolicited"])
def test_an_unexpected_pong_is_ignored(socket, payload):
    socket.send_frame(PONG, payload)
    socket.send_frame(PING, b"after")
    answer = socket.receive_frame()
    assert (answer.opcode, answer.payload) == (PONG, b"after")


def test_ten_pings_get_ten_pongs_in_order(socket):
    socket.send(b"".join(frame(PING, f"p{number}") for number in range(10)))
    assert [socket.receive_frame().payload for _ in range(10)] == [f"p{number}".encode() for number in range(10)]


# 3: reserved bits


@pytest.mark.parametrize("reserved", range(1, 8))
@pytest.mark.parametrize("opcode", [TEXT, BINARY, PING, CLOSE])
def test_reserved_bits_close_with_1002(socket, reserved, opcode):
    socket.send_frame(opcode, b"\x03\xe8" if opcode == CLOSE else b"hello", reserved=reserved)
    assert_fails(socket, 1002)


def test_messages_before_an_invalid_frame_are_still_answered(socket):
    socket.send(frame(TEXT, "first") + frame(TEXT, "second", reserved=4) + frame(TEXT, "third"))
    assert socket.receive_message() == "first"
    assert_fails(socket, 1002)


# 4: opcodes


@pytest.mark.parametrize("opcode", [3, 4, 5, 6, 7, 11, 12, 13, 14, 15])
@pytest.mark.parametrize("payload", [b"", b"hello"])
def test_reserved_opcodes_close_with_1002(socket, opcode, payload):
    socket.send_frame(opcode, payload)
    assert_fails(socket, 1002)


# Masks and lengths


@pytest.mark.parametrize("opcode", [TEXT, BINARY, PING, CLOSE])
def test_an_unmasked_frame_closes_with_1002(socket, opcode):
    socket.send_frame(opcode, b"\x03\xe8", mask=False)
    assert_fails(socket, 1002)


@pytest.mark.parametrize("length", [1 << 63, (1 << 64) - 1])
def test_a_length_with_its_high_bit_set_closes_with_1002(socket, length):
    socket.send_frame(BINARY, b"", length=length)
    assert_fails(socket, 1002)


@pytest.mark.parametrize("length", [16 * MEBIBYTE + 1, 1 << 32, (1 << 63) - 1])
def test_a_length_over_the_limit_closes_with_1009_before_the_payload(socket, length):
    socket.send_frame(BINARY, b"", length=length)
    assert_fails(socket, 1009)


# 5: fragmentation


@pytest.mark.parametrize("opcode", [PING, PONG, CLOSE])
def test_a_fragmented_control_frame_closes_with_1002(socket, opcode):
    socket.send_frame(opcode, b"\x03\xe8", fin=False)
    assert_fails(socket, 1002)


@pytest.mark.parametrize("size", [1, 2, 5, 100])
def test_a_fragmented_text_is_reassembled(socket, size):
    text = "fragments é€😀 " * 10
    socket.send(fragments(TEXT, text, size))
    assert socket.receive_message() == text


def test_empty_fragments_are_valid(socket):
    socket.send_frame(TEXT, "", fin=False)
    socket.send_frame(CONTINUATION, "", fin=False)
    socket.send_frame(CONTINUATION, "")
    assert socket.receive_message() == ""


def test_a_ping_between_fragments_is_answered_before_the_message(socket):
    socket.send_frame(TEXT, "frag", fin=False)
    socket.send_frame(PING, b"between")
    answer = socket.receive_frame()
    assert (answer.opcode, answer.payload) == (PONG, b"between")
    socket.send_frame(CONTINUATION, "ment", fin=False)
    socket.send_frame(PING, b"again")
    assert socket.receive_frame().payload == b"again"
    socket.send_frame(CONTINUATION, "ed")
    assert socket.receive_message() == "fragmented"


@pytest.mark.parametrize("fin", [True, False])
def test_a_continuation_without_a_start_closes_with_1002(socket, fin):
    socket.send_frame(CONTINUATION, "nothing", fin=fin)
    assert_fails(socket, 1002)


def test_a_continuation_after_a_whole_message_closes_with_1002(socket):
    socket.send(frame(TEXT, "whole") + frame(CONTINUATION, "more"))
    assert socket.receive_message() == "whole"
    assert_fails(socket, 1002)


@pytest.mark.parametrize("opcode", [TEXT, BINARY])
def test_a_message_within_another_closes_with_1002(socket, opcode):
    socket.send_frame(TEXT, "first", fin=False)
    socket.send_frame(opcode, "second")
    assert_fails(socket, 1002)


def test_a_message_may_have_131072_fragments(socket):
    socket.send(frame(BINARY, b"", fin=False) + frame(CONTINUATION, b"x", fin=False) * 131_070 + frame(CONTINUATION))
    assert socket.receive_message() == b"x" * 131_070


# 6: UTF-8

VALID_TEXTS = [
    "Hello-µ@ßöäüàá-UTF-8!!",
    "κόσμε",
    "\u0000",
    "\u007f\u0080\u07ff\u0800\uffff",
    "\U00010000\U0010ffff",
    "\ud7ff\ue000\ufffd\ufdd0\U0001fffe",
]

INVALID_TEXTS = [
    b"\x80",
    b"\xbf",
    b"\xc0\xaf",
    b"\xc1\xbf",
    b"\xe0\x80\xaf",
    b"\xe0\x9f\xbf",
    b"\xf0\x80\x80\xaf",
    b"\xf0\x8f\xbf\xbf",
    b"\xed\xa0\x80",
    b"\xed\xbf\xbf",
    b"\xed\xa0\x80\xed\xb0\x80",
    b"\xf4\x90\x80\x80",
    b"\xf5\x80\x80\x80",
    b"\xf8\x88\x80\x80\x80",
    b"\xfe",
    b"\xff",
    b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited",
    b"\xc3",
    b"\xe2\x82",
    b"\xf0\x9f\x98",
    b"a\xc3b",
    b"\xe2\x28\xa1",
    b"\xf0\x9f\x28\x80",
]


@pytest.mark.parametrize("text", VALID_TEXTS, ids=ascii)
@pytest.mark.parametrize("size", [1, 1000])
def test_valid_utf8_is_echoed_whole_and_in_fragments_of_a_byte(socket, text, size):
    socket.send(fragments(TEXT, text, size))
    assert socket.receive_message() == text


@pytest.mark.parametrize("data", INVALID_TEXTS, ids=repr)
@pytest.mark.parametrize("size", [1, 1000])
def test_invalid_utf8_closes_with_1007(socket, data, size):
    try:
        socket.send(fragments(TEXT, data, size))
    except (BrokenPipeError, ConnectionResetError):
        pass
    assert_fails(socket, 1007)


@pytest.mark.parametrize("data", INVALID_TEXTS, ids=repr)
def test_binary_may_contain_any_bytes(socket, data):
    socket.send_binary(data)
    assert socket.receive_message() == data


@pytest.mark.parametrize("bad", [b"\xff", b"\xc0\x80", b"\xed\xa0", b"\xf4\x90"], ids=repr)
def test_invalid_utf8_ends_the_connection_at_its_fragment(socket, bad):
    """The server fails fast: the message is incomplete and never completed."""
    socket.send_frame(TEXT, b"valid \xce\xba" + bad, fin=False)
    assert_fails(socket, 1007)


def test_invalid_utf8_ends_the_connection_at_its_byte(socket):
    """The server fails fast within a frame that is never completed."""
    socket.send_frame(TEXT, b"\xce\xba\xf4\x90", length=1000)
    assert_fails(socket, 1007)


def test_a_character_may_be_split_between_fragments_but_must_be_complete_at_the_end(socket):
    socket.send_frame(TEXT, b"\xf0\x9f", fin=False)
    socket.send_frame(CONTINUATION, b"\x98\x80")
    assert socket.receive_message() == "😀"
    socket.send_frame(TEXT, b"\xf0\x9f", fin=False)
    socket.send_frame(CONTINUATION, b"\x98")
    assert_fails(socket, 1007)


# 7: closing


def test_a_close_without_a_code_is_answered(socket):
    socket.send_frame(CLOSE)
    closed = socket.wait_for_close()
    assert closed.had_frame and closed.code in (None, 1000)


VALID_CODES = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999]
INVALID_CODES = [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535]


@pytest.mark.parametrize("code", VALID_CODES)
def test_a_valid_close_code_is_answered_with_itself(socket, code):
    socket.send_close(code, "reason é")
    assert socket.wait_for_close().code == code


@pytest.mark.parametrize("code", INVALID_CODES)
def test_a_close_code_that_must_not_be_sent_closes_with_1002(socket, code):
    socket.send_close(code)
    assert_fails(socket, 1002)


def test_a_close_of_one_byte_closes_with_1002(socket):
    socket.send_frame(CLOSE, b"\x03")
    assert_fails(socket, 1002)


def test_a_reason_of_123_bytes_is_accepted(socket):
    socket.send_close(1000, "*" * 123)
    assert socket.wait_for_close().code == 1000


def test_a_reason_of_124_bytes_closes_with_1002(socket):
    socket.send_close(1000, "*" * 124)
    assert_fails(socket, 1002)


@pytest.mark.parametrize("reason", [b"\xff", b"\xc3", b"valid \xce\xba\xed\xa0\x80"], ids=repr)
def test_a_reason_that_is_not_utf8_closes_with_1007(socket, reason):
    socket.send_close(1000, reason)
    assert_fails(socket, 1007)


@pytest.mark.parametrize("after", [(TEXT, b"late"), (PING, b"late"), (CLOSE, b"\x03\xe8")], ids=str)
def test_input_after_a_close_is_not_read(socket, after):
    """`wait_for_close` fails if anything follows the close frame."""
    socket.send(frame(CLOSE, close_payload(1000)) + frame(*after))
    assert socket.wait_for_close().code == 1000


def test_a_close_within_a_message_is_answered(socket):
    socket.send_frame(TEXT, "never finished", fin=False)
    socket.send_close(1000)
    assert socket.wait_for_close().code == 1000


def test_a_big_message_before_a_close_is_echoed_first(socket):
    socket.send(frame(TEXT, "*" * 262_144) + frame(CLOSE, close_payload(1000)))
    assert socket.receive_message() == "*" * 262_144
    assert socket.wait_for_close().code == 1000


def test_a_connection_that_ends_without_a_close_is_harmless(socket):
    socket.half_close()
    with pytest.raises(Disconnected):
        while True:
            socket.receive_some()


# 9 and 10: big messages


def exchange(socket, data, payload):
    """Sends `data` while the echo of `payload` arrives: neither side may wait for the other to finish."""
    sender = threading.Thread(target=socket.socket.sendall, args=(data,), daemon=True)
    sender.start()
    opcode, received = None, []
    while True:
        part = socket.receive_frame(20)
        opcode = opcode or part.opcode
        received.append(part.payload)
        if part.fin:
            break
    sender.join(20)
    assert b"".join(received) == payload
    return opcode


@pytest.mark.timeout(60)
@pytest.mark.parametrize("opcode", [TEXT, BINARY])
@pytest.mark.parametrize("size", [MEBIBYTE, 16 * MEBIBYTE])
def test_a_big_message_is_echoed(socket, opcode, size):
    payload = b"*" * size if opcode == TEXT else os.urandom(size)
    assert exchange(socket, frame(opcode, payload), payload) == opcode


@pytest.mark.timeout(60)
@pytest.mark.parametrize("piece", [64, 1024, 65536])
def test_4_mib_in_fragments_are_echoed(socket, piece):
    payload = os.urandom(4 * MEBIBYTE)
    assert exchange(socket, fragments(BINARY, payload, piece), payload) == BINARY


@pytest.mark.timeout(60)
@pytest.mark.parametrize("piece", [64, 997, 1300])
def test_a_mebibyte_of_text_in_small_segments_is_echoed(socket, piece):
    text = "é€😀 " * (MEBIBYTE // 10)
    data = frame(TEXT, text)
    socket.send_in_pieces(data, piece)
    assert socket.receive_message(20) == text


def test_64_kib_in_fragments_are_echoed_as_one_message(socket):
    payload = b"*" * 65536
    socket.send(fragments(TEXT, payload, 1300))
    assert socket.receive_message() == payload.decode()


@pytest.mark.timeout(60)
def test_16_mib_and_a_byte_in_fragments_closes_with_1009(socket):
    data = fragments(BINARY, b"x" * (16 * MEBIBYTE), MEBIBYTE)
    # The last fragment is not final, and its header announces one more byte.
    head = data[: -len(frame(CONTINUATION, b"x" * MEBIBYTE))]
    try:
        socket.send(head + frame(CONTINUATION, b"x" * MEBIBYTE, fin=False) + frame(CONTINUATION, b"x"))
    except (BrokenPipeError, ConnectionResetError):
        pass
    assert socket.wait_for_close().code == 1009
