"""Events and changes reach the sockets of all hosts through PostgreSQL, in one order: the tests of Redis, and what is
different here.
"""

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
