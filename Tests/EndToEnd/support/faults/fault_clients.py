"""Clients that go on through faults, and remember what they saw."""

import json
import random
import threading
import time
from functools import cached_property

from host_client import OFFSET
from packets import SocketIOWebSocket, compact
from wire import Disconnected

#: What a client meets when its host dies, hangs or starts.
FAILURES = (OSError, Disconnected, AssertionError, TimeoutError)
#: After this many seconds without a packet, a client connects again.
SILENCE = 8.0


class Stay:
    """The time between two losses of a session. It may have many connections, each of which resumed the session."""

    def __init__(self):
        self.events = []

    @cached_property
    def seen(self):
        """The events as a set, for use after the run."""
        return set(self.events)


class Attempt:
    """One connection: when the client was without one, where it went, and whether it resumed its session. `failures`
    are the hosts at which it tried that before, each with the times of the beginning and the end.
    """

    def __init__(self, lost_at, previous, host, failures):
        self.lost_at, self.previous, self.host, self.failures = lost_at, previous, host, failures
        self.connected_at = None
        self.is_recovered = False
        self.stay = None


class Reader(threading.Thread):
    """A client that loses its connection now and then, resumes its session at any host, and keeps what it receives."""

    def __init__(self, hosts, seed):
        super().__init__(daemon=True)
        self.hosts = hosts
        self.random = random.Random(seed)
        self.stays = []
        self.attempts = []
        self.rows = []
        self.is_calm = False
        self.is_done = False
        self._session = None
        self._offset = None
        self._row = 0

    def run(self):
        lost_at, previous, failures = time.monotonic(), None, []
        while not self.is_done:
            attempt = Attempt(lost_at, previous, self.random.choice(self.hosts), failures)
            began_at = time.monotonic()
            try:
                with SocketIOWebSocket(attempt.host.port, timeout=SILENCE) as connection:
                    self._connect(connection, attempt)
                    previous = attempt.host
                    self._read(connection)
            except FAILURES:
                pass
            if attempt.connected_at:
                lost_at, failures = time.monotonic(), []
            else:
                failures.append((attempt.host, began_at, time.monotonic()))
            # A short absence, or one in which something happens.
            time.sleep(self.random.choice((self.random.uniform(0.01, 0.3), self.random.uniform(1, 8))))

    def _connect(self, connection, attempt):
        auth = {"serverOffset": self._row}
        if self._session:
            auth["pid"] = self._session
            if self._offset:
                auth["offset"] = self._offset
        answer = connection.connect_namespace(auth=auth)
        attempt.connected_at = time.monotonic()
        attempt.is_recovered = answer["pid"] == self._session
        if not attempt.is_recovered:
            self.stays.append(Stay())
            self._offset = None
        attempt.stay = self.stays[-1]
        self._session = answer["pid"]
        self.attempts.append(attempt)

    def _read(self, connection):
        heard_at = time.monotonic()
        cut_at = heard_at + self.random.uniform(0.5, 6)
        while not self.is_done and (self.is_calm or time.monotonic() < cut_at):
            try:
                self._take(connection.receive_packet(0.25))
                heard_at = time.monotonic()
            except TimeoutError:
                if time.monotonic() - heard_at > SILENCE:
                    raise

    def _take(self, packet):
        if not packet.startswith("42"):
            raise Disconnected(packet)
        values = json.loads(packet[2:])
        if OFFSET.fullmatch(str(values[-1])):
            self._offset = values.pop()
        if values[0] == "chat message":
            self._row = values[2]
            self.rows.append((values[2], values[1]))
        elif values[0] == "said":
            self.stays[-1].events.append(tuple(values[1]))


class Said:
    """An event that a writer sent: its name, its host, when it was sent, and when the host had taken it."""

    def __init__(self, name, host, began_at):
        self.name, self.host, self.began_at = name, host, began_at
        self.ended_at = None


class Writer(threading.Thread):
    """A client that sends an event and a message in turn, and sends each message until it is acknowledged."""

    def __init__(self, hosts, number, seed):
        super().__init__(daemon=True)
        self.hosts, self.number = hosts, number
        self.random = random.Random(seed)
        self.events = []
        self.stored = []
        self.is_done = False
        self._connections = 0
        self._pending = None

    def run(self):
        while not self.is_done:
            host = self.hosts[self.number % len(self.hosts)]
            try:
                with SocketIOWebSocket(host.port, timeout=SILENCE) as connection:
                    connection.connect_namespace()
                    self._connections += 1
                    self._write(connection, host)
            except FAILURES:
                time.sleep(self.random.uniform(0.05, 0.3))

    def _write(self, connection, host):
        connection.ack = 0
        for number in range(1 << 30):
            if self.is_done and self._pending is None:
                return
            said = Said((self.number, self._connections, number), host, time.monotonic())
            self.events.append(said)
            self._call(connection, "emit", {}, "said", said.name)
            said.ended_at = time.monotonic()
            self._pending = self._pending or f"message {self.number}-{len(self.stored)}"
            self._call(connection, "chat message", self._pending, self._pending)
            self.stored.append(self._pending)
            self._pending = None
            time.sleep(self.random.uniform(0, 0.05))

    def _call(self, connection, *arguments):
        connection.ack += 1
        connection.send_text(f"42{connection.ack}" + compact(arguments))
        deadline = time.monotonic() + SILENCE
        while not connection.receive_packet(deadline - time.monotonic()).startswith(f"43{connection.ack}["):
            pass
