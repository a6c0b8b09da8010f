"""What must hold after a run with faults. Each rule returns the first violations as text."""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict


def check_messages(readers, writers, rows):
    """Every acknowledged message is in the database once, and every client got every row once and in order."""
    stored = Counter(content for _, content in rows)
    yield from (f"{text} is in the database {count} times" for text, count in stored.items() if count > 1)
    for writer in writers:
        yield from (f"{text} was acknowledged and is lost" for text in writer.stored if text not in stored)
    for number, reader in enumerate(readers):
        if reader.rows != rows:
            index = next((i for i, pair in enumerate(zip(reader.rows, rows)) if pair[0] != pair[1]), "the end")
            yield f"reader {number} has {len(reader.rows)} of {len(rows)} rows, others from {index} on"


def check_order(readers):
    """No client sees an event twice in a session, and no two clients see two events in different orders."""
    follows = defaultdict(set)
    for number, stay in stays(readers):
        if twice := sorted(name for name, count in Counter(stay.events).items() if count > 1):
            yield f"reader {number} has events twice: {twice[:5]}"
            return
        for before, after in zip(stay.events, stay.events[1:]):
            follows[before].add(after)
    # One order exists for all if the graph of direct successors has no cycle.
    waiting = defaultdict(int)
    for before in list(follows):
        for after in follows[before]:
            waiting[after] += 1
    ready = [name for name in follows if not waiting[name]]
    while ready:
        for after in follows.pop(ready.pop(), ()):
            waiting[after] -= 1
            if not waiting[after]:
                ready.append(after)
    cycle = find_cycle(follows)
    if cycle:
        yield f"clients saw {len(cycle)} events in different orders, each of them before the next one: {cycle[:20]}"


def find_cycle(follows):
    """Events of which each is before the next one, and the last one before the first one; empty if there are none."""
    ended = set()
    for start in sorted(follows):
        path, places = [start], {start: 0}
        while path:
            after = min((name for name in follows.get(path[-1], ()) if name not in ended), default=None)
            if after is None:
                ended.add(path[-1])
                del places[path.pop()]
            elif after in places:
                return path[places[after]:]
            else:
                places[after] = len(path)
                path.append(after)
    return []


def check_events(readers, writers, faults):
    """Within a session, a client has every event that was sent while there were no faults, if it has an earlier and a
    later one of the same connection.
    """
    sure = defaultdict(list)
    for name in sure_events(writers, faults):
        sure[name[:2]].append(name[2])
    for number, stay in stays(readers):
        seen = defaultdict(list)
        for writer, connection, index in stay.events:
            seen[writer, connection].append(index)
        for key, numbers in seen.items():
            if numbers != sorted(numbers):
                yield f"reader {number} has the events of connection {key} in another order"
                continue
            expected = sure[key]
            inner = expected[bisect_left(expected, numbers[0]) : bisect_left(expected, numbers[-1])]
            missing = sorted(set(inner) - set(numbers))
            if missing:
                yield f"reader {number} lacks events of connection {key}: {missing[:5]}"


def check_recovery(readers, faults, window):
    """A client resumes its session if its host has been connected all the time, and if it has lived or the session is
    kept elsewhere.
    """
    for number, reader in enumerate(readers):
        for before, attempt in zip(reader.attempts, reader.attempts[1:]):
            if attempt.is_recovered or attempt.connected_at - attempt.lost_at > window:
                continue
            time, hosts = (attempt.lost_at, attempt.connected_at), (attempt.host, attempt.previous)
            # A session is not written at once.
            is_new = attempt.lost_at - before.connected_at < 2
            if faults.is_shadowed(*time, *hosts) or (is_new and faults.is_shadowed(*time, of_events=True)):
                continue
            yield (
                f"reader {number} did not resume its session between {time[0]:.3f} and {time[1]:.3f}; faults: "
                f"{faults.between(time[0] - 10, time[1])}, failures: {[times for _, *times in attempt.failures]}")


def check_gaps(readers, writers, faults):
    """A client that resumed its session after a fault was over has all events that were sent while it was away."""
    seen = {name for _, stay in stays(readers) for name in stay.events}
    said = sorted(
        (said for writer in writers for said in writer.events if said.ended_at and said.name in seen),
        key=lambda said: said.began_at)
    times = [each.began_at for each in said]
    for number, reader in enumerate(readers):
        for attempt in reader.attempts:
            if not attempt.is_recovered or faults.is_shadowed(attempt.connected_at, attempt.connected_at, attempt.host):
                continue
            later = said[bisect_right(times, attempt.lost_at) : bisect_left(times, attempt.connected_at)]
            away = [each.name for each in later if each.ended_at < attempt.connected_at - 1]
            if missing := set(away) - attempt.stay.seen:
                yield f"reader {number} resumed its session without events: {sorted(missing)[:5]}"


def sure_events(writers, faults):
    """The names of the events that were sent while there were no faults that lose events."""
    return [
        said.name for writer in writers for said in writer.events
        if said.ended_at and not faults.is_shadowed(said.began_at, said.ended_at, said.host, of_events=True)]


def stays(readers):
    return ((number, stay) for number, reader in enumerate(readers) for stay in reader.stays)
