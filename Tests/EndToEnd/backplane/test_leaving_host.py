"""A host that is stopped gracefully leaves no question of another host unanswered."""

import json
import signal
import time

import pytest

from waiting import wait_until

pytestmark = pytest.mark.timeout(120)

#: How long an answer may take. A host that waits for one that is gone has a limit of five seconds or more.
LONGEST_ANSWER = 2.5


@pytest.fixture(params=["redis", "redis-sharded", "redis-streams", "postgres"])
def url(request, prefix):
    if request.param == "postgres":
        return request.getfixturevalue("postgres_server").url(prefix=prefix)
    return request.getfixturevalue("redis_server").url(request.param, prefix=prefix)


def questions(number):
    """What a peer asks: for sockets, for rooms, and a handler."""
    kind = [{"type": 5, "opts": {"rooms": [], "except": []}}, {"type": 1}, {"type": 6, "data": ["question", "x"]}]
    return {"uid": "peer01", "requestId": f"r{number}", **kind[number % 3]}


@pytest.mark.parametrize("workers", [None, 2])
def test_each_question_that_reaches_the_host_is_answered(start, connect, redis_server, prefix, workers):
    """The peer is no node, so that PUBLISH returns 1 if, and only if, the host gets the question."""
    host = start(redis_server.url(prefix=prefix), workers, graceful=True)
    # The host lets clients connect when its messages arrive.
    connect(host)
    redis = redis_server.client()
    answers = redis.pubsub()
    answers.subscribe(f"{prefix}-response#/#", f"{prefix}-response#/#peer01#")
    for _ in range(2):
        answers.get_message(timeout=5)
    reached, answered, number = set(), [], 0

    def read_answers(most_open):
        while len(reached) - len(answered) > most_open:
            message = answers.get_message(timeout=10)
            assert message, f"{len(reached) - len(answered)} of {len(reached)}: {sorted(reached - set(answered))[:20]}"
            if message["type"] == "message":
                answered.append(json.loads(message["data"])["requestId"])

    while True:
        if number == 300:
            host.send_signal(signal.SIGTERM)
        if redis.publish(f"{prefix}-request#/#", json.dumps(questions(number))) == 1:
            reached.add(f"r{number}")
        else:
            assert number >= 300, "the host is not there"
            break
        # Redis closes a connection whose messages are not read.
        read_answers(100)
        number += 1
    read_answers(0)
    assert host.wait(10) == 0
    assert "stopped before everything was closed" not in host.stderr_text()
    assert set(answered) == reached
    answers.close()
    redis.close()


@pytest.mark.parametrize("workers", [None, 2])
def test_no_question_waits_for_the_host(start, connect, url, workers):
    """Another host asks all the time: for sockets, handlers, and for the session of a client that nobody knows."""
    staying, leaving = start(url), start(url, workers, graceful=True)
    client, other = connect(staying), connect(leaving)
    wait_until(lambda: len(client.call("fetch", {})[0]) == 2, 30)
    durations, seen = [], set()
    stopped_at = None
    while stopped_at is None or time.monotonic() < stopped_at + 3:
        if len(durations) == 100:
            leaving.send_signal(signal.SIGTERM)
            stopped_at = time.monotonic()
        start_time = time.monotonic()
        [found] = client.call("fetch", {})
        [results] = client.call("ask servers", "x")
        connect(staying, auth={"pid": "nobody-has-this-pid0", "offset": "12345678.1"}).close()
        durations.append(time.monotonic() - start_time)
        seen.add(other.sid in [socket["id"] for socket in found])
        # Through PostgreSQL, the other host may have said that it is gone before it could read the question.
        assert all(result in (["answer to x"], [None], ["recipientsGone"]) for result in results), results
    assert leaving.wait(10) == 0
    assert seen == {True, False}
    assert max(durations) < LONGEST_ANSWER, sorted(durations)[-5:]
