"""Faults that happen to hosts and to the servers that they share, and the times at which they may have an effect."""

import os
import random
import signal
import time
from contextlib import ExitStack, suppress

import processes
from host_client import HostClient
from ports import free_port
from waiting import wait_until

#: How long after a fault has ended it may still have an effect.
AFTERMATH = 2.0
#: The name of the hosts' database.
DATABASE = "chat"


class Host:
    """A server with two workers, which is started again when it was killed."""

    def __init__(self, directory, backplane, database):
        self.directory, self.port = directory, free_port()
        self._command = [
            processes.binary("CONFORMANCE_SERVER", "ConformanceServer"), "--port", self.port, "--workers", 2,
            "--backplane", backplane, "--database", database, "--patience", 30]
        self._process = None
        #: When each start served.
        self.starts = []
        self.start()

    @property
    def is_running(self):
        return self._process is not None and self._process.is_running

    def start(self):
        self._process = processes.ServerProcess(self._command, self.directory)
        self.starts.append(time.monotonic())

    def workers(self):
        return processes.children(self._process.pid)

    def signal_primary(self, number):
        self._process.send_signal(number)

    def kill(self):
        # Its workers notice that it is gone, and end.
        self._process.kill()

    def end(self):
        if self.is_running:
            self.signal_primary(signal.SIGCONT)
            self._process.end()


class Faults:
    """Injects faults at random until a time. `shadows` are the times at which sessions may be lost, and most of them
    those at which events need not reach all hosts, with the host that they concern, or None for all.
    """

    def __init__(self, hosts, postgres, redis_server, backplane, seed):
        self.hosts, self.postgres, self.redis = hosts, postgres, redis_server
        self.postgres_is_broker = backplane == "postgres"
        #: True if Redis keeps events for hosts that are disconnected, and sessions of hosts that are dead.
        self.redis_keeps_events = backplane == "redis-streams"
        self.random = random.Random(seed)
        self.shadows = []
        #: The names of the faults with their times.
        self.history = []
        self.counts = {}

    @property
    def kinds(self):
        return [
            self.kill_worker, self.kill_worker, self.freeze_worker, self.freeze_primary, self.kill_host,
            self.restart_redis, self.freeze_redis, self.pause_redis_clients, self.kill_redis_connections,
            self.restart_postgres, self.end_postgres_sessions,
        ]

    def run(self, seconds):
        end = time.monotonic() + seconds
        # Each kind once, then at random.
        order = self.random.sample(self.kinds, len(self.kinds))
        while time.monotonic() < end:
            fault = order.pop() if order else self.random.choice(self.kinds)
            self.counts[fault.__name__] = self.counts.get(fault.__name__, 0) + 1
            begin = time.monotonic()
            fault()
            self.history.append((fault.__name__, begin, time.monotonic()))
            # Some faults follow each other closely, others are over when the next one begins.
            time.sleep(self.random.choice((self.random.uniform(0, 1), AFTERMATH + 2)))

    def shadow(self, begin, host=None, loses_events=True, loses_sessions=True):
        """What happens from `begin` until now, and a little before and after it, may lose sessions or events."""
        self.shadows.append((begin - 1, time.monotonic() + AFTERMATH, host, loses_events, loses_sessions))

    def is_shadowed(self, begin, end, *hosts, of_events=False):
        """True if sessions may be lost at the hosts in this time; with `of_events`, events between all hosts."""
        return any(
            first <= end and begin <= last and (host is None or host in hosts)
            and (loses_events if of_events else loses_sessions)
            for first, last, host, loses_events, loses_sessions in self.shadows)

    def between(self, begin, end):
        """The names and times of the faults in this time."""
        return [
            f"{name} {first:.3f}–{last:.3f}" for name, first, last in self.history if first <= end and begin <= last]

    # Hosts. What a killed process had not yet passed on is lost.

    def kill_worker(self):
        host = self.random.choice(self.hosts)
        if workers := host.workers():
            begin = time.monotonic()
            os.kill(self.random.choice(workers), signal.SIGKILL)
            self.shadow(begin, host)

    def freeze_worker(self):
        host = self.random.choice(self.hosts)
        if workers := host.workers():
            worker = self.random.choice(workers)
            os.kill(worker, signal.SIGSTOP)
            time.sleep(self.random.uniform(0.2, 1.5))
            os.kill(worker, signal.SIGCONT)

    def freeze_primary(self):
        # The host and Redis may find each other silent.
        host, begin = self.random.choice(self.hosts), time.monotonic()
        host.signal_primary(signal.SIGSTOP)
        time.sleep(self.random.uniform(0.2, 2))
        host.signal_primary(signal.SIGCONT)
        self.shadow_redis(begin)

    def kill_host(self):
        host, begin = self.random.choice(self.hosts), time.monotonic()
        host.kill()
        time.sleep(self.random.uniform(0, 1))
        host.start()
        self.shadow(begin, loses_sessions=not self.redis_keeps_events)

    # Redis. What is on its way when a connection ends is lost, unless it is kept in a stream.

    def shadow_redis(self, begin):
        self.shadow(begin, loses_events=not self.redis_keeps_events)

    def restart_redis(self):
        begin = time.monotonic()
        self.redis.stop()
        time.sleep(self.random.uniform(0, 1.5))
        self.redis.start()
        self._await_hosts()
        self.shadow_redis(begin)

    def freeze_redis(self):
        begin = time.monotonic()
        self.redis.pause()
        time.sleep(self.random.uniform(0.5, 5))
        self.redis.resume()
        self._await_hosts()
        self.shadow_redis(begin)

    def pause_redis_clients(self):
        begin = time.monotonic()
        milliseconds = self.random.randrange(200, 2000)
        with self.redis.client() as admin:
            admin.execute_command("CLIENT", "PAUSE", milliseconds, "ALL")
        time.sleep(milliseconds / 1000)
        self.shadow_redis(begin)

    def kill_redis_connections(self):
        begin = time.monotonic()
        with self.redis.client() as admin:
            for kind in self.random.sample(("normal", "pubsub"), self.random.randrange(1, 3)):
                admin.execute_command("CLIENT", "KILL", "TYPE", kind, "SKIPME", "yes")
        self._await_hosts()
        self.shadow_redis(begin)

    def _await_hosts(self):
        """Waits until events of each host reach the other one again."""
        with ExitStack() as stack:
            clients = [stack.enter_context(HostClient(host)) for host in self.hosts]

            def reach_each_other():
                for client in clients:
                    client.events.clear()
                    client.tell("emit", {}, "probe", client.sid)
                expected = {client.sid for client in clients}
                for client in clients:
                    with suppress(AssertionError):
                        client.read_until(lambda client=client: expected <= probes(client), 0.5)
                return all(expected <= probes(client) for client in clients)

            wait_until(reach_each_other, 60)

    # PostgreSQL. No message is lost. Events are only on their way through it if it is the broker.

    def restart_postgres(self):
        begin = time.monotonic()
        self.postgres.restart(immediate=True)
        self._settle_postgres(begin)

    def end_postgres_sessions(self):
        begin = time.monotonic()
        for _ in range(self.random.randrange(1, 6)):
            self.postgres.terminate_backends(DATABASE)
            time.sleep(self.random.uniform(0, 0.2))
        self._settle_postgres(begin)

    def _settle_postgres(self, begin):
        if self.postgres_is_broker:
            self._await_hosts()
            self.shadow(begin)


def probes(client):
    return {event[1] for event in client.events if event[0] == "probe"}
