"""Questions to the sockets and servers of all hosts beside a stream."""

import pytest
from test_redis_questions import (  # noqa: F401 (the tests and their fixture run here with another scheme)
    clients, test_a_client_that_does_not_answer_is_missed, test_a_fetch_sees_the_effects_of_earlier_calls,
    test_acknowledgements_of_clients_of_all_hosts, test_results_of_servers_of_all_hosts, test_sockets_of_all_hosts)

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def scheme():
    return "redis-streams"
