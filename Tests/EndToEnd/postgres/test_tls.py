"""chatd's connections to PostgreSQL through the tunnels in docs/deploy/postgres."""

import os
import shutil
import subprocess

import pytest

import processes
from packets import ChatClient
from ports import free_port
from postgres_server import unprivileged
from shipped_files import make_certificate, program, replaced, shipped
from waiting import wait_until


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def encrypting_server(postgres_template, certificate):
    """A server that accepts encrypted connections only, except over its Unix socket."""
    server = postgres_template.server()
    try:
        server.stop()
        for source, name in ((certificate, "server.crt"), (certificate.parent / "key.pem", "server.key")):
            target = server.data / name
            shutil.copy(source, target)
            target.chmod(0o600)
            if owner := unprivileged():
                os.chown(target, owner["user"], owner["group"])
        rules = server.data / "pg_hba.conf"
        rules.write_text("local all all trust\nhostssl all all 127.0.0.1/32 trust\n")
        server.settings["ssl"] = "on"
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture
def run_tunnel(tmp_path):
    """Starts a program with one of the files, with replaced texts."""
    running = []

    def run(name, config, port, *replacements):
        path = tmp_path / config.rsplit("/", 1)[1]
        path.write_text(replaced(shipped(config), replacements))
        arguments = [path] if name == "stunnel" else ["-db", "-f", path]
        log = open(tmp_path / f"{path.name}.log", "wb")
        process = subprocess.Popen([program(name), *arguments], stdout=log, stderr=log, process_group=0)
        running.append((process, log))
        wait_until(lambda: process.poll() is not None or is_listening(port), 15)
        assert process.poll() is None, (tmp_path / f"{path.name}.log").read_text()

    yield run
    for process, log in running:
        process.kill()
        process.wait(10)
        log.close()


def is_listening(port):
    """Looks at the system's table: a connection would be passed on to the database."""
    with open("/proc/net/tcp") as table:
        return any(line.split()[1].endswith(f":{port:04X}") and line.split()[3] == "0A" for line in list(table)[1:])


def chats(port, directory):
    server = processes.chatd(directory, db=f"postgres://chatd@127.0.0.1:{port}/postgres")
    with ChatClient(server.port) as client:
        assert client.say("encrypted", "tab-1") == []
    assert server.stop() == 0


def encrypted_sessions(server):
    with server.connect("postgres") as connection:
        return connection.execute(
            "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)"
            " WHERE ssl AND application_name LIKE 'chatd%'").fetchone()[0]


def stunnel_texts(port, server, certificate, host="localhost"):
    return [
        ("accept = 127.0.0.1:5433", f"accept = 127.0.0.1:{port}"),
        ("connect = db.example.com:5432", f"connect = 127.0.0.1:{server.port}"),
        ("/etc/ssl/certs/db-authority.pem", str(certificate)), ("checkHost = db.example.com", f"checkHost = {host}"),
    ]


def test_stunnel(encrypting_server, certificate, run_tunnel, tmp_path):
    port = free_port()
    run_tunnel("stunnel", "postgres/stunnel.conf", port, *stunnel_texts(port, encrypting_server, certificate))
    server = processes.chatd(tmp_path, db=f"postgres://chatd@127.0.0.1:{port}/postgres")
    try:
        with ChatClient(server.port) as client:
            assert client.say("encrypted", "tab-1") == []
        assert encrypted_sessions(encrypting_server) > 0
    finally:
        server.end()


def test_stunnel_refuses_the_certificate_of_another_host(encrypting_server, certificate, run_tunnel, tmp_path):
    port = free_port()
    texts = stunnel_texts(port, encrypting_server, certificate, host="other.example")
    run_tunnel("stunnel", "postgres/stunnel.conf", port, *texts)
    result = processes.run_chatd(
        "serve", "--port", "0", "--db", f"postgres://chatd@127.0.0.1:{port}/postgres", cwd=tmp_path, timeout=20)
    assert result.returncode == 69 and "cannot open" in result.stderr


def test_without_a_tunnel_the_server_refuses(encrypting_server, tmp_path):
    result = processes.run_chatd(
        "serve", "--port", "0", "--db", f"postgres://chatd@127.0.0.1:{encrypting_server.port}/postgres",
        cwd=tmp_path, timeout=20)
    assert result.returncode == 69 and "pg_hba.conf" in result.stderr


def test_haproxy_on_both_machines(postgres, certificate, run_tunnel, tmp_path):
    inner = free_port(2)
    outer = inner + 1
    run_tunnel(
        "haproxy", "postgres/haproxy-database.cfg", outer, ("bind :6432", f"bind 127.0.0.1:{outer}"),
        ("/etc/haproxy/certs/db.example.com.pem", str(certificate.parent / "both.pem")),
        ("127.0.0.1:5432", f"127.0.0.1:{postgres.port}"))
    run_tunnel(
        "haproxy", "postgres/haproxy.cfg", inner, ("bind 127.0.0.1:5433", f"bind 127.0.0.1:{inner}"),
        ("db.example.com:6432", f"127.0.0.1:{outer}"), ("/etc/ssl/certs/db-authority.pem", str(certificate)),
        ("verifyhost db.example.com", "verifyhost localhost"))
    chats(inner, tmp_path)
