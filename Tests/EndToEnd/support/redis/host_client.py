"""Clients of servers on several hosts (Examples/ConformanceServer/BackplaneHost.swift)."""

import json
import re
import time

import processes
from packets import SocketIOWebSocket, compact


#: The recovery offset at the end of an event.
OFFSET = re.compile(r"[\w-]{8}\.\d+(\.\d+)?|\d+-\d+")


def start_host(directory, backplane, workers=None, patience=2, database=None, outage="local", environment=(),
               graceful=False):
    """Starts a server that is one of several hosts. Its events wait for `patience` seconds for the broker. With
    `graceful`, SIGTERM makes it close everything before it ends.
    """
    arguments = ["--port", "0", "--backplane", backplane, "--patience", patience, "--outage", outage]
    if workers:
        arguments += ["--workers", workers]
    if graceful:
        arguments += ["--graceful"]
    if database:
        arguments += ["--database", database]
    return processes.ServerProcess(
        [processes.binary("CONFORMANCE_SERVER", "ConformanceServer"), *arguments], directory, environment)


class HostClient(SocketIOWebSocket):
    """A client that keeps the events that it received, in order: lists of a name and arguments, without the offset."""

    def __init__(self, host, namespace="/", auth=None):
        super().__init__(host.port)
        self.namespace = namespace
        self.prefix = "" if namespace == "/" else namespace + ","
        self.events = []
        self.offset = None
        self.is_open = True
        self._acks = {}
        self._next_ack = 0
        answer = self.connect_namespace(namespace, auth)
        self.sid, self.private_id = answer["sid"], answer.get("pid")

    def tell(self, *arguments):
        self.send_text(f"42{self.prefix}" + compact(arguments))

    def call(self, *arguments, timeout=10.0):
        """Sends an event and waits for its acknowledgement. Returns the values."""
        ack = self._next_ack
        self._next_ack += 1
        self.send_text(f"42{self.prefix}{ack}" + compact(arguments))
        self.read_until(lambda: ack in self._acks, timeout)
        return self._acks[ack]

    def read_until(self, condition, timeout=10.0):
        deadline = time.monotonic() + timeout
        while not condition():
            left = deadline - time.monotonic()
            assert left > 0, f"only {self.events[-20:]} after {timeout} s"
            try:
                self._handle(self.receive_packet(left))
            except TimeoutError:
                continue

    def _handle(self, packet):
        kind, rest = packet[:2], packet[2:].removeprefix(self.prefix)
        if kind == "41":
            self.is_open = False
            return
        digits = rest[: rest.index("[")]
        values = json.loads(rest[len(digits) :])
        if kind == "43":
            self._acks[int(digits)] = values
            return
        assert kind == "42", packet
        # A volatile event has no offset.
        if OFFSET.fullmatch(str(values[-1])):
            self.offset = values.pop()
        self.events.append(values)

    def expect(self, *events, timeout=10.0):
        """Waits until these and no other events have arrived, and forgets them."""
        self.read_until(lambda: len(self.events) >= len(events), timeout)
        assert self.events == [list(event) for event in events]
        self.events = []

    def settle(self):
        """Waits until everything that this client's host had for it has arrived."""
        self.call("join", "settled")
