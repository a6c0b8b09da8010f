"""The release binary on a machine without Swift. It needs only glibc, SQLite and its command line in /proc."""

import os
import re
import shutil
import subprocess

import pytest

import chat_database
import processes
from engine import PollingSession
from packets import ChatClient
from wire import http

#: The libraries that the binary may link: SQLite and the parts of glibc. The loader is named by its path.
LIBRARIES = {"libsqlite3.so.0", "libc.so.6", "libm.so.6"}
LOADER = re.compile(r"/lib(64)?/ld-linux-[\w-]+\.so\.\d")
VIRTUAL = "linux-vdso.so.1"


@pytest.fixture(scope="module")
def binary():
    """The release binary. The debug build needs the Swift toolchain's libraries."""
    path = processes.REPOSITORY / ".build/release/chatd"
    assert os.access(path, os.X_OK), f"no release binary at {path}: build it with scripts/build"
    return path


@pytest.fixture(scope="module")
def linked(binary):
    """The libraries that the binary needs, directly or indirectly: each name and its file on this machine."""
    output = subprocess.run(["ldd", binary], capture_output=True, text=True, check=True, timeout=10).stdout
    lines = [line.split() for line in output.splitlines()]
    return {words[0]: words[2] if "=>" in words else words[0] for words in lines if words[0] != VIRTUAL}


@pytest.fixture
def bare_root(tmp_path, binary, linked):
    """A file system with the binary, its libraries, and an empty directory for the database."""
    root = tmp_path / "root"
    (root / "data").mkdir(parents=True)
    for file in (file for name, file in linked.items() if name in LIBRARIES or LOADER.fullmatch(name)):
        copy = root / file.lstrip("/")
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, copy)
    shutil.copy(binary, root / "chatd")
    return root


def inside(root, *words):
    """A command that runs chatd with `root` as its file system, under the command's process id.

    chatd reads its arguments from /proc. A container may lack the rights to mount it, so a file replaces it.
    """
    command_line = root / "proc/self/cmdline"
    command_line.parent.mkdir(parents=True)
    command_line.write_text("".join(f"{word}\0" for word in ("/chatd", *words)))
    enter = ["chroot", root] if os.geteuid() == 0 else ["unshare", "--map-root-user", f"--root={root}"]
    return [*enter, "/chatd", *words]


def test_the_binary_links_only_glibc_and_sqlite(linked):
    loaders = {name for name in linked if LOADER.fullmatch(name)}
    assert len(loaders) == 1
    assert linked.keys() - loaders == LIBRARIES


def test_the_binary_prints_its_version_without_other_files(bare_root):
    result = subprocess.run(inside(bare_root, "--version"), capture_output=True, text=True, timeout=10)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("chatd ")


def test_the_binary_serves_without_other_files(tmp_path, bare_root):
    server = processes.ServerProcess(inside(bare_root, "serve", "--port", "0", "--db", "/data/chat.db"), tmp_path)
    try:
        assert http(server.port, "GET", "/").status == 200
        polling = PollingSession(server.port)
        assert polling.open_packet.startswith('0{"sid":')
        with ChatClient(server.port) as client:
            assert client.say("hello") == []
            assert client.rows == [(1, "hello")]
            assert server.stop() == 0
    finally:
        server.end()
    assert chat_database.contents(bare_root / "data/chat.db") == ["hello"]
