"""The unit files in docs/deploy/systemd: systemd accepts them, rates them as secure, and chatd runs with them."""

import ctypes.util
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import processes
from packets import ChatClient
from ports import free_port
from processes import REPOSITORY, chatd_binary

UNITS = REPOSITORY / "docs/deploy/systemd"
#: The highest exposure that `systemd-analyze security` may compute, in tenths. 0 is the safest, 100 the least safe.
EXPOSURE = 15

pytestmark = [
    pytest.mark.timeout(90),
    pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze"),
]


@pytest.fixture
def units(tmp_path):
    """The unit files, with the path of the binary under test."""
    for file in UNITS.iterdir():
        text = file.read_text().replace("/usr/local/bin/chatd", chatd_binary())
        (tmp_path / file.name).write_text(text)
    return tmp_path


def analyze(*arguments):
    result = subprocess.run(["systemd-analyze", *map(str, arguments)], capture_output=True, text=True, timeout=30)
    return result.returncode, result.stdout + result.stderr


def test_systemd_accepts_the_units(units):
    assert analyze("verify", "--man=no", units / "chatd.service", units / "chatd.socket") == (0, "")


def test_the_service_is_confined(units):
    code, text = analyze("security", "--offline=true", f"--threshold={EXPOSURE}", units / "chatd.service")
    assert code == 0, text


def settings(name):
    pairs = [line.split("=", 1) for line in (UNITS / name).read_text().splitlines() if re.match("[A-Z]", line)]
    return {name: value for name, value in pairs}


def test_the_time_to_stop_is_longer_than_a_drain():
    service = settings("chatd.service")
    assert int(service["TimeoutStopSec"]) >= 10 + 5
    assert service["KillMode"] == "mixed"
    assert service["ExecReload"] == "/bin/kill -HUP $MAINPID"


def test_an_outage_of_the_database_does_not_end_the_restarts(tmp_path):
    service = settings("chatd.service")
    assert service["Restart"] == "on-failure" and service["StartLimitIntervalSec"] == "0"
    assert service["Wants"] == service["After"] == "network-online.target"
    # systemd closes the port of a socket whose service it starts too often, also when the service waits for a restart.
    socket = settings("chatd.socket")
    starts_in_an_outage = int(socket["TriggerLimitIntervalSec"].removesuffix("s")) / int(service["RestartSec"])
    assert starts_in_an_outage < int(socket["TriggerLimitBurst"])
    final = set(service["RestartPreventExitStatus"].split())
    url = f"postgres://chatd@127.0.0.1:{free_port()}/chat"
    outage = processes.run_chatd("supervise", "--port", "0", "--db", url, cwd=tmp_path)
    mistake = processes.run_chatd("supervise", "--port", "x", cwd=tmp_path)
    assert outage.returncode > 0 and str(outage.returncode) not in final, outage
    assert str(mistake.returncode) in final, mistake


@pytest.mark.skipif(ctypes.util.find_library("seccomp") is None, reason="needs libseccomp")
@pytest.mark.parametrize("command", ["serve", "supervise"])
def test_chatd_runs_with_the_system_calls_of_the_service(tmp_path, command):
    confinement = Path(__file__).with_name("confinement.py")
    workers = ["--workers", "2"] if command == "supervise" else []
    words = [
        sys.executable, confinement, UNITS / "chatd.service", chatd_binary(), command, *workers, "--port", "0",
        "--db", "chat.db", "--listen", f"unix:@chatd-confined-{tmp_path.name}",
    ]
    server = processes.ServerProcess(words, tmp_path, ports=4 if workers else 2)
    try:
        with ChatClient(server.port) as client:
            assert client.say("hello") == []
            client.read_rows(1)
        server.send_signal(signal.SIGUSR1)
        assert server.stop() == 0
        assert "error" not in server.stderr_text()
    finally:
        server.end()


@pytest.mark.skipif(ctypes.util.find_library("seccomp") is None, reason="needs libseccomp")
def test_the_confinement_of_the_tests_forbids_calls():
    confinement = Path(__file__).with_name("confinement.py")
    result = subprocess.run(
        [sys.executable, confinement, UNITS / "chatd.service", "/usr/sbin/chroot", "/"], stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=30,
    )
    assert result.returncode != 0 and "Operation not permitted" in result.stderr
