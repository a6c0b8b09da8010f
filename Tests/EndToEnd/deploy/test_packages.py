"""The packages that scripts/package makes: what is in them, and the one for Debian in a new system."""

import gzip
import os
import re
import shutil
import signal
import subprocess
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import requests

from packets import ChatClient
from ports import free_port
from processes import REPOSITORY
from waiting import wait_until

pytestmark = pytest.mark.timeout(300)

PACKAGES = REPOSITORY / ".build/packages"


def package(pattern):
    found = list(PACKAGES.glob(pattern))
    assert len(found) == 1, f"{found}: run scripts/package, which makes one version"
    return found[0]


def run(*words, **settings):
    return subprocess.run(words, check=True, capture_output=True, text=True, timeout=240, **settings).stdout


@pytest.fixture(scope="module")
def debian():
    return package("chatd_*.deb")


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """The unpacked archive."""
    directory = tmp_path_factory.mktemp("archive")
    run("tar", "--extract", "--file", package("chatd-*.tar.gz"), "--directory", directory)
    (root,) = directory.iterdir()
    return root


def server_pid(pid):
    """The process of the server: `pid`, or its descendant if that runs it in another system."""
    while children := Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        # The name of a program that an upgrade has replaced ends with "(deleted)".
        if Path(f"/proc/{pid}/exe").readlink().name.startswith("chatd"):
            break
        pid = int(children[0])
    return pid


@contextmanager
def serving(*words, port, cwd=None):
    """Runs a server until the end of the block."""
    process = subprocess.Popen([*map(str, words)], cwd=cwd, stderr=subprocess.PIPE, text=True)
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: process.poll() is not None or is_ready(url), timeout=20)
        assert process.poll() is None, process.stderr.read()
        yield
    finally:
        os.kill(server_pid(process.pid), signal.SIGTERM)
        assert process.wait(timeout=20) == 0


def is_ready(url):
    try:
        return requests.get(f"{url}/readyz", timeout=2).status_code == 200
    except requests.ConnectionError:
        return False


def chat(port, text):
    """Sends a message, and returns the texts that a new client gets."""
    with closing(ChatClient(port)) as sender:
        ack = sender.chat(text)
        sender.read_until(lambda: ack in sender.acks)
    with closing(ChatClient(port)) as reader:
        reader.read_until(lambda: text in reader.texts)
        return reader.texts


def test_the_program_of_the_archive_needs_glibc_only(archive):
    libraries = re.findall(r"(lib\S+|ld-linux\S+|linux-vdso\S+) ", run("ldd", archive / "bin/chatd"))
    names = {name.rsplit("/")[-1].split(".so")[0].split("-linux")[0] for name in libraries}
    assert names <= {"libc", "libm", "ld", "linux-vdso"}, libraries


def test_the_archive_serves_where_it_is(archive, tmp_path):
    port = free_port()
    with serving(archive / "bin/chatd", "serve", "--port", port, port=port, cwd=tmp_path):
        assert chat(port, "hello") == ["hello"]


def test_shells_complete(archive, tmp_path):
    script = archive / "share/bash-completion/completions/chatd"

    def complete(*words):
        line = " ".join(f"'{word}'" for word in words)
        command = (
            f"source {script}; COMP_WORDS=({line}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _chatd; "
            'printf "%s\\n" "${COMPREPLY[@]}"')
        return run("bash", "--norc", "-c", command, cwd=tmp_path).split()

    (tmp_path / "chat.db").touch()
    assert complete("chatd", "su") == ["supervise"]
    assert "--workers" in complete("chatd", "supervise", "--w")
    assert complete("chatd", "serve", "--synchronous", "f") == ["full"]
    assert complete("chatd", "doctor", "--db", "ch") == ["chat.db"]
    assert complete("chatd", "completions", "z") == ["zsh"]

    run("zsh", "-n", archive / "share/zsh/site-functions/_chatd")
    fish = archive / "share/fish/vendor_completions.d/chatd.fish"
    words = run("fish", "--no-config", "-c", f"source {fish}; complete -C 'chatd serve --synchronous '").splitlines()
    assert [word.split("\t")[0] for word in words] == ["full", "normal"]


def test_the_manual_page_has_no_mistake(archive):
    page = archive / "share/man/man1/chatd.1.gz"
    result = subprocess.run(
        ["man", "--warnings", "-l", page], capture_output=True, text=True, timeout=60,
        env=os.environ | {"MANWIDTH": "100"})
    assert result.returncode == 0 and result.stderr == ""
    for word in ["chatd supervise", "--retention DAYSd|N", "SIGHUP", "chatd doctor"]:
        assert word in result.stdout


def test_packages_name_every_document(archive):
    documents = {path.name for path in (archive / "share/doc/chatd").rglob("*") if path.is_file()}
    assert {"README.md", "LICENSE", "CHANGELOG.md", "operating.md", "security.md", "nginx.conf"} <= documents


# MARK: Debian


@pytest.fixture(scope="module")
def system(tmp_path_factory, debian):
    """A new system with what the package needs, and no more. Yields the function that runs a command in it."""
    root = tmp_path_factory.mktemp("system") / "root"
    needed = re.sub(r"\s*\([^)]*\)", "", run("dpkg-deb", "--field", debian, "Depends"))
    run("mmdebstrap", "--variant=minbase", f"--include={needed.replace(' ', '')}", "bookworm", root)
    shutil.copy(debian, root / "chatd.deb")

    def command(*words):
        enter = 'mount -t proc proc "$0/proc" && exec chroot "$@"'
        namespaces = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
        return [*namespaces, "sh", "-c", enter, root, root, *map(str, words)]

    def execute(*words):
        result = subprocess.run(
            command(*words), capture_output=True, text=True, timeout=120,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    execute.root, execute.command = root, command
    return execute


def test_install_run_remove(system):
    root, port = system.root, free_port()
    system("dpkg", "--install", "/chatd.deb")
    assert system("chatd", "--version").startswith("chatd ")
    assert system("stat", "--format", "%U:%G %a", "/var/lib/chatd").strip() == "chatd:chatd 700"
    assert system("stat", "--format", "%U:%G %a", "/etc/chatd/chatd.conf").strip() == "root:chatd 640"

    configuration = root / "etc/chatd/chatd.conf"
    configuration.write_text(configuration.read_text().replace("port = 3000", f"port = {port}"))
    as_user = ["setpriv", "--reuid", "chatd", "--regid", "chatd", "--init-groups", "--no-new-privs"]
    system(*as_user, "chatd", "check", "supervise", "--config", "/etc/chatd/chatd.conf")
    words = system.command(*as_user, "chatd", "supervise", "--config", "/etc/chatd/chatd.conf")
    with serving(*words, port=port):
        assert chat(port, "from a package") == ["from a package"]
        # An upgrade replaces the program under the running one, and keeps the changed file.
        system("dpkg", "--install", "/chatd.deb")
        assert chat(port, "again") == ["from a package", "again"]
    assert f"port = {port}" in configuration.read_text()
    assert [path for path in (root / "var/lib/chatd").iterdir() if path.name == "chat.db"]

    system("dpkg", "--remove", "chatd")
    assert not (root / "usr/bin/chatd").exists()
    assert configuration.exists()
    assert "stay in /var/lib/chatd" in system("dpkg", "--purge", "chatd")
    assert not configuration.parent.exists()
    assert (root / "var/lib/chatd/chat.db").exists()

    # Without messages nothing is left.
    shutil.rmtree(root / "var/lib/chatd")
    system("dpkg", "--install", "/chatd.deb")
    system("dpkg", "--purge", "chatd")
    assert not (root / "var/lib/chatd").exists()
    assert "chatd" not in (root / "etc/passwd").read_text()
    left = [path for path in system("find", "/", "-xdev", "-iname", "*chatd*").split() if path != "/chatd.deb"]
    assert left == []


def test_the_unit_of_the_package(debian, tmp_path):
    run("dpkg-deb", "--extract", debian, tmp_path)
    unit = (tmp_path / "lib/systemd/system/chatd.service").read_text()
    for line in ["ExecStart=/usr/bin/chatd supervise", "User=chatd", "Environment=CHATD_CONFIG=/etc/chatd/chatd.conf"]:
        assert f"\n{line}\n" in unit
    assert "DynamicUser" not in unit
    changes = gzip.decompress((tmp_path / "usr/share/doc/chatd/changelog.gz").read_bytes()).decode()
    assert changes == (REPOSITORY / "CHANGELOG.md").read_text()
