"""Clients that must prove who they are with a token."""

import json
import sqlite3
import time
from contextlib import closing

import pytest
import socketio

import tokens
from packets import SocketIOWebSocket
from waiting import wait_until
from wire import Disconnected

pytestmark = pytest.mark.timeout(60)

KEY = "a secret that only the issuer of tokens and chatd know"


def token(sub, key=KEY, header=None, **claims):
    return tokens.token(sub, key, header, **claims)


@pytest.fixture
def keys(tmp_path):
    path = tmp_path / "keys"
    path.write_text(f"# the issuer's key\n{KEY}\n")
    path.chmod(0o600)
    return path


@pytest.fixture
def chatd(start_chatd, keys):
    return start_chatd("--auth", "token", "--auth-keys", keys)


class Client(SocketIOWebSocket):
    def connect(self, **auth):
        """Sends CONNECT and returns the answer: that of a success, or the text of the refusal."""
        self.send_text("40" + json.dumps(auth))
        packet = self.receive_packet()
        return json.loads(packet[2:])

    def say(self, text, offset):
        self.emit("chat message", text, offset, ack=1)
        while not (packet := self.receive_packet()).startswith("431["):
            pass
        return json.loads(packet[3:])


def refusal(answer):
    assert answer["message"] == "unauthorized"
    return answer["data"]["reason"]


@pytest.mark.parametrize(
    "auth, reason",
    [
        ({}, "missing"),
        ({"token": 5}, "missing"),
        ({"token": "x"}, "malformed"),
        ({"token": token("ada", key=KEY + "x")}, "signature"),
        ({"token": token("ada", exp=1)}, "expired"),
        ({"token": token("ada", nbf=32503680000)}, "notYetValid"),
        ({"token": token("ada", aud="elsewhere")}, "audience"),
        ({"token": token("ada", header={"alg": "none"})}, "malformed"),
        ({"token": token("ada", header={"alg": "HS512"})}, "malformed"),
    ],
)
def test_a_client_without_a_valid_token_gets_connect_error_with_the_reason(chatd, auth, reason):
    with Client(chatd.port) as client:
        assert refusal(client.connect(**auth)) == reason
        assert "sid" in client.connect(token=token("ada")), "it may try again on the same connection"


def test_the_official_python_client_enters_with_a_token_and_learns_why_it_may_not(chatd):
    client, errors = socketio.Client(), []
    client.on("connect_error", errors.append)
    with pytest.raises(socketio.exceptions.ConnectionError):
        client.connect(f"http://127.0.0.1:{chatd.port}", auth={"token": "forged"}, wait_timeout=5)
    assert errors == [{"message": "unauthorized", "data": {"reason": "malformed"}}]
    client.connect(f"http://127.0.0.1:{chatd.port}", auth={"token": token("ada")}, wait_timeout=5)
    assert client.call("chat message", ("hello", "offset"), timeout=5) in (None, ())
    client.disconnect()


def test_a_message_has_the_id_of_its_author(chatd, tmp_path):
    with Client(chatd.port) as ada, Client(chatd.port) as bob:
        ada.connect(token=token("ada"), details=1, identity="0123456789abcdef")
        bob.connect(token=token("bob"), details=1)
        assert "id" in ada.say("hello", "1")[0]
        name, text, identifier, details, *_ = json.loads(bob.receive_packet()[2:])
        assert (text, details["author"]) == ("hello", "ada")
    with closing(sqlite3.connect(f"file:{tmp_path / 'chat.db'}?mode=ro", uri=True)) as database:
        assert database.execute("SELECT author FROM messages").fetchall() == [("ada",)]


def test_a_claim_of_another_users_session_leaves_it_alone(chatd):
    with Client(chatd.port) as ada, Client(chatd.port) as eve:
        session = ada.connect(token=token("ada"))
        stolen = eve.connect(token=token("eve"), pid=session["pid"])
        assert stolen["sid"] != session["sid"]
        assert refusal(eve_again(chatd, pid=session["pid"])) == "missing"
        assert ada.say("still here", "1") == []
    with Client(chatd.port) as again:
        assert again.connect(token=token("ada", name="new token"), pid=session["pid"])["sid"] == session["sid"]


def eve_again(chatd, **auth):
    with Client(chatd.port) as client:
        return client.connect(**auth)


def test_a_live_client_is_disconnected_when_its_token_expires(chatd):
    with Client(chatd.port) as client:
        expires = int(time.time()) + 2
        session = client.connect(token=token("ada", exp=expires))
        event, argument = json.loads(client.receive_packet(timeout=10)[2:])[:2]
        assert (event, argument) == ("disconnect reason", {"reason": "expired"})
        assert client.receive_packet() == "41"
        assert time.time() >= expires
        # The session is deleted: a new token does not bring it back.
        assert client.connect(token=token("ada"), pid=session["pid"])["sid"] != session["sid"]


def test_the_session_of_a_client_that_is_away_ends_with_its_token(supervise, keys):
    server = supervise(2, "--auth", "token", "--auth-keys", keys)
    expires = int(time.time()) + 2
    with Client(server.ports[0]) as client:
        session = client.connect(token=token("ada", exp=expires))
    with Client(server.ports[0]) as client:
        lasting = client.connect(token=token("bob"))
    # Clocks may differ by five seconds.
    wait_until(lambda: time.time() > expires + 5)
    with Client(server.ports[1]) as client:
        assert client.connect(token=token("ada"), pid=session["pid"])["sid"] != session["sid"]
    with Client(server.ports[1]) as client:
        assert client.connect(token=token("bob"), pid=lasting["pid"])["sid"] == lasting["sid"]


def test_a_cookie_is_enough_if_the_options_name_it(start_chatd, keys):
    chatd = start_chatd("--auth", "token", "--auth-keys", keys, "--auth-cookie", "session")
    for cookie, enters in [
        (f"a=b; session={token('ada')}; c", True),
        (f"xsession={token('ada')}", False),
        ("session=", False),
    ]:
        with Client(chatd.port, headers={"Cookie": cookie}) as client:
            assert ("sid" in client.connect()) == enters


def test_the_audience_must_match(start_chatd, keys):
    chatd = start_chatd("--auth", "token", "--auth-keys", keys, "--auth-audience", "chat")
    with Client(chatd.port) as client:
        assert refusal(client.connect(token=token("ada"))) == "audience"
        assert refusal(client.connect(token=token("ada", aud=["other"]))) == "audience"
        assert "sid" in client.connect(token=token("ada", aud=["other", "chat"]))


def test_workers_read_the_keys_too(supervise, keys):
    supervisor = supervise(2, "--auth", "token", "--auth-keys", keys)
    sessions = {}
    for port in supervisor.ports:
        with Client(port) as client:
            assert refusal(client.connect()) == "missing"
            sessions[port] = client.connect(token=token("ada"))
    first, second = supervisor.ports
    with Client(second) as client:
        assert client.connect(token=token("eve"), pid=sessions[first]["pid"])["sid"] != sessions[first]["sid"]
    with Client(second) as client:
        assert client.connect(token=token("ada"), pid=sessions[first]["pid"])["sid"] == sessions[first]["sid"]


def test_an_open_server_says_so_when_the_first_client_comes_through_a_proxy(start_chatd):
    chatd = start_chatd("--allowed-hosts", "chat.example")
    with Client(chatd.port) as client:
        assert "sid" in client.connect()
    assert "--auth" not in chatd.stderr_text()
    for _ in range(3):
        with Client(chatd.port, headers={"X-Forwarded-For": "203.0.113.7"}) as client:
            assert "sid" in client.connect()
    wait_until(lambda: chatd.stderr_text().count("--auth lets only those in") == 1)
    assert "a client has come through a proxy on this machine" in chatd.stderr_text()


def test_an_open_server_says_so_when_the_first_client_names_a_foreign_host(start_chatd):
    chatd = start_chatd("--allowed-hosts", "chat.example")
    with Client(chatd.port, headers={"Host": "chat.example"}) as client:
        assert "sid" in client.connect()
    wait_until(lambda: chatd.stderr_text().count("--auth lets only those in") == 1)


def test_an_open_server_on_all_addresses_says_so_when_it_starts(start_chatd, supervise):
    servers = [start_chatd("--host", "0.0.0.0"), supervise(2, "--host", "0.0.0.0", db="other.db")]
    for server in servers:
        log = server.stderr_text()
        assert log.count("everybody who can reach 0.0.0.0 may read and write all messages; --auth") == 1
        assert log.count("without --max-db-size, the database may grow") == 1
    bounded = start_chatd("--host", "0.0.0.0", "--max-db-size", 1 << 30, db="third.db")
    assert "max-db-size, the" not in bounded.stderr_text() and "everybody" in bounded.stderr_text()


def test_no_secret_is_in_the_log(chatd, keys):
    with Client(chatd.port) as client:
        client.connect(token=token("ada"))
        with pytest.raises((Disconnected, ConnectionError)):
            client.send_text("not a packet")
            while True:
                client.receive_packet()
    assert KEY not in chatd.stderr_text() and token("ada") not in chatd.stderr_text()
