"""Free ports, for programs that cannot choose one themselves."""

import fcntl
import os
import socket
import tempfile
from pathlib import Path

#: Below the ports that the system assigns, so that no other program gets one of them in between.
FIRST_PORT, LAST_PORT = 20_000, 29_999


def free_port(count=1):
    """A port that no other test gets for a long time, not even in another test process. With `count` it is the first of
    as many consecutive ones.

    HAProxy shares its port with every other HAProxy that listens on it (SO_REUSEPORT), so a port that is free at the
    moment is not enough: two proxies would get each other's clients.
    """
    with open(Path(tempfile.gettempdir()) / f"chatd-test-port-{os.getuid()}", "a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        last = int(file.read() or FIRST_PORT)
        while True:
            first = last + 1 if last + count <= LAST_PORT else FIRST_PORT
            last = first + count - 1
            if all(map(is_free, range(first, last + 1))):
                file.truncate(0)
                file.write(str(last))
                return first


def is_free(port):
    with socket.socket() as candidate:
        try:
            candidate.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
