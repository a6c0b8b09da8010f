"""A client that sends messages as fast as the server reads them.

    flooder.py PORT

It prints a line when it has sent a thousand messages, and goes on until it is killed.
"""

import sys
import threading

from packets import ChatClient, compact
from wire import TEXT, frame


def read(client):
    """Drops what the server sends, so that this client does not become a slow reader."""
    while True:
        client.receive_some(3600)


if __name__ == "__main__":
    flooder = ChatClient(int(sys.argv[1]))
    # The server may stop reading for as long as it likes.
    flooder.timeout = 3600
    threading.Thread(target=read, args=[flooder], daemon=True).start()
    # Encoded once, so that the server is the slower one.
    thousand = b"".join(
        frame(TEXT, ("42" + compact(["chat message", f"flood {number}"])).encode()) for number in range(1000))
    flooder.send(thousand)
    print("floods", flush=True)
    while True:
        flooder.send(thousand)
