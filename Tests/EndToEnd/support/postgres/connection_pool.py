"""PgBouncer in front of a database server."""

import os
import shutil
import subprocess

import psycopg
from ports import free_port
from postgres_server import USER, new_folder, unprivileged
from waiting import wait_until


class ConnectionPool:
    """A running pool. `mode` is how long a client keeps a session of the server: `session`, or `transaction`."""

    def __init__(self, server, mode="session"):
        self.folder = new_folder()
        self.port = free_port()
        settings = self.folder / "pgbouncer.ini"
        settings.write_text(
            f"[databases]\n* = host=127.0.0.1 port={server.port} user={USER}\n"
            f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {self.port}\nunix_socket_dir =\n"
            f"auth_type = any\npool_mode = {mode}\n")
        settings.chmod(0o644)
        self._log = open(self.folder / "log", "wb")
        self._process = None
        self.start()

    def start(self):
        self._process = subprocess.Popen(
            [shutil.which("pgbouncer", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin"),
             self.folder / "pgbouncer.ini"],
            cwd="/", stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log, **unprivileged())
        wait_until(self._answers, 20, (self.folder / "log").read_text)

    def _answers(self):
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=10).close()
        except psycopg.OperationalError:
            return False
        return True

    def url(self, database):
        return f"postgres://{USER}@127.0.0.1:{self.port}/{database}"

    def restart(self):
        """Ends the process at once, with all its sessions, and starts it again."""
        self._process.kill()
        self._process.wait()
        self.start()

    def remove(self):
        self._process.kill()
        self._process.wait()
        self._log.close()
        shutil.rmtree(self.folder, ignore_errors=True)
