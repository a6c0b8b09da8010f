"""Questions to the sockets and servers of all hosts through PostgreSQL: the tests of Redis."""

import pytest
from test_redis_questions import (
    clients,
    test_a_client_that_does_not_answer_is_missed,
    test_a_fetch_sees_the_effects_of_earlier_calls,
    test_acknowledgements_of_clients_of_all_hosts,
    test_results_of_servers_of_all_hosts,
    test_sockets_of_all_hosts,
)

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def hosts(start, postgres_server, prefix):
    url = postgres_server.url(prefix=prefix)
    return start(url), start(url, workers=2)


def test_answers_that_are_too_large_for_a_notification(hosts, connect):
    one, other = connect(hosts[0]), connect(hosts[1])
    other.call("set data", "x" * 500_000)
    [found] = one.call("fetch", {})
    assert sorted(len(socket.get("data", "")) for socket in found) == [0, 500_000]
