"""Socket.IO namespaces: connecting, auth, refusals, leaving."""

import re
import time

import pytest

from engine import SEPARATOR, PollingSession
from packets import ConformanceClient, SocketIOWebSocket
from wire import Disconnected

pytestmark = pytest.mark.timeout(20)


@pytest.fixture
def socket(conformance):
    with SocketIOWebSocket(conformance.port) as socket:
        yield socket


def connected(prefix):
    """A pattern for the answer to CONNECT, which has only the sid, because the conformance server has no recovery."""
    return re.compile(re.escape(prefix) + r'\{"sid":"[A-Za-z0-9_-]{20}"\}')


@pytest.mark.parametrize(
    "packet, answer, event",
    [
        ("40", "40", '42["auth",{}]'),
        ("40{}", "40", '42["auth",{}]'),
        ('40{"token":"123"}', "40", '42["auth",{"token":"123"}]'),
        ('40{"a":{"b":[1,2.5,null,true]},"é":"😀"}', "40", '42["auth",{"a":{"b":[1,2.5,null,true]},"é":"😀"}]'),
        ("40/,", "40", '42["auth",{}]'),
        ("40/custom", "40/custom,", '42/custom,["auth",{}]'),
        ("40/custom,", "40/custom,", '42/custom,["auth",{}]'),
        ("40/custom,{}", "40/custom,", '42/custom,["auth",{}]'),
        ('40/custom,{"token":"abc"}', "40/custom,", '42/custom,["auth",{"token":"abc"}]'),
    ],
)
def test_connect_is_answered_before_the_handlers_events(socket, packet, answer, event):
    socket.send_text(packet)
    assert connected(answer).fullmatch(socket.receive_packet())
    assert socket.receive_packet() == event


def test_a_client_connects_by_polling(conformance):
    session = PollingSession(conformance.port)
    assert session.post('40{"token":"123"}').text == "ok"
    first, second = session.poll()
    assert connected("40").fullmatch(first)
    assert second == '42["auth",{"token":"123"}]'


@pytest.mark.parametrize("namespace", ["/random", "/customs", "/custom/", "/Custom", "/é", "/__proto__"])
@pytest.mark.parametrize("suffix", ["", ",", ',{"token":"abc"}'])
def test_an_unknown_namespace_is_refused_and_the_connection_stays_open(socket, namespace, suffix):
    socket.send_text(f"40{namespace}{suffix}")
    assert socket.receive_packet() == f'44{namespace},{{"message":"Invalid namespace"}}'
    socket.connect_namespace()


def test_the_main_namespace_needs_no_connect_before_another(socket):
    socket.connect_namespace("/custom")
    assert socket.receive_packet() == '42/custom,["auth",{}]'
    socket.connect_namespace()
    assert socket.receive_packet() == '42["auth",{}]'


def test_each_namespace_has_its_own_sid(socket):
    main = socket.connect_namespace()["sid"]
    assert socket.receive_packet() == '42["auth",{}]'
    custom = socket.connect_namespace("/custom")["sid"]
    assert len({socket.sid, main, custom}) == 3


def test_namespaces_connect_concurrently(socket):
    """Both CONNECTs are in flight at once, and each namespace keeps its order."""
    socket.send_text("40/custom")
    socket.send_text("40")
    packets = socket.receive_packets(4)
    main = [packet for packet in packets if not packet[2:].startswith("/custom,")]
    custom = [packet for packet in packets if packet not in main]
    assert connected("40").fullmatch(main[0]) and connected("40/custom,").fullmatch(custom[0])
    assert main[1:] == ['42["auth",{}]']
    assert custom[1:] == ['42/custom,["auth",{}]']


def test_a_websocket_without_a_connect_within_a_second_is_closed(socket):
    """This test measures time. The client answers pings, so the heartbeat does not end the connection."""
    with pytest.raises(Disconnected):
        socket.receive_packet(5)
    assert 0.9 <= time.monotonic() - socket.opened_at <= 1.6


def test_a_polling_session_without_a_connect_within_a_second_is_closed(conformance):
    session = PollingSession(conformance.port)
    while (packet := session.get().text) == "2":
        assert session.post("3").text == "ok"
    assert packet in ("1", "6\x1e1")
    assert 0.9 <= time.monotonic() - session.opened_at <= 1.6
    assert session.get().status == 400


def test_a_connected_client_outlives_the_connect_timeout(conformance):
    """This test measures time."""
    with ConformanceClient(conformance.port) as client:
        while time.monotonic() - client.opened_at < 1.5:
            assert client.receive_message() == "2"
            client.send_text("3")
        client.round_trip()


@pytest.mark.parametrize(
    "packet",
    [
        '42["message"]', '42/custom,["message"]', '421["message-with-ack"]',
        '451-["message",{"_placeholder":true,"num":0}]',
    ],
)
def test_an_event_before_connect_closes_the_connection(socket, packet):
    socket.send_text(packet)
    socket.send_binary(b"\x01")
    socket.wait_for_close()


def test_an_event_to_an_unconnected_namespace_closes_the_connection(conformance):
    with ConformanceClient(conformance.port) as client:
        client.send_text('42/custom,["message"]')
        client.wait_for_close()


@pytest.mark.parametrize("namespace", ["", "/custom,"])
def test_a_second_connect_to_the_same_namespace_closes_the_connection(socket, namespace):
    socket.send_text(f"40{namespace}")
    assert connected(f"40{namespace}").fullmatch(socket.receive_packet())
    assert socket.receive_packet() == f'42{namespace}["auth",{{}}]'
    socket.send_text(f"40{namespace}")
    socket.wait_for_close()


@pytest.mark.parametrize("packet", ['44{"message":"x"}', '44/custom,{"message":"x"}'])
def test_a_connect_error_from_a_client_closes_the_connection(conformance, packet):
    with ConformanceClient(conformance.port) as client:
        client.send_text(packet)
        client.wait_for_close()


def test_leaving_the_main_namespace_keeps_the_connection(conformance):
    with ConformanceClient(conformance.port) as client:
        client.send_text("41")
        assert client.receive_message() == "2"
        client.send_text("3")
        client.connect_namespace("/custom")


@pytest.mark.parametrize("packet", ["41/custom", "41/custom,"])
def test_leaving_one_namespace_keeps_the_others(conformance, packet):
    with ConformanceClient(conformance.port) as client:
        client.connect_namespace("/custom")
        assert client.receive_packet() == '42/custom,["auth",{}]'
        client.send_text(packet)
        client.send_text('42["message","message to main namespace"]')
        assert client.receive_packet() == '42["message-back","message to main namespace"]'


def test_a_namespace_can_be_left_and_connected_again(socket):
    sids = set()
    for _ in range(3):
        sids.add(socket.connect_namespace("/custom")["sid"])
        assert socket.receive_packet() == '42/custom,["auth",{}]'
        socket.send_text("41/custom")
    assert len(sids) == 3


def test_polling_packets_of_one_post_are_handled_in_order(conformance):
    session = PollingSession(conformance.port)
    assert session.post("40\x1e40/custom").text == "ok"
    assert len(session.receive(4)) == 4
    assert session.post(SEPARATOR.join(['42["message",1]', "41/custom", '42["message",2]'])).text == "ok"
    assert session.receive(2) == ['42["message-back",1]', '42["message-back",2]']
