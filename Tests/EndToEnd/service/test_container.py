"""chatd as in a container: alone in its file system, with the contents that docs/deploy/Containerfile gives it, and as
process 1."""

import os
import re
import shutil
import signal
import subprocess

import pytest

import processes
from engine import PollingSession
from packets import ChatClient
from processes import REPOSITORY, chatd_binary
from waiting import wait_until

pytestmark = pytest.mark.timeout(60)

CONTAINERFILE = REPOSITORY / "docs/deploy/Containerfile"
#: The user of the container.
USER = 65532


@pytest.fixture
def root(tmp_path):
    """The container's file system."""
    root = tmp_path / "root"
    subprocess.run([REPOSITORY / "scripts/container-root", root], check=True, timeout=30)
    return root


def entering(root, user, *words):
    """A command that runs chatd in the container. A container also has /proc, which chatd reads its arguments from."""
    (root / "proc/self").mkdir(parents=True, exist_ok=True)
    (root / "proc/self/cmdline").write_text("".join(f"{word}\0" for word in ("/chatd", *words)))
    return ["chroot", f"--userspec={user}:{user}", str(root), "/chatd", *words]


def names(root):
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def test_the_image_has_only_the_binary_and_its_libraries(root):
    files = names(root)
    assert "chatd" in files
    libraries = {os.path.basename(file) for file in files if file != "chatd"}
    expected = re.compile(r"(libc|libm)\.so\.6|libsqlite3\.so\.0|ld-linux-[\w-]+\.so\.\d")
    assert all(expected.fullmatch(name) for name in libraries)
    assert len(libraries) == 4
    assert (root / "data").is_dir()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root for chroot")
def test_chatd_serves_and_checks_its_health_as_another_user(root, tmp_path):
    os.chown(root / "data", USER, USER)
    words = entering(root, USER, "serve", "--host", "0.0.0.0", "--port", "0", "--db", "/data/chat.db")
    server = processes.ServerProcess(words, tmp_path)
    try:
        assert processes.state(server.pid) != "Z"
        with open(f"/proc/{server.pid}/status") as status:
            assert f"Uid:\t{USER}\t{USER}\t{USER}\t{USER}\n" in status.read()
        assert PollingSession(server.port).open_packet.startswith('0{"sid":')
        with ChatClient(server.port) as client:
            assert client.say("hello") == []
        for port, code in [(server.port, 0), (1, 1)]:
            check = entering(root, USER, "health", "--url", f"http://localhost:{port}")
            assert subprocess.run(check, timeout=10, capture_output=True).returncode == code
        assert server.stop() == 0
        assert (root / "data/chat.db").exists()
    finally:
        server.end()


def test_the_file_describes_what_was_tested():
    text = CONTAINERFILE.read_text()
    assert "scripts/container-root /image" in text
    assert f"USER {USER}:{USER}" in text
    assert "STOPSIGNAL SIGTERM" in text
    assert 'CMD ["/chatd", "health"]' in text


# Process 1


def may_make_namespaces():
    probe = ["unshare", "--pid", "--fork", "--mount-proc", "true"]
    return shutil.which("unshare") is not None and subprocess.run(probe, capture_output=True).returncode == 0


@pytest.fixture
def start_as_process_1(tmp_path):
    """Starts chatd as process 1 of a process namespace of its own."""
    servers = []

    def start(command, *options):
        words = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]
        chatd = [chatd_binary(), command, "--port", "0", "--db", "chat.db", *options]
        servers.append(processes.ServerProcess([*words, *chatd], tmp_path))
        [inner] = processes.children(servers[-1].pid)
        return servers[-1], inner

    yield start
    for server in servers:
        server.kill()


@pytest.mark.skipif(not may_make_namespaces(), reason="may not make namespaces")
@pytest.mark.parametrize("command, options", [("serve", []), ("supervise", ["--workers", "1"])])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_signal_stops_process_1(start_as_process_1, command, options, number):
    server, inner = start_as_process_1(command, *options)
    with ChatClient(server.port) as client:
        assert client.say("hello") == []
    os.kill(inner, number)
    assert server.wait() == 0


@pytest.mark.skipif(not may_make_namespaces(), reason="may not make namespaces")
@pytest.mark.parametrize("command, options", [("serve", []), ("supervise", ["--workers", "1"])])
def test_process_1_reaps_orphans(start_as_process_1, command, options):
    server, inner = start_as_process_1(command, *options)
    before = set(processes.children(inner))
    # The shell ends at once, and its child becomes a child of process 1.
    subprocess.run(
        ["nsenter", f"--target={inner}", "--pid", "sh", "-c", "sleep 0.3 &"], check=True, timeout=10,
    )
    wait_until(lambda: set(processes.children(inner)) - before, message="the orphan is no child of process 1")
    wait_until(lambda: set(processes.children(inner)) == before, message="process 1 does not reap the orphan")
    assert server.is_running
