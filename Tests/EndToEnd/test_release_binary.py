"""The release binary on a machine without Swift: glibc, SQLite and its command line in /proc are all that it needs."""

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

#: What the binary may link at run time: SQLite, and the parts of glibc. The loader is named by its path.
LIBRARIES = {"libsqlite3.so.0", "libc.so.6", "libm.so.6"}
LOADER = re.compile(r"/lib(64)?/ld-linux-[\w-]+\.so\.\d")
VIRTUAL = "linux-vdso.so.1"


@pytest.fixture(scope="module")
def binary():
    """Never the debug build, which needs the Swift toolchain's libraries."""
    path = processes.REPOSITORY / ".build/release/chatd"
    assert os.access(path, os.X_OK), f"no release binary at {path}: build it with scripts/build"
    return path


@pytest.fixture(scope="module")
def linked(binary):
    """The libraries that the binary needs, and what they need: each name and the file that it means here."""
    output = subprocess.run(["ldd", binary], capture_output=True, text=True, check=True, timeout=10).stdout
    lines = [line.split() for line in output.splitlines()]
    return {words[0]: words[2] if "=>" in words else words[0] for words in lines if words[0] != VIRTUAL}


@pytest.fixture
def bare_root(tmp_path, binary, linked):
    """A file system that holds the binary, what it may link, and an empty directory for the database."""
    root = tmp_path / "root"
    (root / "data").mkdir(parents=True)
    for file in (file for name, file in linked.items() if name in LIBRARIES or LOADER.fullmatch(name)):
        copy = root / file.lstrip("/")
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, copy)
    shutil.copy(binary, root / "chatd")
    return root


def inside(root, *words):
    """A command that runs chatd with `root` for its file system, under the process id that the command has.

    chatd reads its arguments from /proc. To mount that takes rights that a container may lack, so a file stands for it.
    """
    command_line = root / "proc/self/cmdline"
    command_line.parent.mkdir(parents=True)
    command_line.write_text("".join(f"{word}\0" for word in ("/chatd", *words)))
    enter = ["chroot", root] if os.geteuid() == 0 else ["unshare", "--map-root-user", f"--root={root}"]
    return [*enter, "/chatd", *words]


def test_it_links_glibc_and_sqlite_alone(linked):
    loaders = {name for name in linked if LOADER.fullmatch(name)}
    assert len(loaders) == 1
    assert linked.keys() - loaders == LIBRARIES


def test_it_says_its_version_without_any_other_file(bare_root):
    result = subprocess.run(inside(bare_root, "--version"), capture_output=True, text=True, timeout=10)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("chatd ")


def test_it_serves_without_any_other_file(tmp_path, bare_root):
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
