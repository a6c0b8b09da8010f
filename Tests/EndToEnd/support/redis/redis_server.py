"""Redis servers for tests. Each has a temporary folder, a free port and a Unix domain socket of its own."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import redis

from ports import free_port
from waiting import wait_until

START_TIMEOUT = 20.0


def unprivileged():
    """Arguments of `subprocess` that run a program as an unprivileged user, if the tests run as root."""
    if os.geteuid() != 0:
        return {}
    entry = pwd.getpwnam("nobody")
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def answers(client):
    """Returns true if the server of a client accepts commands, or would with a password."""
    try:
        return client.ping()
    except redis.AuthenticationError:
        return True
    except redis.RedisError:
        return False


class RedisServer:
    """A running server. `options` are those of redis-server, with `_` for `-`."""

    def __init__(self, **options):
        self.folder = Path(tempfile.mkdtemp(prefix="chatd-redis-", dir="/tmp"))
        if owner := unprivileged():
            os.chown(self.folder, owner["user"], owner["group"])
        self.socket = self.folder / "socket"
        self.log = self.folder / "log"
        self.port = free_port()
        self.options = options
        self._process = None
        try:
            self.start()
        except BaseException:
            self.remove()
            raise

    def url(self, scheme="redis", **query):
        """The address for chatd. With streams, the prefix is the name of the stream too."""
        if scheme == "redis-streams" and "prefix" in query:
            query["stream"] = query["prefix"]
        text = "&".join(f"{name.replace('_', '-')}={value}" for name, value in query.items())
        return f"{scheme}://127.0.0.1:{self.port}" + (f"?{text}" if text else "")

    def client(self, **options):
        return redis.Redis(port=self.port, socket_timeout=10, **options)

    def start(self):
        options = {
            "port": self.port, "bind": "127.0.0.1", "unixsocket": self.socket, "dir": self.folder, "save": "",
            "appendonly": "no", **{name.replace("_", "-"): value for name, value in self.options.items()}}
        arguments = [part for name, value in options.items() for part in (f"--{name}", str(value))]
        with open(self.log, "ab") as log:
            self._process = subprocess.Popen(
                [shutil.which("redis-server"), *arguments], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, process_group=0, **unprivileged())
        wait_until(lambda: self._process.poll() is not None or answers(self.client()), START_TIMEOUT, self.log_text)
        assert self._process.poll() is None, self.log_text()

    def log_text(self):
        return self.log.read_text(errors="replace")[-4000:]

    def stop(self):
        """Kills the server."""
        if self._process and self._process.poll() is None:
            self._process.kill()
        if self._process:
            self._process.wait(10)

    def restart(self):
        self.stop()
        self.start()

    def pause(self):
        self._process.send_signal(signal.SIGSTOP)

    def resume(self):
        self._process.send_signal(signal.SIGCONT)

    def remove(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
