"""Dynamic namespaces, with raw packets and with the unchanged Python client."""

import pytest
import socketio

from packets import SocketIOWebSocket
from waiting import wait_until

pytestmark = pytest.mark.timeout(20)


@pytest.mark.parametrize("namespace", ["/dynamic-", "/dynamic-1x", "/x/dynamic-1", "/dynamic-1/"])
def test_a_name_that_does_not_match_as_a_whole_is_refused(conformance, namespace):
    with SocketIOWebSocket(conformance.port) as socket:
        socket.send_text(f"40{namespace},")
        assert socket.receive_packet() == f'44{namespace},{{"message":"Invalid namespace"}}'
        socket.connect_namespace("/dynamic-1")


@pytest.mark.parametrize("transport", ["polling", "websocket"])
def test_each_name_is_a_namespace_of_its_own_and_the_parent_reaches_all(conformance, transport):
    namespaces = ["/dynamic-7", "/dynamic-8"]
    clients = []
    try:
        for namespace in namespaces:
            client = socketio.Client(reconnection=False)
            client.received = []
            client.on("told", client.received.append, namespace=namespace)
            client.connect(f"http://localhost:{conformance.port}", namespaces=[namespace], transports=[transport])
            clients.append(client)
            assert client.call("name", namespace=namespace, timeout=20) == namespace
        clients[0].emit("tell all", "hello", namespace=namespaces[0])
        for client in clients:
            wait_until(lambda: client.received == ["hello"])
    finally:
        for client in clients:
            client.disconnect()
