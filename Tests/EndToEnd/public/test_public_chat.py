"""A public chat: 300 honest clients, and then 30 attackers of ten kinds at once.

All come through a trusted proxy, which names their addresses. CHATD_PUBLIC_CHAT_SECONDS=3600 makes it an hour.
"""

import asyncio
import json
import os
import subprocess
import sys
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
#: Attackers use their rates as long as they attack. A full database refuses the messages of everybody.
MAX_DATABASE = max(100_000_000, SECONDS * 1_100_000)
MAX_MEMORY = 400_000_000

pytestmark = pytest.mark.timeout(SECONDS + 150)


@pytest.fixture
def chatd(supervise, tmp_path):
    keys = tmp_path / "keys"
    keys.write_text(KEY + "\n")
    keys.chmod(0o600)
    admin = free_port()
    server = supervise(
        2, "--ports", "shared", "--trusted-proxies", "loopback", "--auth", "token", "--auth-keys", keys,
        "--message-rate", "5/20", "--byte-rate", "65536/1048576", "--history-rate", "65536/262144",
        "--max-db-size", MAX_DATABASE,
        "--admin-port", admin)
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


def p99(latencies):
    return sorted(latencies)[len(latencies) * 99 // 100]


def test_honest_clients_beside_attackers(chatd, tmp_path):
    async def scenario():
        url = f"http://127.0.0.1:{chatd.port}"
        async with Crowd(url, [token(f"user {number}", KEY) for number in range(HONEST)]) as crowd:
            quiet = await crowd.talk(QUIET_SECONDS, RATE)
            before = Page(chatd.admin_port)
            attack = Attack(chatd.port)
            try:
                attacked = await crowd.talk(ATTACK_SECONDS // 3, RATE)
                await asyncio.to_thread(ban_evaders, tmp_path)
                attacked += await crowd.talk(ATTACK_SECONDS - ATTACK_SECONDS // 3, RATE)
                present = await asyncio.to_thread(connections, tmp_path)
                after = Page(chatd.admin_port)
            finally:
                done = attack.end()
            await crowd.wait_for_all()
            return crowd, quiet, attacked, before, after, done, present

    crowd, quiet, attacked, before, after, done, present = asyncio.run(scenario())
    print(f"p99 of acknowledgements: quiet {p99(quiet) * 1000:.1f} ms, attacked {p99(attacked) * 1000:.1f} ms")
    print(f"attackers: {done}")
    changes = {key: after[key] - before.values.get(key, 0) for key in after.values}
    print({key: value for key, value in changes.items() if value and "refus" in key})

    # Honest clients lose nothing, and get each message once, in one order.
    assert len(crowd.acknowledged) == RATE * SECONDS
    for client in crowd.clients:
        assert client.disorder == []
        assert len(client.heard) == len(set(client.heard)) == RATE * SECONDS
        assert client.disconnections == 0
    assert p99(attacked) < 5 * p99(quiet)

    # Nobody entered who may not.
    assert done["forged refused"] > 0 and "forged ENTERED" not in done
    assert done["page 403"] > 0 and "page ENTERED" not in done

    assert done["evader entered"] >= 3 and done["evader 403"] > 0
    assert not [user for user in present if user.startswith("evader")]
    assert len([user for user in present if user.startswith("user ")]) == HONEST

    # What the server used is within its bounds, and its metrics tell what the attackers did.
    assert after["chatd_resident_memory_bytes"] < MAX_MEMORY
    assert sum(path.stat().st_size for path in tmp_path.glob("chat.db*")) < 2 * MAX_DATABASE
    for reason in ["address_sessions", "handshake_rate", "forbidden", "http_408"]:
        assert changes[f'chatd_refusals_total{{reason="{reason}"}}'] > 0, reason
    assert changes["chatd_rate_pauses_total"] > 0
    assert changes["chatd_history_pauses_total"] > 0
