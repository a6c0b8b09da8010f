"""What happens to events while PostgreSQL is away. A short outage is hidden; in a long one each host goes on alone."""

import json
import signal
import threading
import time

import psycopg
import pytest
from holding_proxy import HoldingProxy
from swallowing_proxy import SwallowingProxy, postgres_frames
from test_redis_outage import (
    CUT_OFF,
    check_lost_return,
    check_swallowed,
    expect,
    expect_together,
    is_immediate,
    say,
    write_while,
)
from waiting import let_time_pass, wait_until

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def pair(start, connect, own_postgres):
    """Two hosts on a server of their own, each with a client."""
    hosts = [start(own_postgres.url()), start(own_postgres.url())]
    return [(host, connect(host)) for host in hosts]


@pytest.fixture
def patient_pair(start, connect, own_postgres):
    """The same with hosts that wait long enough for everything that a busy machine does late."""
    hosts = [start(own_postgres.url(), patience=30), start(own_postgres.url(), patience=30)]
    return [(host, connect(host)) for host in hosts]


@pytest.mark.parametrize("outage", [0, 1.6, 5])
def test_events_wait_while_the_server_restarts(patient_pair, own_postgres, outage):
    say(patient_pair, 0, "before")
    expect(patient_pair, "before")
    own_postgres.stop(immediate=True)
    say(patient_pair, 0, "meanwhile 1")
    say(patient_pair, 0, "meanwhile 2 " + "x" * 20_000)
    let_time_pass(outage)
    own_postgres.start()
    expect(patient_pair, "meanwhile 1", "meanwhile 2 " + "x" * 20_000, timeout=30)
    assert all(CUT_OFF not in host.stderr_text() for host, _ in patient_pair)


def test_in_a_long_outage_each_host_continues_alone(pair, own_postgres):
    say(pair, 0, "before")
    expect(pair, "before")
    own_postgres.stop(immediate=True)
    say(pair, 0, "waits")
    for host, _ in pair:
        wait_until(lambda host=host: CUT_OFF in host.stderr_text(), 30)
    pair[0][1].expect(["news", "waits"])
    wait_until(lambda: is_immediate(pair[0][1]), 30)
    own_postgres.start()
    expect_together(pair)
    say(pair, 1, "after")
    expect(pair, "after")


def test_a_server_that_hangs_is_noticed(pair, own_postgres):
    own_postgres.signal(signal.SIGSTOP)
    say(pair, 0, "waits")
    for host, _ in pair:
        wait_until(lambda host=host: CUT_OFF in host.stderr_text(), 30)
    pair[0][1].expect(["news", "waits"])
    own_postgres.signal(signal.SIGCONT)
    # The other host may get it now. Here it is not shown again.
    expect_together(pair)
    assert "did not answer in time" in pair[0][0].stderr_text()


def terminate(server, role="", limit=None):
    """Ends sessions of hosts: all, or those with this role, and no more than `limit`."""
    with server.connect("postgres") as admin:
        return admin.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity"
            " WHERE application_name LIKE %s ORDER BY random() LIMIT %s) AS session",
            [f"chatd %{role}", limit]).fetchone()[0]


@pytest.mark.parametrize("role", ["", "listener", "publisher"])
def test_ended_sessions_are_opened_again(patient_pair, own_postgres, role):
    pair = patient_pair
    for number in range(3):
        assert terminate(own_postgres, role) > 0
        say(pair, number % 2, f"m{number}")
        pair[number % 2][1].expect(["news", f"m{number}"])
        expect_together(pair)
    assert all(CUT_OFF not in host.stderr_text() for host, _ in pair)


@pytest.mark.parametrize("limit", [None, 1])
def test_sessions_that_end_under_load(patient_pair, own_postgres, limit):
    write_while(patient_pair, lambda: terminate(own_postgres, limit=limit), pads=True)


def test_a_host_that_starts_without_a_server_serves_alone_and_joins_later(start, connect, own_postgres):
    own_postgres.stop()
    host = start(own_postgres.url())
    client = connect(host)
    client.tell("emit", {}, "news", 1)
    client.expect(["news", 1])
    own_postgres.start()
    other = start(own_postgres.url())
    expect_together([(host, client), (other, connect(other))])


def test_passwords(start, connect, own_postgres, tmp_path):
    with own_postgres.connect("postgres") as admin:
        admin.execute("ALTER ROLE chatd PASSWORD 'right'")
        (own_postgres.data / "pg_hba.conf").write_text(
            "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n")
        admin.execute("SELECT pg_reload_conf()")
    wrong = start(own_postgres.url().replace("chatd@", "chatd:wrong@"))
    wait_until(lambda: "password authentication failed" in wrong.stderr_text(), 30, wrong.stderr_text)
    assert "wrong" not in wrong.stderr_text()
    file = tmp_path / "passwords"
    file.write_text(f"127.0.0.1:{own_postgres.port}:*:chatd:right\n")
    file.chmod(0o600)
    hosts = [
        start(own_postgres.url().replace("chatd@", "chatd:right@"), patience=30),
        start(own_postgres.url(), patience=30, environment={"PGPASSWORD": "right"}),
        start(own_postgres.url(), patience=30, environment={"PGPASSFILE": str(file)})]
    clients = [connect(host) for host in hosts]
    clients[0].tell("emit", {}, "news", 1)
    for client in clients:
        client.expect(["news", 1], timeout=30)
    assert all(host.stderr_text() == "" for host in hosts)


def test_a_unix_domain_socket(start, connect, own_postgres):
    query = f"host={own_postgres.folder}&port={own_postgres.port}"
    hosts = [start(f"postgres://chatd@/postgres?{query}"), start(own_postgres.url())]
    expect_together([(host, connect(host)) for host in hosts])


def test_a_standby_is_not_used(start, connect, own_postgres):
    standby = own_postgres.standby()
    try:
        url = own_postgres.url().replace("127.0.0.1:", f"127.0.0.1:{standby.port},127.0.0.1:")
        pair = [(host, connect(host)) for host in (start(url), start(url))]
        expect_together(pair)
        own_postgres.stop(immediate=True)
        wait_until(lambda: "in recovery" in pair[0][0].stderr_text(), 15, pair[0][0].stderr_text)
        standby.promote()
        expect_together(pair)
    finally:
        standby.remove()


def test_a_table_that_is_missing_is_made_again(pair, own_postgres):
    """Without the table, a large event cannot be published. Others still can, and so can the next large one."""
    with own_postgres.connect("postgres") as admin:
        admin.execute("DROP TABLE socket_io_attachments")
    say(pair, 0, "large" * 4000)
    say(pair, 0, "small")
    pair[0][1].expect(["news", "large" * 4000], ["news", "small"])
    pair[1][1].expect(["news", "small"])
    assert "reaches this host's clients only: ERROR 42P01" in pair[0][0].stderr_text()
    for number in (0, 1):
        say(pair, number, f"{number}" * 20_000)
        expect(pair, f"{number}" * 20_000)


def test_a_host_that_may_not_make_the_table_again_says_so(start, connect, own_postgres):
    with own_postgres.connect("postgres") as admin:
        admin.execute("CREATE ROLE host LOGIN; GRANT pg_read_all_stats TO host")
        admin.execute("CREATE TABLE socket_io_attachments"
                      " (id bigserial UNIQUE, created_at timestamptz DEFAULT now(), payload bytea)")
        admin.execute("GRANT ALL ON socket_io_attachments, socket_io_attachments_id_seq TO host")
        host = start(own_postgres.url().replace("chatd@", "host@"), patience=30)
        client = connect(host)
        client.tell("emit", {}, "news", "large" * 4000)
        client.expect(["news", "large" * 4000])
        assert host.stderr_text() == ""
        admin.execute("DROP TABLE socket_io_attachments")
        client.tell("emit", {}, "news", "large" * 4000)
        client.expect(["news", "large" * 4000])
        text = "this host makes the table again if it has the right to create it"
        assert "ERROR 42P01" in host.stderr_text() and text in host.stderr_text()
        admin.execute("GRANT CREATE ON SCHEMA public TO host")
        # This one makes the table, and the next one reaches the other hosts.
        client.tell("emit", {}, "news", "large" * 4000)
        client.expect(["news", "large" * 4000])
        wait_until(lambda: admin.execute("SELECT to_regclass('socket_io_attachments')").fetchone()[0], 20)


def test_a_table_that_is_no_table_of_attachments_is_named(start, own_postgres):
    with own_postgres.connect("postgres") as admin:
        admin.execute("CREATE TABLE others (id text)")
    host = start(own_postgres.url(attachments="others"))
    wait_until(lambda: "the table of attachments cannot be used: ERROR 42703" in host.stderr_text(), 10)


def test_the_table_of_attachments_may_have_another_name_and_schema(start, connect, own_postgres):
    with own_postgres.connect("postgres") as admin:
        admin.execute("CREATE SCHEMA chat")
        pair = [(host, connect(host)) for host in [start(own_postgres.url(attachments="Chat.Large")) for _ in "ab"]]
        say(pair, 0, "large" * 4000)
        expect(pair, "large" * 4000)
        assert admin.execute("SELECT count(*) FROM chat.large").fetchone() == (1,)
        with pytest.raises(psycopg.errors.UndefinedTable):
            admin.execute("SELECT FROM socket_io_attachments")


def test_a_locked_table_is_an_outage(pair, own_postgres):
    """A transaction that locks the table holds back what follows, and the host continues without it."""
    with psycopg.connect(own_postgres.address("postgres")) as other:
        other.execute("LOCK TABLE socket_io_attachments")
        say(pair, 0, "large" * 4000)
        say(pair, 0, "small")
        pair[0][1].expect(["news", "large" * 4000], ["news", "small"], timeout=20)
    expect_together(pair)


def test_answers_that_the_server_does_not_take_are_bounded(start, connect, own_postgres):
    """A peer asks without end while large messages have to wait. The host has little memory of that."""
    host = start(own_postgres.url())
    client = connect(host)
    client.call("set data", "x" * 500_000)
    with psycopg.connect(own_postgres.address("postgres")) as other:
        other.execute("LOCK TABLE socket_io_attachments")
        with own_postgres.connect("postgres") as peer:
            for number in range(100):
                request = {"uid": "x", "type": 7, "nsp": "/", "data": {"opts": {"rooms": []}, "requestId": f"{number}"}}
                peer.execute("SELECT pg_notify('socket.io#/', %s)", [json.dumps(request)])
        wait_until(lambda: "bytes wait for the server" in host.stderr_text(), 15, host.stderr_text)
    client.tell("emit", {}, "news", 1)
    client.expect(["news", 1], timeout=20)


def test_an_event_whose_return_is_lost_keeps_its_place(start, connect, own_postgres):
    with HoldingProxy(own_postgres.port) as proxy, own_postgres.connect("postgres") as admin:
        url = own_postgres.url()
        hosts = [start(url.replace(str(own_postgres.port), str(proxy.port)), patience=20), start(url, patience=20)]
        pair = [(host, connect(host)) for host in hosts]
        expect_together(pair)
        # The hosts wait for a third one, which has told that it is there.
        heartbeat = json.dumps({"uid": "third", "nsp": "/", "type": 2})
        admin.execute("SELECT pg_notify('socket.io#/', %s)", [heartbeat])
        expect_together(pair)
        check_lost_return(pair, proxy, lambda: None)


def test_messages_that_do_not_come_back(start, connect, own_postgres):
    with SwallowingProxy(own_postgres.port, postgres_frames) as proxy:
        url = own_postgres.url()
        hosts = [start(url.replace(str(own_postgres.port), str(proxy.port)), patience=4), start(url, patience=4)]
        check_swallowed([(host, connect(host)) for host in hosts], proxy)


def test_a_session_does_not_survive_lost_events(start, connect, own_postgres):
    """The second host was away when the first one published."""
    hosts = [start(own_postgres.url()), start(own_postgres.url())]
    sender, client = connect(hosts[0]), connect(hosts[1])
    sender.tell("emit", {}, "news", 1)
    client.expect(["news", 1])
    client.close()
    assert terminate(own_postgres) == 4
    pair = [(hosts[0], sender), (hosts[1], connect(hosts[1]))]
    sender.events = []
    expect_together(pair)
    again = connect(hosts[1], auth={"pid": client.private_id, "offset": client.offset})
    assert again.sid != client.sid


def test_a_session_does_not_survive_a_lost_attachment(start, connect, own_postgres):
    host = start(own_postgres.url())
    client, other = connect(host), connect(host)
    other.tell("emit", {}, "news", 1)
    client.expect(["news", 1])
    client.close()
    with own_postgres.connect("postgres") as admin:
        admin.execute("""NOTIFY "socket.io#/", '{"uid":"x","type":3,"attachmentId":"999"}'""")
    wait_until(lambda: "it is not in the table" in host.stderr_text(), 10)
    again = connect(host, auth={"pid": client.private_id, "offset": client.offset})
    assert again.sid != client.sid
