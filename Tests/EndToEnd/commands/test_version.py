"""The version occurs in one place of the sources, and the changelog begins with it."""

import re

from processes import REPOSITORY, run_chatd

SOURCE = REPOSITORY / "Sources/chatd/Commands/CommandLine/Version.swift"
CHANGELOG = REPOSITORY / "CHANGELOG.md"
FOLDERS = ["Sources", "Examples", "docs", "scripts"]


def constant():
    return re.search(r'"(\d+\.\d+\.\d+)"', SOURCE.read_text())[1]


def test_the_command_prints_the_version_of_the_sources():
    assert run_chatd("--version").stdout == f"chatd {constant()}\n"


def test_the_newest_entry_of_the_changelog_has_this_version():
    assert re.search(r"^## (\S+?)(,|$)", CHANGELOG.read_text(), re.MULTILINE)[1] == constant()


def test_the_version_occurs_nowhere_else():
    files = [REPOSITORY / "Package.swift", *REPOSITORY.glob("*.md")]
    files += [path for folder in FOLDERS for path in (REPOSITORY / folder).rglob("*") if path.is_file()]
    version = re.compile(rb"(?<![\d.])" + re.escape(constant().encode()) + rb"(?![\d.])")
    assert {path for path in files if version.search(path.read_bytes())} == {SOURCE, CHANGELOG}
