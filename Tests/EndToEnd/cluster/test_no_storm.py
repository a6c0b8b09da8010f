"""Two thousand clients whose workers are replaced: they recover, and do not come back all at once."""

import asyncio
import signal

import processes
import pytest
from crowd import dismiss, gather_crowd
from waiting import wait_until_async

pytestmark = pytest.mark.timeout(180)
CLIENTS = 2000


async def replace_under(server):
    clients, tasks = await gather_crowd(server.port, CLIENTS)
    server.send_signal(signal.SIGHUP)
    await wait_until_async(lambda: "every worker is replaced" in server.stderr_text(), 90)
    await wait_until_async(lambda: all(client.joined.is_set() for client in clients), 30)
    # Every client is still in the chat, and gets a message once.
    clients[0].send('42["chat message","after the replacement"]')
    await wait_until_async(lambda: all(client.rows for client in clients), 30)
    await dismiss(clients, tasks)
    return clients


@pytest.mark.parametrize("workers", [2, 4])
def test_a_replacement_is_no_storm(tmp_path, record_property, workers):
    server = processes.Supervisor(tmp_path, workers, "--ports", "shared", "--drain-timeout", "10000")
    try:
        clients = asyncio.run(replace_under(server))
    finally:
        server.kill()
    for client in clients:
        assert client.rows == [(1, "after the replacement")]
        assert set(client.close_codes) == {1012} and client.refusals == 0
        assert client.recoveries == len(client.reconnects) > 0
    moments = sorted(moment for client in clients for moment in client.reconnects)
    busiest = max(sum(start <= moment < start + 1 for moment in moments) for start in moments[:: len(moments) // 200])
    gaps = sorted(gap for client in clients for gap in client.gaps)
    report = (
        f"{workers} workers: {len(moments)} reconnects of {CLIENTS} clients in {moments[-1] - moments[0]:.1f} s, "
        f"{busiest / len(moments):.0%} in the busiest second; without a connection for {gaps[-1]:.2f} s at most, "
        f"{gaps[len(gaps) // 2]:.2f} s in the median"
    )
    record_property("report", report)
    print(report)
    assert busiest <= len(moments) / 4, report
