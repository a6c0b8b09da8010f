"""Pages of metrics in the text format of Prometheus, and Prometheus' own checks of files."""

import re
import shutil
import subprocess
from pathlib import Path

from processes import REPOSITORY
from wire import http

SAMPLE = re.compile(r"([a-z_]+)(\{[^}]*\})? (\S+)")
KIND = re.compile(r"# TYPE (\S+) (\S+)")


def promtool(*arguments, page=None):
    """Runs Debian's promtool. It must accept what it is given."""
    path = shutil.which("promtool")
    assert path, "no promtool: run scripts/install-packages prometheus"
    result = subprocess.run([path, *map(str, arguments)], input=page, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0 and not result.stderr.strip(), result.stdout + result.stderr


def documented():
    """The kind of each metric in the tables of docs/metrics.md, by name."""
    text = (REPOSITORY / "docs" / "metrics.md").read_text()
    return dict(re.findall(r"^\| `(chatd_\w+)` \| (\w+) \|", text, re.MULTILINE))


def monitoring(name):
    return Path(REPOSITORY / "docs" / "deploy" / "monitoring" / name)


class Page:
    """The metrics of a server at one moment."""

    def __init__(self, port):
        response = http(port, "GET", "/metrics", timeout=10)
        assert response.status == 200, response
        assert response.header("content-type") == "text/plain; version=0.0.4; charset=utf-8"
        self.text = response.text
        self.kinds = dict(KIND.findall(self.text))
        lines = [line for line in self.text.splitlines() if not line.startswith("#")]
        matches = [SAMPLE.fullmatch(line) for line in lines]
        assert all(matches), self.text
        self.values = {match[1] + (match[2] or ""): float(match[3]) for match in matches}
        assert len(self.values) == len(lines), "a value occurs twice"

    def __getitem__(self, key):
        return self.values[key]

    @property
    def counters(self):
        """The values that must never decrease."""
        gauges = tuple(name for name, kind in self.kinds.items() if kind == "gauge")
        return {key: value for key, value in self.values.items() if key.split("{")[0] not in gauges}
