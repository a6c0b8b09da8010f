"""The operator's own HTTP service says who may enter (`--auth http://…`)."""

import json
import time

import pytest
import socketio

import processes
from packets import SocketIOWebSocket
from sites import Site, serving
from waiting import wait_until

pytestmark = pytest.mark.timeout(60)

@pytest.fixture
def site():
    return Site()


@pytest.fixture
def endpoint(site):
    with serving(site) as (host, port):
        yield f"http://chatd:s3cret@{host}:{port}/chat-auth"


class Client(SocketIOWebSocket):
    def connect(self, **auth):
        """Sends CONNECT and returns the answer: that of a success, or of the refusal."""
        self.send_text("40" + json.dumps(auth))
        return json.loads(self.receive_packet()[2:])

    def ask(self, *event):
        self.emit(*event, ack=1)
        while not (packet := self.receive_packet()).startswith("431["):
            pass
        return json.loads(packet[3:])


def as_user(name):
    return {"headers": {"Cookie": f"session={name}"}}


def sent_away(client, **auth):
    """Sends CONNECT; true if the server answers only by closing the connection with the code for coming back later."""
    client.send_text("40" + json.dumps(auth))
    return client.wait_for_close().code == 1013


def test_the_sites_own_cookie_is_enough_and_the_site_sees_the_whole_request(start_chatd, site, endpoint):
    chatd = start_chatd("--auth", endpoint)
    with Client(chatd.port, **as_user("ada")) as ada, Client(chatd.port, **as_user("bob")) as bob:
        assert "sid" in ada.connect(details=1, serverOffset=0, room="x")
        assert "sid" in bob.connect(details=1)
        assert "id" in ada.ask("chat message", "hello", "1")[0]
        assert json.loads(bob.receive_packet()[2:])[3]["author"] == "ada"
    question = site.requests[0]
    assert question["auth"] == {"details": 1, "room": "x"} and question["token"] is None
    assert (question["address"], question["namespace"]) == ("127.0.0.1", "/")
    assert question["headers"]["cookie"] == "session=ada" and "host" in question["headers"]
    assert not {"connection", "upgrade", "sec-websocket-key"} & set(question["headers"])
    assert site.authorization == "Basic Y2hhdGQ6czNjcmV0"
    assert "s3cret" not in chatd.stderr_text()


def test_a_refusal_reaches_the_official_python_client_with_its_data(start_chatd, site, endpoint):
    chatd = start_chatd("--auth", endpoint)
    site.banned.add("ada")
    client, errors = socketio.Client(), []
    client.on("connect_error", errors.append)
    with pytest.raises(socketio.exceptions.ConnectionError):
        client.connect(f"http://127.0.0.1:{chatd.port}", auth={"token": "ada"}, wait_timeout=5)
    assert errors == [{"message": "banned", "data": {"until": 7}}]
    client.connect(f"http://127.0.0.1:{chatd.port}", auth={"token": "bob"}, wait_timeout=5)
    assert client.call("chat message", ("hello", "offset"), timeout=5) in (None, ())
    client.disconnect()


def test_a_ban_takes_effect_at_the_next_connect_also_of_a_session(start_chatd, site, endpoint):
    chatd = start_chatd("--auth", endpoint)
    with Client(chatd.port, **as_user("ada")) as ada:
        session = ada.connect()
    with Client(chatd.port, **as_user("bob")) as bob:
        assert bob.connect(pid=session["pid"])["sid"] != session["sid"]
    with Client(chatd.port, **as_user("ada")) as ada:
        assert ada.connect(pid=session["pid"])["sid"] == session["sid"]
    site.banned.add("ada")
    with Client(chatd.port, **as_user("ada")) as ada:
        assert ada.connect(pid=session["pid"]) == {"message": "banned", "data": {"until": 7}}


def test_while_the_site_is_down_nobody_enters_and_those_inside_stay(start_chatd, site):
    with serving(site) as address:
        chatd = start_chatd("--auth", f"http://127.0.0.1:{address[1]}/")
        inside = Client(chatd.port, **as_user("ada"))
        assert "sid" in inside.connect()
    with inside:
        with Client(chatd.port, **as_user("bob")) as bob:
            assert sent_away(bob)
            for _ in range(3):
                with Client(chatd.port, **as_user("bob")) as other:
                    assert sent_away(other)
            assert inside.ask("chat message", "still here", "1") == []
            wait_until(lambda: "the service of --auth gave no usable answer" in chatd.stderr_text())
            assert chatd.stderr_text().count("no usable answer") == 1, "the line is rate-limited"
            with serving(site, address), Client(chatd.port, **as_user("bob")) as again:
                assert "sid" in again.connect()


def test_a_slow_site_delays_only_those_who_wait_for_it(start_chatd, site, endpoint):
    chatd = start_chatd("--auth", endpoint, "--auth-timeout", "1500")
    with Client(chatd.port, **as_user("bob")) as bob, Client(chatd.port, **as_user("ada")) as ada:
        assert "sid" in bob.connect()
        site.delays["ada"] = 3
        start = time.monotonic()
        ada.send_text("40")
        for number in range(20):
            assert bob.ask("chat message", "fast", f"{number}") == []
        assert time.monotonic() - start < 1.4
        assert ada.wait_for_close().code == 1013
        assert 1.4 < time.monotonic() - start < 3


def test_the_actions_of_an_identity_limit_what_its_client_may_do(start_chatd, site, endpoint):
    chatd = start_chatd("--auth", endpoint)
    with Client(chatd.port, **as_user("ada")) as ada, Client(chatd.port, **as_user("bob")) as bob:
        ada.connect()
        assert ada.ask("chat message", "before", "1") == []
        site.extra = {"actions": []}
        assert "sid" in bob.connect(serverOffset=0)
        assert bob.ask("chat message", "no", "2") == [{"error": "not allowed"}]
        assert bob.ask("chat history", {"before": None, "limit": 5}) == [{"error": "not allowed"}]
        bob.emit("chat message", "no", "3")
        assert ada.ask("chat message", "after", "4") == []
        texts = []
        while "after" not in texts:
            texts.append(json.loads(bob.receive_packet()[2:])[1])
        assert texts == ["after"], "neither the history nor a refused message"
        site.extra = {"actions": ["history"]}
    with Client(chatd.port, **as_user("bob")) as bob:
        bob.connect(latest=0)
        messages = bob.ask("chat history", {"before": None, "limit": 5})[0]["messages"]
        assert [message[1] for message in messages] == ["before", "after"]
        assert bob.ask("chat message", "no", "5") == [{"error": "not allowed"}]


def test_an_answer_is_remembered_as_long_as_it_says(start_chatd, site, endpoint):
    chatd = start_chatd("--auth", endpoint)
    site.extra = {"cache": 3600}
    for offset in range(3):
        with Client(chatd.port, **as_user("ada")) as ada:
            assert "sid" in ada.connect(serverOffset=offset)
    assert len(site.requests) == 1
    site.banned.add("bob")
    with Client(chatd.port, **as_user("bob")) as bob:
        assert bob.connect()["message"] == "banned"


def test_workers_ask_too_and_over_a_unix_domain_socket(supervise, site, tmp_path):
    path = str(tmp_path / "site.sock")
    with serving(site, path):
        supervisor = supervise(2, "--auth", f"unix:{path}:/chat-auth")
        sessions = []
        for port in supervisor.ports:
            with Client(port) as client:
                assert client.connect(token="nobody") == {"message": "unauthorized"}
                sessions.append(client.connect(token="ada"))
        with Client(supervisor.ports[1]) as client:
            assert client.connect(token="ada", pid=sessions[0]["pid"])["sid"] == sessions[0]["sid"]
        site.banned.add("ada")
        for port in supervisor.ports:
            with Client(port) as client:
                assert client.connect(token="ada")["message"] == "banned"
    for port in supervisor.ports:
        with Client(port) as client:
            assert sent_away(client, token="bob")


def test_check_notes_a_site_that_is_down(tmp_path, site):
    def check(url):
        return processes.run_chatd("check", "--port", "0", "--auth", url, cwd=tmp_path)

    with serving(site) as address:
        url = f"http://chatd:s3cret@127.0.0.1:{address[1]}/"
        up = check(url)
    down = check(url)
    assert up.returncode == down.returncode == 0
    assert "does not accept connections" not in up.stdout + up.stderr
    assert "does not accept connections" in down.stdout + down.stderr and "s3cret" not in down.stdout + down.stderr
