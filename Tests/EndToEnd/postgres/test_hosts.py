"""Several hosts whose messages are in one PostgreSQL database are one chat."""

import json
import random
import time
from contextlib import closing

import pytest

import processes
from history import HistoryClient
from packets import ChatClient, SocketIOWebSocket
from talk import Talk
from waiting import wait_until

pytestmark = pytest.mark.timeout(120)


def url_of(server, database):
    return f"postgres://chatd@127.0.0.1:{server.port}/{database}"


@pytest.fixture
def start_host(tmp_path, empty_database):
    """Starts a server, each in a directory of its own."""
    hosts = []

    def start(command="serve", *options):
        directory = tmp_path / f"host-{len(hosts)}"
        directory.mkdir()
        url = url_of(empty_database.server, empty_database.name)
        if command == "serve":
            hosts.append(processes.chatd(directory, *options, db=url))
        else:
            hosts.append(processes.Supervisor(directory, 2, "--ports", "shared", *options, db=url))
        return hosts[-1]

    yield start
    for host in hosts:
        host.end()


@pytest.fixture
def two_hosts(start_host):
    return start_host("serve"), start_host("supervise")


@pytest.fixture
def own_server(postgres_template):
    """A database server that a test may stop."""
    server = postgres_template.server()
    yield server
    server.remove()


@pytest.fixture
def hosts_on_own_server(own_server, tmp_path):
    url = url_of(own_server, "postgres")
    hosts = []
    for number in range(2):
        directory = tmp_path / f"own-{number}"
        directory.mkdir()
        hosts.append(processes.Supervisor(directory, 1, "--ports", "shared", db=url))
    yield hosts
    for host in hosts:
        host.end()


def test_messages_of_two_hosts_have_one_order(two_hosts):
    with ChatClient(two_hosts[0].port) as one, ChatClient(two_hosts[1].port) as other:
        for number in range(20):
            assert (one, other)[number % 2].say(f"m{number}") == []
        for client in (one, other):
            client.read_rows(20)
            assert client.rows == [(number + 1, f"m{number}") for number in range(20)]


def test_a_repeat_at_another_host_is_acknowledged_and_not_stored_again(two_hosts):
    with ChatClient(two_hosts[0].port) as one, ChatClient(two_hosts[1].port) as other:
        assert one.say("once", "tab-1") == []
        assert other.say("once", "tab-1") == []
        assert other.say("another text", "tab-1") == []
        assert other.say("another text", "tab-1") == []
        other.say("end")
        for client in (one, other):
            client.read_rows(3)
            assert client.texts == ["once", "another text", "end"]


def test_a_later_client_at_another_host_gets_everything(two_hosts, start_host):
    texts = [f"{number} " + "x" * 1000 for number in range(300)]
    with ChatClient(two_hosts[0].port) as one:
        for text in texts:
            one.chat(text)
        one.read_rows(300)
    third = start_host("supervise")
    for host in (two_hosts[1], third):
        with ChatClient(host.port) as late:
            late.read_rows(300)
            assert late.texts == texts
        with closing(HistoryClient(host.port, {"latest": 5})) as late:
            late.read_rows(5)
            assert late.texts == texts[-5:]
            page = late.history(before=late.rows[0][0], limit=10)
            assert [row[1] for row in page["messages"]] == texts[-15:-5]


def without_notifications(database):
    """Ends the sessions that tell hosts of new rows. A host reads them at its next poll then, half a second later."""
    database.query(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE datname = current_database() AND application_name LIKE 'chatd % notifications'")


def test_a_client_that_moves_with_rows_that_its_new_host_has_not_read_gets_nothing_twice(two_hosts, empty_database):
    one, other = two_hosts
    for number in range(10):
        without_notifications(empty_database)
        with ChatClient(one.port) as client:
            assert client.say(f"m{number}") == []
            client.read_rows(number + 1)
            last = client.rows[-1][0]
        with ChatClient(other.port, last) as moved:
            assert moved.say(f"at the other host {number}", f"tab-{number}") == []
            moved.read_rows(1)
            assert moved.texts == [f"at the other host {number}"]
        empty_database.query("DELETE FROM messages WHERE content LIKE 'at the other%'")


def test_a_client_of_a_host_that_has_just_started_may_move(two_hosts, start_host, empty_database):
    for number in range(3):
        young = start_host()
        without_notifications(empty_database)
        with SocketIOWebSocket(young.port) as client:
            private_id = client.connect_namespace()["pid"]
            client.emit("chat message", f"m{number}")
            for _ in range(number + 1):
                *_, offset = json.loads(client.receive_packet().removeprefix("42"))
        with SocketIOWebSocket(two_hosts[1].port) as moved:
            assert moved.connect_namespace(auth={"pid": private_id, "offset": offset})["pid"] != private_id
            moved.emit("chat message", "", f"marker-{number}")
            name, text, *_ = json.loads(moved.receive_packet().removeprefix("42"))
            assert (name, text) == ("chat message", "")
        empty_database.query("DELETE FROM messages WHERE content = ''")


def test_rows_of_another_program_arrive_live_and_once(two_hosts, empty_database):
    with ChatClient(two_hosts[0].port) as one, ChatClient(two_hosts[1].port) as other:
        one.say("before")
        with empty_database.connect() as connection:
            connection.autocommit = False
            connection.execute("INSERT INTO messages (content) VALUES ('first'), ('second')")
            connection.execute("INSERT INTO messages (client_offset, content) VALUES ('mine', 'third')")
            connection.commit()
        other.read_rows(4)
        assert other.say("after") == []
        assert other.say("third", "mine") == []
        for client in (one, other):
            client.read_rows(5)
            assert client.texts == ["before", "first", "second", "third", "after"]


def test_text_that_postgresql_cannot_hold_arrives_in_another_form(two_hosts):
    with ChatClient(two_hosts[0].port) as one, ChatClient(two_hosts[1].port) as other:
        assert one.say("a\u0000b", "\\N\"{},NULL") == []
        assert one.say("", "empty") == []
        assert "error" in one.say("x", "with\u0001one")[0]
        other.read_rows(2)
        assert other.texts == ["a\ufffdb", ""]


def test_a_message_is_shown_although_a_later_one_of_its_group_fails(start_host, empty_database):
    """The database refuses one text, so the group is stored in parts, and takes too long for another one."""
    host = start_host()
    empty_database.query("""
        CREATE FUNCTION judge() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.content = 'bad' THEN RAISE check_violation; END IF;
            IF NEW.content = 'first' THEN PERFORM pg_sleep(1); END IF;
            IF NEW.content = 'slow' THEN PERFORM pg_sleep(11); END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER judge BEFORE INSERT ON messages FOR EACH ROW EXECUTE FUNCTION judge()""")
    with ChatClient(host.port) as client, ChatClient(host.port) as other:
        client.chat("first", "tab-0")
        good, *_ = [client.chat(text, f"tab-{text}") for text in ("good", "bad", "slow")]
        for reader in (client, other):
            reader.read_rows(2, 30)
            assert reader.texts == ["first", "good"]
        assert client.read_ack(good) == []


def test_nothing_is_lost_or_doubled_when_sessions_of_the_database_are_killed(two_hosts, empty_database):
    talk = Talk(two_hosts)
    begin = time.monotonic()
    killed = 0
    # A busy machine needs more time for enough of both.
    while (passed := time.monotonic() - begin) < 6 or (passed < 40 and (killed <= 10 or len(talk.sent) <= 50)):
        time.sleep(random.uniform(0.02, 0.2))
        killed += empty_database.kill_sessions()
    talk.end()
    assert killed > 10 and len(talk.sent) > 50


def test_nothing_is_lost_or_doubled_when_the_database_crashes(hosts_on_own_server, own_server):
    talk = Talk(hosts_on_own_server)
    for _ in range(2):
        talk.wait_for_more()
        own_server.restart(immediate=True)
    talk.wait_for_more()
    talk.end()


def test_without_the_database_nothing_is_acknowledged_until_it_is_back(hosts_on_own_server, own_server):
    host = hosts_on_own_server[0]
    with ChatClient(host.port) as client:
        assert client.say("before", "tab-1") == []
        own_server.stop()
        ack = client.chat("meanwhile", "tab-2")
        wait_until(lambda: "1 messages not stored" in host.stderr_text(), message=host.stderr_text)
        assert "before" in client.texts and ack not in client.acks
        own_server.start()
        acks = []

        def is_acknowledged():
            acks.append(client.chat("meanwhile", "tab-2"))
            try:
                client.read_one(0.5)
            except TimeoutError:
                pass
            return any(ack in client.acks for ack in acks)

        wait_until(is_acknowledged, 20)
        client.read_rows(2)
        assert client.texts == ["before", "meanwhile"]


@pytest.mark.parametrize("table, mode", [
    ("messages", "ACCESS EXCLUSIVE"), ("messages", "SHARE"), ("chatd_hosts", "ACCESS EXCLUSIVE")])
def test_a_transaction_that_locks_a_table_is_named(start_host, empty_database, table, mode):
    host = start_host("serve")
    with ChatClient(host.port) as client:
        assert client.say("before", "tab-1") == []
        with empty_database.connect(autocommit=False, application_name="report tool") as locker:
            locker.execute(f"LOCK TABLE {table} IN {mode} MODE")
            client.chat("meanwhile", "tab-2")
            holder = f"process {locker.info.backend_pid} of chatd (report tool, idle in transaction) for "
            wait_until(
                lambda: f"the table {table} is locked by {holder}" in host.stderr_text(), 40, host.stderr_text)
        assert client.say("after", "tab-3", timeout=30) == []


def test_a_database_that_cannot_be_used_is_named_in_one_line(tmp_path):
    result = processes.run_chatd(
        "serve", "--port", "0", "--db", "postgres://chat:secret@127.0.0.1:1/chat", cwd=tmp_path, timeout=20)
    assert result.returncode == 69
    [line] = result.stderr.splitlines()
    assert "cannot open postgres://chat:***@127.0.0.1:1/chat: " in line and "Connection refused" in line


def has_row(server):
    with server.connect("postgres") as connection:
        if connection.execute("SELECT to_regclass('messages')").fetchone()[0] is None:
            return False
        return connection.execute("SELECT count(*) FROM messages").fetchone()[0] == 1


def test_after_a_standby_has_taken_over_a_new_start_goes_on(own_server, tmp_path):
    standby = own_server.standby()
    try:
        url = f"postgres://chatd@127.0.0.1:{own_server.port},127.0.0.1:{standby.port}/postgres"
        first = processes.chatd(tmp_path, db=url)
        with ChatClient(first.port) as client:
            assert client.say("before", "tab-1") == []
            wait_until(lambda: has_row(standby))
            own_server.stop(immediate=True)
            standby.promote()
            assert first.wait(20) == 70
        assert "another server has taken over" in first.stderr_text() or "timeline" in first.stderr_text()
        again = processes.chatd(tmp_path, db=url)
        with ChatClient(again.port) as client:
            assert client.say("before", "tab-1") == []
            assert client.say("after", "tab-2") == []
            client.read_rows(2)
            assert client.texts == ["before", "after"]
            # Ids that the earlier server may have given beyond what the standby knew are not given again.
            assert client.rows[1][0] > client.rows[0][0] + 1_000_000
        assert again.stop() == 0
    finally:
        standby.remove()
