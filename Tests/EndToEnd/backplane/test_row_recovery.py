"""Chat clients resume their sessions at another host of one database and one Redis server."""

import random
import signal
import threading
import time

import pytest
from chat_schema import Database
from postgres_server import Template
from recovering import Recovering

import processes
from waiting import wait_until

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def postgres():
    template = Template()
    server = template.server()
    yield server
    server.remove()
    template.remove()


@pytest.fixture
def database(postgres, prefix):
    database = Database(postgres, prefix.replace("-", "_"))
    database.create()
    yield database
    database.drop()


@pytest.fixture(params=["redis", "redis-streams"])
def scheme(request):
    return request.param


@pytest.fixture
def hosts(tmp_path, database, redis_server, prefix, scheme):
    """Two supervisors with two workers each."""
    hosts = []
    for number in range(2):
        directory = tmp_path / f"host-{number}"
        directory.mkdir()
        options = ["--backplane", redis_server.url(scheme, prefix=prefix), "--backplane-patience", "60000"]
        url = f"postgres://chatd@127.0.0.1:{database.server.port}/{database.name}"
        hosts.append(processes.Supervisor(directory, 2, "--ports", "shared", *options, db=url))
    yield hosts
    for host in hosts:
        host.end()


def read_texts(client, count):
    return [text for _, text in client.read_rows(count)]


def test_a_chat_client_moves_with_its_rows(hosts):
    client, writer = Recovering(hosts[0].port), Recovering(hosts[1].port)
    writer.say("one")
    assert read_texts(client, 1) == ["one"]
    client.close()
    writer.say("two")
    again = Recovering(hosts[1].port, before=client)
    assert again.is_recovered
    writer.say("three")
    assert read_texts(again, 3) == ["one", "two", "three"]
    again.close()
    back = Recovering(hosts[0].port, before=again)
    assert back.is_recovered
    writer.say("four")
    assert read_texts(back, 4) == ["one", "two", "three", "four"]


def test_the_rows_of_a_client_of_a_dead_host_are_exact(hosts, scheme, redis_server):
    client, writer = Recovering(hosts[0].port), Recovering(hosts[1].port)
    writer.say("one")
    assert read_texts(client, 1) == ["one"]
    keeps_sessions = scheme == "redis-streams"
    if keeps_sessions:
        with redis_server.client() as admin:
            wait_until(lambda: admin.exists(f"sio:session:{client.pid}"), 20)
    hosts[0].send_signal(signal.SIGKILL)
    hosts[0].wait()
    writer.say("two")
    again = Recovering(hosts[1].port, before=client)
    assert again.is_recovered == keeps_sessions
    writer.say("three")
    assert read_texts(again, 3) == ["one", "two", "three"]


def test_chat_clients_that_move_get_each_row_once(hosts):
    stop = threading.Event()
    faults, moves, clients = [], [], [None] * 8

    def move(number):
        generator = random.Random(number)
        client = Recovering(hosts[number % 2].port)
        try:
            while not stop.is_set():
                deadline = time.monotonic() + generator.random() * 0.4
                while (left := deadline - time.monotonic()) > 0:
                    try:
                        client.read_row(left)
                    except TimeoutError:
                        break
                client.close()
                time.sleep(generator.random() * 0.1)
                client = Recovering(generator.choice(hosts).port, before=client)
                assert client.is_recovered
                moves.append(number)
            clients[number] = client
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=move, args=[number]) for number in range(len(clients))]
    writer = Recovering(hosts[0].port)
    for thread in threads:
        thread.start()
    begin, count = time.monotonic(), 0
    # A busy machine needs more time for enough moves.
    while (passed := time.monotonic() - begin) < 10 or (len(moves) <= 40 and passed < 30):
        writer.say(str(count))
        count += 1
        time.sleep(0.01)
    stop.set()
    for thread in threads:
        thread.join(60)
    assert not faults and len(moves) > 40, faults
    for client in clients:
        assert read_texts(client, count) == [str(number) for number in range(count)]
