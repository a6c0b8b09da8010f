"""PostgreSQL servers for tests. Each has a temporary folder, a free port and a Unix domain socket of its own, so that
other servers on the machine and tests at the same time do not matter.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import psycopg
from ports import free_port
from waiting import wait_until

USER = "chatd"
START_TIMEOUT = 20.0


def program(name):
    """The path of one of PostgreSQL's programs. Debian keeps most of them outside of PATH, one folder per version."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    found = shutil.which(name, path=os.pathsep.join([*map(str, folders), os.environ.get("PATH", os.defpath)]))
    if found is None:
        raise FileNotFoundError(f"no {name}: install Debian's package postgresql")
    return found


def unprivileged():
    """Arguments of `subprocess` that run a program as an unprivileged user. PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise RuntimeError("no unprivileged user to run PostgreSQL")


def run(name, *arguments):
    """Runs one of PostgreSQL's programs to its end."""
    done = subprocess.run(
        [program(name), *map(str, arguments)], cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=60, env=environment(), **unprivileged())
    assert done.returncode == 0, f"{name} ended with {done.returncode}:\n{done.stdout}"


def environment():
    """The caller's environment without the variables of libpq."""
    return {key: value for key, value in os.environ.items() if not key.startswith("PG")}


def new_folder():
    """A folder that the server's user owns. pytest's own folders can be entered by the user of the tests only, and
    their paths may be too long for a socket.
    """
    folder = Path(tempfile.mkdtemp(prefix="chatd-pg-", dir="/tmp"))
    if owner := unprivileged():
        os.chown(folder, owner["user"], owner["group"])
    return folder


class Template:
    """The folder of a new cluster, which each server copies: `initdb` takes seconds."""

    def __init__(self):
        self.folder = new_folder()
        run("initdb", "--pgdata", self.folder / "data", "--username", USER, "--auth", "trust", "--encoding", "UTF8",
            "--locale", "C", "--no-sync", "--no-instructions")

    def server(self, **options):
        """A server that has been started on a copy."""
        folder = new_folder()
        subprocess.run(["cp", "--archive", "--reflink=auto", self.folder / "data", folder / "data"], check=True)
        return PostgresServer(folder, **options)

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)


class PostgresServer:
    """A running server; `folder` has its data, its log and its socket.

    - `fsync`: whether commits wait for the disk. Tests of speed and of lost machines need it.
    - `settings`: values for postgresql.conf.
    """

    def __init__(self, folder, fsync=False, **settings):
        self.folder = Path(folder)
        self.data = self.folder / "data"
        self.log = self.folder / "log"
        self.port = None
        self.fsync = fsync
        self.settings = {"max_connections": 60, **settings}
        self._process = None
        try:
            self.start()
        except BaseException:
            self.remove()
            raise

    def __str__(self):
        return f"PostgreSQL in {self.folder}"

    @property
    def is_running(self):
        return self._process is not None and self._process.poll() is None

    def start(self):
        """Starts the server and waits until it answers. It keeps its port, if that is free."""
        for _ in range(5):
            self.port = self.port or free_port()
            settings = {
                **self.settings, "fsync": "on" if self.fsync else "off", "port": self.port,
                "listen_addresses": "127.0.0.1", "unix_socket_directories": self.folder}
            options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
            with open(self.log, "ab") as log:
                self._process = subprocess.Popen(
                    [program("postgres"), "-D", str(self.data), *options], cwd="/", stdin=subprocess.DEVNULL,
                    stdout=log, stderr=log, env=environment(), process_group=0, **unprivileged())
            wait_until(lambda: not self.is_running or self._answers(), START_TIMEOUT, self.log_text)
            if self.is_running:
                return
            # Probably another process has taken the port meanwhile.
            self.port = None
        raise AssertionError(f"{self} does not start:\n{self.log_text()}")

    def _answers(self):
        try:
            self.connect("postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def log_text(self):
        return self.log.read_text(errors="replace")[-4000:]

    def stop(self, immediate=False):
        """Ends the server: with a checkpoint, or at once, so that the next start recovers from the log."""
        if not self.is_running:
            return
        self._process.send_signal(signal.SIGQUIT if immediate else signal.SIGINT)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(5)

    def restart(self, immediate=True):
        self.stop(immediate)
        self.start()

    def signal(self, number, database="postgres"):
        """Sends a signal such as SIGSTOP to the server's first process, and to the clients' backends of a database."""
        parent = str(self._process.pid)
        backends = [
            int(path.parent.name) for path in Path("/proc").glob("[0-9]*/stat")
            if path.exists() and path.read_text().rsplit(")", 1)[1].split()[1] == parent
            and f" {USER} {database} ".encode() in path.with_name("cmdline").read_bytes()]
        for pid in [self._process.pid, *backends]:
            os.kill(pid, number)

    def remove(self):
        """Ends the server and deletes its folder."""
        self.stop(immediate=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def address(self, database, host=None):
        """The connection string of a database: over the socket, or over TCP to the given host."""
        return f"host={host or self.folder} port={self.port} dbname={database} user={USER}"

    def url(self, database="postgres", **parameters):
        """The URL of a database over TCP."""
        query = "&".join(f"{name}={value}" for name, value in parameters.items())
        return f"postgres://{USER}@127.0.0.1:{self.port}/{database}" + (f"?{query}" if query else "")

    def connect(self, database, **options):
        """A connection in autocommit mode."""
        return psycopg.connect(self.address(database), **{"autocommit": True, "connect_timeout": 10, **options})

    def terminate_backends(self, database):
        """Ends every client's backend of a database. Returns their number."""
        with self.connect("postgres") as connection:
            return connection.execute(
                "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity"
                " WHERE datname = %s AND backend_type = 'client backend'", [database]).fetchone()[0]

    def standby(self, **settings):
        """A server that follows this one by streaming replication; see `promote`."""
        folder = new_folder()
        try:
            run("pg_basebackup", "--pgdata", folder / "data", "--dbname", self.address("postgres"), "--no-sync",
                "--checkpoint", "fast", "--write-recovery-conf")
            return PostgresServer(folder, self.fsync, **{**self.settings, **settings})
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def promote(self):
        """Makes a standby a primary of its own, on the next timeline."""
        with self.connect("postgres") as connection:
            assert connection.execute("SELECT pg_promote(true, 20)").fetchone()[0], self.log_text()
