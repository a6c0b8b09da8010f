"""The commands in docs/data.md do what it says."""

import os
import re
import subprocess
from pathlib import Path

import pytest

import chat_database
import processes
from packets import ChatClient

pytestmark = pytest.mark.timeout(60)

DOCUMENT = processes.REPOSITORY / "docs/data.md"


def test_the_commands_of_the_document_work_in_their_order(tmp_path, start_chatd):
    server = start_chatd()
    with ChatClient(server.port) as client:
        client.say("one")
        client.say("two")
    blocks = re.findall(r"^```sh\n(.*?)^```$", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)
    commands = [line for block in blocks for line in block.splitlines()]
    assert [command.split()[1] for command in commands] == [
        "backup", "restore", "doctor", "export", "import", "export"]
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "chatd").symlink_to(Path(processes.chatd_binary()))
    environment = {**processes.clean_environment(), "PATH": f"{folder}:{os.environ['PATH']}"}
    for command in commands:
        if "restore" in command:
            assert server.stop() == 0
        subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=tmp_path, env=environment, check=True, timeout=30)
    for name in ["chat.db", "monday.db", "moved.db", "piped.db"]:
        assert chat_database.contents(tmp_path / name) == ["one", "two"], name
