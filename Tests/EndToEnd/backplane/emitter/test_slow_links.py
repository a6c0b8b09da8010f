"""A long message over a slow link is no outage, as long as more of it arrives."""

import json
import subprocess
import time

import pytest
from slow_proxy import SlowProxy
from test_emitter import UNCONFIRMED

import processes

pytestmark = pytest.mark.timeout(90)

#: How long a server may take to answer, in seconds.
ANSWER_TIME = 3


@pytest.fixture(params=["redis", "postgres"])
def server(request):
    return request.getfixturevalue(f"{request.param}_server")


def run(server, proxy, prefix, size):
    """Sends an event of this size through the proxy."""
    url = server.url(prefix=prefix).replace(f":{server.port}", f":{proxy.port}")
    return subprocess.run(
        [processes.chatd_binary(), "emit", "--backplane", url, "--timeout", "60000", "-"],
        input=json.dumps(["news", "x" * size]), capture_output=True, text=True, timeout=80)


def test_an_emitter_waits_while_its_event_arrives(server, prefix, start):
    # The host makes the table of attachments.
    host = start(server.url(prefix=prefix))
    with SlowProxy(server.port, rate=1_000_000) as proxy:
        started = time.monotonic()
        result = run(server, proxy, prefix, 6_000_000)
        assert (result.returncode, result.stderr) == (0, "")
        assert time.monotonic() - started > ANSWER_TIME + 1
    assert host.stderr_text() == ""


def test_an_emitter_gives_up_a_link_that_stalls(server, prefix, start):
    start(server.url(prefix=prefix))
    with SlowProxy(server.port, rate=1_000_000, stalls_at=1_000_000) as proxy:
        result = run(server, proxy, prefix, 12_000_000)
    assert result.returncode == UNCONFIRMED and "did not answer in time" in result.stderr


def test_a_host_stays_connected(server, prefix, start, connect):
    with SlowProxy(server.port, rate=150_000) as proxy:
        url = server.url(prefix=prefix)
        slow = start(url.replace(f":{server.port}", f":{proxy.port}"))
        one, other = connect(slow), connect(start(url))
        # Both hosts have the exchange.
        for sender in (one, other):
            sender.tell("emit", {}, "ready", 1)
            for client in (one, other):
                client.expect(["ready", 1], timeout=20)
        text = "x" * 900_000
        started = time.monotonic()
        one.tell("emit", {}, "news", text)
        other.expect(["news", text], timeout=40)
        assert time.monotonic() - started > ANSWER_TIME + 1
        assert slow.stderr_text() == ""
        other.tell("emit", {}, "later", 1)
        one.read_until(lambda: ["later", 1] in one.events, 20)
