"""Events and changes reach the sockets of all hosts through PostgreSQL, in one order: the tests of Redis, and what is
different here.
"""

import threading

import pytest
from test_redis_events import (
    pair,
    test_a_session_survives_messages_that_its_host_does_not_receive,
    test_a_socket_that_leaves_a_room_gets_the_events_before,
    test_all_clients_see_one_order,
    test_an_event_of_a_socket_does_not_reach_it,
    test_an_event_reaches_every_host,
    test_changes_of_sockets_of_all_hosts,
    test_disconnecting_sockets_of_all_hosts,
    test_namespaces_are_separate,
    test_one_socket_of_another_host,
    test_rooms,
    test_servers_tell_each_other,
)

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def url(postgres_server, prefix):
    return postgres_server.url(prefix=prefix)


@pytest.fixture
def hosts(start, url):
    """Two hosts, one of them with two workers."""
    return start(url), start(url, workers=2)


def test_large_and_small_events_are_in_one_order(hosts, connect):
    """A large event is fetched from a table, except by the host that sent it."""
    readers = [connect(hosts[number % 2]) for number in range(2)]
    writers = [connect(hosts[number % 2]) for number in range(4)]
    count = 60

    def write(number, writer):
        for text in range(count):
            writer.tell("emit", {}, "news", f"{number}-{text}-" + "x" * (20_000 if text % 3 == number % 3 else 10))

    threads = [threading.Thread(target=write, args=entry) for entry in enumerate(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for reader in readers:
        reader.read_until(lambda reader=reader: len(reader.events) == 4 * count, 40)
    assert readers[0].events == readers[1].events
    for number in range(4):
        own = [event[1].split("-")[1] for event in readers[0].events if event[1].startswith(f"{number}-")]
        assert own == [str(text) for text in range(count)]
