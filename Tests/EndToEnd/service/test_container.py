"""chatd in a container that docs/deploy/Containerfile describes, and as process 1."""

import json
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

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


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """The files of the image."""
    root = tmp_path_factory.mktemp("container") / "image"
    subprocess.run([REPOSITORY / "scripts/container-root", root], check=True, timeout=30)
    return root


@pytest.fixture(scope="module")
def buildah(tmp_path_factory):
    """Runs a command of buildah, with a storage of its own, and returns its output."""
    storage = tmp_path_factory.mktemp("storage")
    words = ["buildah", "--storage-driver", "vfs", "--root", storage / "root", "--runroot", storage / "run"]

    def run(*arguments, timeout=60):
        return subprocess.run([*words, *arguments], check=True, capture_output=True, text=True, timeout=timeout).stdout

    run.words = words
    yield run
    run("umount", "--all")
    run("rm", "--all")


@pytest.fixture(scope="module")
def container(root, buildah):
    """A container of the image, built by the second stage of the Containerfile from what the first one makes."""
    context = root.parent
    (context / "empty").mkdir()
    stage = "FROM scratch AS build\nCOPY image /image\nCOPY empty /empty\n"
    text = CONTAINERFILE.read_text()
    (context / "Containerfile").write_text(stage + text[text.index("FROM scratch\n"):])
    buildah("build", "--isolation", "chroot", "--tag", "chatd", context)
    return buildah("from", "chatd").strip()


def names(root):
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def test_the_image_has_only_the_binary_and_its_libraries(root):
    files = names(root)
    assert "chatd" in files
    libraries = {os.path.basename(file) for file in files if file != "chatd"}
    expected = re.compile(r"(libc|libm)\.so\.6|libsqlite3\.so\.0|ld-linux-[\w-]+\.so\.\d")
    assert all(expected.fullmatch(name) for name in libraries)
    assert len(libraries) == 4


def test_only_the_directory_of_the_database_belongs_to_the_user(root, buildah, container):
    mounted = Path(buildah("mount", container).strip())
    assert names(mounted) == names(root)
    owners = {path: path.lstat().st_uid for path in mounted.rglob("*")}
    assert {path for path, owner in owners.items() if owner == USER} == {mounted / "data"}


def test_the_settings_of_the_image(buildah, container):
    settings = json.loads(buildah("inspect", container))["OCIv1"]["config"]
    assert settings["User"] == f"{USER}:{USER}" and settings["StopSignal"] == "SIGTERM"
    assert settings["Entrypoint"] == ["/chatd"] and settings["Cmd"] == ["serve"]
    assert list(settings["Volumes"]) == ["/data"] and list(settings["ExposedPorts"]) == ["3000/tcp"]


def test_the_container_serves_and_checks_its_health(buildah, container, tmp_path):
    run = [*buildah.words, "run", "--isolation", "chroot", container, "--", "/chatd"]
    server = processes.ServerProcess([*run, "serve", "--port", "0"], tmp_path)
    try:
        assert "database /data/chat.db" in server.stderr_text()
        assert PollingSession(server.port).open_packet.startswith('0{"sid":')
        with ChatClient(server.port) as client:
            assert client.say("hello") == []
        for port, code in [(server.port, 0), (1, 1)]:
            check = [*run, "health", "--url", f"http://localhost:{port}"]
            assert subprocess.run(check, timeout=20, capture_output=True).returncode == code
    finally:
        server.end()


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
