"""nginx and HAProxy as processes of a test, with the configuration files in docs/deploy.

Only addresses, ports and paths of the files are replaced, and lines that a test passes.
"""

import os
import socket
import subprocess
from pathlib import Path

import requests
from requests.adapters import HTTPAdapter

from ports import free_port
from processes import STOP_TIMEOUT
from serial_tls import serial_tls
from shipped_files import HOST, program, replaced, shipped
from waiting import wait_until

#: The address that the proxies connect from, so that the server can tell them from clients, which use 127.0.0.1.
PROXY_ADDRESS = "127.0.0.8"

NGINX = """\
{user}
daemon off;
worker_processes 1;
pid {directory}/nginx.pid;
error_log {directory}/error.log;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    include {directory}/chatd.conf;
}}
"""


class FromAddress(HTTPAdapter):
    """Connects from another address of the loopback interface."""

    def __init__(self, address):
        self.address = address
        super().__init__()

    def init_poolmanager(self, *arguments, **settings):
        super().init_poolmanager(*arguments, source_address=(self.address, 0), **settings)


class Proxy:
    """A proxy for TLS connections to `port`. `ports` are those of the servers; `changes` are pairs of texts."""

    def __init__(self, directory, certificate, config, ports, changes=()):
        self.directory = Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.certificate = certificate
        self.log_path = self.directory / "log"
        self.process = None
        for _ in range(5):
            # Another process may take the port in between.
            self.port = free_port()
            self.write(replaced(shipped(config), [*changes, *self.replacements(ports)]))
            if self.check() and self._start():
                return
        raise AssertionError(f"{config} did not start:\n{self.log()}")

    def _start(self):
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, process_group=0
            )
        try:
            wait_until(lambda: self.process.poll() is not None or self._is_listening(), 15, self.log)
        except BaseException:
            self.end()
            raise
        return self.process.poll() is None

    def _is_listening(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), 5).close()
        except OSError:
            return False
        return True

    def check(self):
        """Lets the program check its configuration, which must give no warning. False if the port is taken."""
        result = subprocess.run(self.check_command(), capture_output=True, text=True, timeout=30)
        output = result.stdout + result.stderr
        if "in use" in output:
            return False
        assert result.returncode == 0 and "warn" not in output.lower(), output
        return True

    def log(self):
        return "\n".join(
            path.read_text(errors="replace")[-4000:] for path in (self.log_path, self.directory / "error.log")
            if path.exists()
        )

    def session(self, address=None):
        """A session of requests that trusts the certificate, from the given address."""
        session = requests.Session()
        session.verify = str(self.certificate)
        session.trust_env = False
        if address:
            session.mount("https://", FromAddress(address))
        return session

    def client_options(self):
        """Options of the official Python client, so that it trusts the certificate."""
        tls = {"context": serial_tls(self.certificate)}
        return {"http_session": self.session(), "websocket_extra_options": {"sslopt": tls}}

    def url(self, path="/"):
        return f"https://{HOST}:{self.port}{path}"

    def request(self, method="GET", path="/", headers=()):
        return self.session().request(method, self.url(path), headers=dict(headers), timeout=10)

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_TIMEOUT)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()


class Nginx(Proxy):
    def write(self, config):
        user = "user root;" if os.geteuid() == 0 else ""
        (self.directory / "nginx.conf").write_text(NGINX.format(directory=self.directory, user=user))
        (self.directory / "chatd.conf").write_text(config)

    def replacements(self, ports):
        found = self.certificate.parent
        return [
            ("listen 443 ssl;", f"listen 127.0.0.1:{self.port} ssl;"),
            ("/etc/ssl/certs/chat.example.pem", str(found / "certificate.pem")),
            ("/etc/ssl/private/chat.example.key", str(found / "key.pem")),
            ("    proxy_set_header Upgrade", f"    proxy_bind {PROXY_ADDRESS};\n    proxy_set_header Upgrade"),
            *((f"127.0.0.1:{3000 + index};", f"127.0.0.1:{port};") for index, port in enumerate(ports)),
        ]

    def command(self):
        return [program("nginx"), "-p", self.directory, "-c", self.directory / "nginx.conf", "-e",
                self.directory / "error.log"]

    def check_command(self):
        return [*self.command(), "-t"]


class HAProxy(Proxy):
    def write(self, config):
        (self.directory / "haproxy.cfg").write_text(config)

    def replacements(self, ports):
        return [
            ("bind :443", f"bind 127.0.0.1:{self.port}"),
            ("/etc/haproxy/certs/chat.example.pem", str(self.certificate.parent / "both.pem")),
            *(
                (f"127.0.0.1:{3000 + index}", f"127.0.0.1:{port} source {PROXY_ADDRESS}")
                for index, port in enumerate(ports)
            ),
        ]

    def command(self):
        return [program("haproxy"), "-db", "-f", self.directory / "haproxy.cfg"]

    def check_command(self):
        return [program("haproxy"), "-c", "-f", self.directory / "haproxy.cfg"]
