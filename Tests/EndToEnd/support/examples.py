"""The example programs, as processes on free ports."""

import re
import subprocess
from pathlib import Path

import processes
from waiting import wait_until

RUNNING_LINE = re.compile(r"^server running at http://\S+:(\d+)$", re.MULTILINE)


class Example:
    """A running example. By default its argument is port 0."""

    def __init__(self, name, directory, ports=1, arguments=("0",)):
        self.log = Path(directory) / f"{'-'.join([name, *arguments])}.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [processes.example_binary(name), *arguments],
                cwd=directory,
                env=processes.clean_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=0,
            )
        self.ports = []
        if ports == 0:
            return
        try:
            self.ports = wait_until(lambda: self._ports(ports), message=lambda: f"{name} does not serve:\n{self.text}")
        except BaseException:
            self.end()
            raise

    def _ports(self, count):
        ports = [int(port) for port in RUNNING_LINE.findall(self.text)]
        return ports if len(ports) == count else None

    @property
    def text(self):
        return self.log.read_text(errors="replace")

    @property
    def workers(self):
        """The ids of the worker processes."""
        found = []
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = path.read_text().rsplit(") ", 1)[1].split()
            except OSError:
                continue
            if int(fields[1]) == self.process.pid and fields[0] != "Z":
                found.append(int(path.parent.name))
        return found

    def end(self):
        self.process.kill()
        self.process.wait()
