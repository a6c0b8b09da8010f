"""Waiting for conditions instead of sleeping."""

import time


def wait_until(condition, timeout=10.0, message="the condition did not become true"):
    """Polls until `condition()` is truthy and returns its value; fails with `message` after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= deadline:
            text = message() if callable(message) else message
            raise AssertionError(f"{text} (waited {timeout} s)")
        time.sleep(0.01)


def let_time_pass(seconds):
    """Sleeps. For tests of time only."""
    time.sleep(seconds)
