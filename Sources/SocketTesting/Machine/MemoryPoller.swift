import Synchronization
import Transport

/// Watches the sockets of a ``MemoryMachine``.
///
/// Before it reports readiness, it passes the server's output to the clients. A client's answer is then ready at once.
final class MemoryPoller: Poller {
    private struct Watched {
        var interest: EventMask
        var token: UInt64
    }

    /// Unowned, because the machine keeps its poller, and the loop keeps both.
    private unowned let machine: MemoryMachine
    /// Waits for the deadline and for other threads.
    private let waiting: any Poller
    private let watched = Mutex<[CInt: Watched]>([:])

    init(of machine: MemoryMachine, waiting: any Poller) {
        self.machine = machine
        self.waiting = waiting
    }

    func watch(_ descriptor: CInt, for interest: EventMask, token: UInt64) throws(SystemError) {
        setInterest(interest, of: descriptor, token: token)
    }

    func setInterest(_ interest: EventMask, of descriptor: CInt, token: UInt64) {
        watched.withLock { $0[descriptor] = Watched(interest: interest, token: token) }
    }

    func unwatch(_ descriptor: CInt) {
        watched.withLock { $0[descriptor] = nil }
    }

    func wake() { waiting.wake() }

    func wait(until deadline: ContinuousClock.Instant?, into ready: inout [Readiness]) -> Bool {
        let hasDelivered = machine.deliver()
        let watched = watched.withLock { $0 }.sorted { $0.key < $1.key }
        var found: [Readiness] = []
        for (descriptor, entry) in watched {
            let events = machine.readiness(of: descriptor).intersection(entry.interest.union(.failed))
            if !events.isEmpty { found.append(Readiness(token: entry.token, events: events)) }
        }
        let isBusy = hasDelivered || !found.isEmpty || deadline.map { $0 <= machine.now } ?? false
        ready = found
        // Look for calls from other threads before deciding that nothing is left to do.
        var none: [Readiness] = []
        let isWoken = waiting.wait(until: .now, into: &none)
        if isWoken || isBusy { return isWoken || hasDelivered }
        if machine.idle.resumeAll() { return true }
        return waiting.wait(until: deadline.map { $0 - machine.advance }, into: &none)
    }
}
