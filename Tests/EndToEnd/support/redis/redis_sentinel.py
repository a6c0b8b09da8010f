"""A Sentinel for tests, which watches one Redis server under the name `main`."""

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import redis

from ports import free_port
from redis_server import START_TIMEOUT, answers, unprivileged
from waiting import wait_until


class Sentinel:
    """A running Sentinel that decides alone, and quickly. `options` are further lines of its configuration."""

    def __init__(self, port_of_master, *options):
        self.folder = Path(tempfile.mkdtemp(prefix="chatd-sentinel-", dir="/tmp"))
        self.port = free_port()
        file = self.folder / "sentinel.conf"
        file.write_text("\n".join([
            f"port {self.port}", "bind 127.0.0.1", f"dir {self.folder}",
            f"sentinel monitor main 127.0.0.1 {port_of_master} 1", "sentinel down-after-milliseconds main 500",
            "sentinel failover-timeout main 3000", *options, ""]))
        if owner := unprivileged():
            for path in (self.folder, file):
                os.chown(path, owner["user"], owner["group"])
        self._process = subprocess.Popen(
            [shutil.which("redis-server"), str(file), "--sentinel"], cwd=self.folder, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **unprivileged())
        wait_until(lambda: answers(self.client()), START_TIMEOUT)

    def client(self, **options):
        return redis.Redis(port=self.port, socket_timeout=10, **options)

    def master_port(self):
        with self.client(decode_responses=True) as admin:
            return int(admin.execute_command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "main")[1])

    def replica_count(self):
        with self.client(decode_responses=True) as admin:
            return len(admin.execute_command("SENTINEL", "REPLICAS", "main"))

    def pause(self):
        self._process.send_signal(signal.SIGSTOP)

    def remove(self):
        self._process.kill()
        self._process.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)
