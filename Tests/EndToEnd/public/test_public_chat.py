"""A public chat: 300 honest clients, and then 30 attackers of ten kinds at once.

All come through a trusted proxy, which names their addresses. CHATD_PUBLIC_CHAT_SECONDS=3600 makes it an hour.
"""

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from attackers import KINDS
from honest_clients import Crowd
from metrics import Page
from ports import free_port
from processes import REPOSITORY, clean_environment, run_chatd
from tokens import token

KEY = "a secret that only the site and chatd know"
HONEST = 300
#: Messages of all honest clients in a second.
RATE = 12
SECONDS = int(os.environ.get("CHATD_PUBLIC_CHAT_SECONDS", 90))
QUIET_SECONDS = SECONDS // 3
ATTACK_SECONDS = SECONDS - QUIET_SECONDS
#: A flooding user may store this many messages in a second, and at once.
MESSAGE_RATE, MESSAGE_BURST = 5, 20
#: More messages of a flood than the server reads at once from a connection whose rate is used up.
READ_AHEAD = 300
#: More than all attackers may store at their rates, because a full database refuses the messages of everybody. The
#: floods stay far below it: their messages are short, so it is MESSAGE_RATE that holds them back.
MAX_DATABASE = max(100_000_000, SECONDS * 1_100_000)
#: A server truncates its log to this size.
MAX_LOG = 64 << 20
MAX_MEMORY = 400_000_000

#: What each kind of attacker counts when it does what it is for.
DONE = {
    "flood": ["flood messages"], "deaf": ["deaf requests"], "slowloris": ["slowloris headers"],
    "handshakes": ["handshakes 200", "handshakes 429"], "history": ["history readings", "history pages"],
    "auth": ["auth answers 44"], "forged": ["forged refused"], "page": ["page 403"],
    "evader": ["evader entered", "evader 403"], "hog": ["hog connections"],
}

pytestmark = pytest.mark.timeout(SECONDS + 150)


@pytest.fixture
def chatd(supervise, tmp_path):
    keys = tmp_path / "keys"
    keys.write_text(KEY + "\n")
    keys.chmod(0o600)
    admin = free_port()
    server = supervise(
        2, "--ports", "shared", "--trusted-proxies", "loopback", "--auth", "token", "--auth-keys", keys,
        "--message-rate", f"{MESSAGE_RATE}/{MESSAGE_BURST}", "--byte-rate", "65536/1048576",
        "--history-rate", "65536/262144", "--max-db-size", MAX_DATABASE, "--admin-port", admin)
    server.admin_port = admin
    return server


class Attack:
    """The attackers, in a process that gives way to the server: they have machines of their own."""

    def __init__(self, port):
        paths = [Path(__file__).parent, REPOSITORY / "Tests/EndToEnd/support/identities"]
        self.process = subprocess.Popen(
            ["nice", "-n", "19", sys.executable, Path(__file__).parent / "attackers.py", str(port), KEY],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=clean_environment({"PYTHONPATH": os.pathsep.join(map(str, paths))}))

    def end(self):
        """Ends the attack, and returns what the attackers have done."""
        output, _ = self.process.communicate(timeout=30)
        return json.loads(output)


def admin(directory, *words):
    result = run_chatd("admin", "--db", directory / "chat.db", *words, cwd=directory)
    assert result.returncode == 0, result.stderr
    return result.stdout


def ban_evaders(directory):
    """Bans the users first, and then the addresses from which they come back under other names."""
    for number in range(3):
        admin(directory, "ban", f"user:evader {number}", "--for", "1h")
    for number in range(3):
        admin(directory, "ban", f"10.66.{KINDS.index('evader')}.{number + 1}", "--for", "1h")


def connections(directory):
    """The users who are connected."""
    lines = admin(directory, "connections", "--json", "--limit", "5000").splitlines()
    return [json.loads(line).get("user") or "" for line in lines]


async def sample_memory(port, samples):
    """Appends the resident memory of all processes once a second."""
    while True:
        page = await asyncio.to_thread(Page, port)
        samples.append(page["chatd_resident_memory_bytes"])
        await asyncio.sleep(1)


def stored_floods(path):
    """The number of stored messages of flooding users."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as database:
        return database.execute("SELECT count(*) FROM messages WHERE content LIKE 'flood %'").fetchone()[0]


def p99(latencies):
    return sorted(latencies)[len(latencies) * 99 // 100]


def test_honest_clients_beside_attackers(chatd, tmp_path):
    memory = []

    async def scenario():
        url = f"http://127.0.0.1:{chatd.port}"
        async with Crowd(url, [token(f"user {number}", KEY) for number in range(HONEST)]) as crowd:
            quiet = await crowd.talk(QUIET_SECONDS, RATE)
            before = Page(chatd.admin_port)
            attack = Attack(chatd.port)
            sampling = asyncio.create_task(sample_memory(chatd.admin_port, memory))
            try:
                attacked = await crowd.talk(ATTACK_SECONDS // 3, RATE)
                await asyncio.to_thread(ban_evaders, tmp_path)
                attacked += await crowd.talk(ATTACK_SECONDS - ATTACK_SECONDS // 3, RATE)
                present = await asyncio.to_thread(connections, tmp_path)
                after = Page(chatd.admin_port)
                # A sample that failed fails the test.
                assert not sampling.done() or sampling.result()
            finally:
                sampling.cancel()
                done = attack.end()
            await crowd.wait_for_all()
            return crowd, quiet, attacked, before, after, done, present

    crowd, quiet, attacked, before, after, done, present = asyncio.run(scenario())
    print(f"p99 of acknowledgements: quiet {p99(quiet) * 1000:.1f} ms, attacked {p99(attacked) * 1000:.1f} ms")
    print(f"attackers: {done}")
    changes = {key: after[key] - before.values.get(key, 0) for key in after.values}
    print({key: value for key, value in changes.items() if value and ("refus" in key or "ended" in key)})
    sizes = {path.name: path.stat().st_size for path in tmp_path.glob("chat.db*")}
    stored = stored_floods(tmp_path / "chat.db")
    print(f"memory {max(memory):.0f} bytes, files {sizes}, stored messages of floods {stored}")

    # Every attacker attacked.
    assert list(DONE) == KINDS
    for counts in DONE.values():
        assert all(done.get(count, 0) > 0 for count in counts), counts

    # Honest clients lose nothing, and get each message once, in one order.
    assert len(crowd.acknowledged) == RATE * SECONDS
    for client in crowd.clients:
        assert client.disorder == []
        assert len(client.heard) == len(set(client.heard)) == RATE * SECONDS
        assert client.disconnections == 0
    assert p99(attacked) < 5 * p99(quiet)

    # Nobody entered who may not.
    assert "forged ENTERED" not in done and "page ENTERED" not in done
    assert done["evader entered"] >= 3
    # The server no longer reads from clients that read nothing. It ends them and abandoned sessions alike.
    assert done["deaf ended"] >= 3
    assert changes['chatd_connections_ended_total{reason="ping_timeout"}'] > 0
    assert not [user for user in present if user.startswith("evader")]
    assert len([user for user in present if user.startswith("user ")]) == HONEST

    # What the server used is within its bounds, and its metrics tell what the attackers did.
    assert len(memory) > ATTACK_SECONDS / 4 and max(memory) < MAX_MEMORY
    assert sizes["chat.db"] <= MAX_DATABASE and sizes["chat.db-wal"] <= MAX_LOG
    # The attack may take longer than the honest clients talk. What a flooding connection has left behind is stored
    # at its end, and counts for later connections of its user.
    longest = ATTACK_SECONDS + 15
    assert 0 < stored <= 3 * (MESSAGE_BURST + MESSAGE_RATE * longest + READ_AHEAD)
    for reason in [
        "address_sessions", "handshake_rate", "forbidden", "http_408", "identity", "auth_size", "ban",
    ]:
        assert changes[f'chatd_refusals_total{{reason="{reason}"}}'] > 0, reason
    assert changes["chatd_rate_pauses_total"] > 0
    assert changes["chatd_history_pauses_total"] > 0
