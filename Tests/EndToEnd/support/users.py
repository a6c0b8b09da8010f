"""Chat users with the official Python client."""

import threading
import time

import engineio
import socketio

#: The transports that a client may use.
TRANSPORTS = {"polling": ["polling"], "websocket": ["websocket"], "upgrade": None}


class InOrder(engineio.Client):
    """Restores the order of messages, because the client handles each one in its own thread."""

    def _trigger_event(self, event, *arguments, **how):
        return super()._trigger_event(event, *arguments, **{**how, "run_async": False})


class InOrderClient(socketio.Client):
    def _engineio_client_class(self):
        return InOrder


class User:
    """A python-socketio client that keeps received messages. Its handlers signal the condition that waits use."""

    def __init__(self, port, transport="upgrade", offset=None, url=None, **settings):
        self.url = url or f"http://127.0.0.1:{port}"
        self.transport = transport
        self.offset = offset
        self.rows = []
        self.connects = 0
        self.changed = threading.Condition()
        self.client = InOrderClient(
            reconnection_delay=0.1, reconnection_delay_max=0.5, handle_sigint=False, **settings
        )
        self.client.on("connect", self._connected)
        self.client.on("chat message", self._row)

    def __enter__(self):
        return self.connect()

    def __exit__(self, *_):
        self.leave()

    def connect(self):
        self.client.connect(
            self.url, transports=TRANSPORTS[self.transport], auth=self._auth, wait_timeout=10
        )
        return self

    def leave(self):
        """Disconnects, or stops reconnecting."""
        self.client.shutdown()

    def _auth(self):
        """Sends the id of the last received row at each connect, like the tutorial's page."""
        last = self.rows[-1][0] if self.rows else self.offset
        return {} if last is None else {"serverOffset": last}

    def _connected(self):
        with self.changed:
            self.connects += 1
            self.changed.notify_all()

    def _row(self, text, identifier, *_):
        with self.changed:
            self.rows.append((identifier, text))
            self.changed.notify_all()

    @property
    def ids(self):
        return [identifier for identifier, _ in self.rows]

    @property
    def texts(self):
        return [text for _, text in self.rows]

    def say(self, text, *offset, timeout=10):
        """Emits, waits for the ack and returns its argument, or None."""
        return self.client.call("chat message", (text, *offset), timeout=timeout)

    def say_until_acked(self, text, offset, timeout=60):
        """Emits again and again until the ack arrives, as clients with retries do."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            try:
                return self.say(text, offset, timeout=1)
            except (socketio.exceptions.TimeoutError, socketio.exceptions.BadNamespaceError):
                time.sleep(0.05)
        raise AssertionError(f"{text} was not acknowledged in {timeout} s")

    def wait_for(self, condition, timeout=10):
        with self.changed:
            came = self.changed.wait_for(condition, timeout)
        assert came, f"{len(self.rows)} rows, {self.connects} connects after {timeout} s"

    def wait_for_rows(self, count, timeout=10):
        self.wait_for(lambda: len(self.rows) >= count, timeout)
        return self.rows
