"""With the outage policy `fail`, a host that is cut off delivers no event for clients of all hosts."""

import signal

import pytest
from test_redis_outage import CUT_OFF, expect, expect_together, say

import processes
from metrics import Page
from ports import free_port
from waiting import wait_until

pytestmark = pytest.mark.timeout(90)


@pytest.fixture(params=["redis", "postgres"])
def own_server(request):
    return request.getfixturevalue(f"own_{request.param}")


def wait_for_outage(hosts):
    for host in hosts:
        wait_until(lambda host=host: CUT_OFF in host.stderr_text(), 20, host.stderr_text)


def test_events_reach_nobody_in_a_long_outage(own_server, start, connect):
    pair = [(host, connect(host)) for host in [start(own_server.url(), outage="fail") for _ in "ab"]]
    say(pair, 0, "before")
    expect(pair, "before")
    own_server.stop()
    # It waits while the outage may be short.
    say(pair, 0, "waits")
    wait_for_outage(host for host, _ in pair)
    assert "events are dropped" in pair[0][0].stderr_text()
    client = pair[0][1]
    say(pair, 0, "dropped")
    client.tell("emit", {"to": [client.sid]}, "own", 1)
    assert client.call("ask clients", {}, 1) == [{"values": [], "failure": "recipientsGone"}]
    client.call("join", "room")
    client.tell("emit", {"to": ["room"]}, "dropped", 1)
    client.settle()
    client.expect(["own", 1])
    own_server.start()
    expect_together(pair)
    say(pair, 1, "after")
    expect(pair, "after")


@pytest.mark.parametrize("is_supervised", [False, True])
def test_the_option_of_the_commands(own_redis, tmp_path, is_supervised):
    admin = free_port()
    options = ["--backplane", own_redis.url(), "--backplane-patience", "0", "--backplane-outage", "fail",
               "--admin-port", admin]
    host = processes.Supervisor(tmp_path, 1, *options) if is_supervised else processes.chatd(tmp_path, *options)
    try:
        wait_until(lambda: Page(admin)["chatd_backplane_up"] == 1)
        assert Page(admin)["chatd_backplane_outages_total"] == 0
        own_redis.stop()
        wait_for_outage([host])
        page = Page(admin)
        assert page["chatd_backplane_up"] == 0 and page["chatd_backplane_outages_total"] >= 1
        assert "events are dropped" in host.stderr_text()
        host.send_signal(signal.SIGUSR1)
        wait_until(lambda: " events_dropped=0 " in host.stderr_text(), 10, host.stderr_text)
        result = processes.run_chatd("admin", "announce", "reaches nobody", cwd=tmp_path)
        assert result.returncode == 0, result.stderr
        assert Page(admin)["chatd_events_dropped_total"] == 1
    finally:
        host.end()


def test_a_wrong_policy_is_an_error():
    result = processes.run_chatd("serve", "--backplane-outage", "both")
    assert result.returncode == 64 and '--backplane-outage: "both" is neither local nor fail' in result.stderr
