"""Waiting for conditions instead of sleeping."""

import asyncio
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


async def wait_until_async(condition, timeout=10.0):
    """`wait_until` for coroutines."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, f"the condition did not become true (waited {timeout} s)"
        await asyncio.sleep(0.05)


def let_time_pass(seconds):
    """Sleeps. For tests of time only."""
    time.sleep(seconds)
