"""A client that sends messages as fast as the server reads them.

    flooder.py PORT

It prints a line when it has sent a thousand messages, and goes on until it is killed.
"""

import itertools
import sys
import threading

from packets import ChatClient


def read(client):
    """Drops what the server sends, so that this client does not become a slow reader."""
    while True:
        client.receive_some(3600)


if __name__ == "__main__":
    flooder = ChatClient(int(sys.argv[1]))
    threading.Thread(target=read, args=[flooder], daemon=True).start()
    for number in itertools.count():
        flooder.emit("chat message", f"flood {number}")
        if number == 1000:
            print("floods", flush=True)
