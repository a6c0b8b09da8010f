import Synchronization
import Transport

/// Watches the sockets of a ``MemoryMachine``.
///
/// Before it reports readiness, it passes the server's output to the clients. A client's answer is then ready at once.
/// It reports the input of one socket in each turn, so that the server handles the clients' input in the order in which
/// they have sent it.
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
        // Only these waits may end in this turn. What was sent before a later one may have come too late to be found.
        let idleWaits = machine.idle.all
        let hasDelivered = machine.deliver()
        ready = findReady()
        let isBusy = hasDelivered || !ready.isEmpty || deadline.map { $0 <= machine.now } ?? false
        // Look for calls from other threads before deciding that nothing is left to do.
        var none: [Readiness] = []
        let isWoken = waiting.wait(until: .now, into: &none)
        if isWoken || isBusy { return isWoken || hasDelivered }
        if machine.idle.end(idleWaits) { return true }
        return waiting.wait(until: deadline.map { $0 - machine.advance }, into: &none)
    }

    /// The pipes that are ready, the sockets that are writable, and the socket whose input has arrived first.
    private func findReady() -> [Readiness] {
        var found: [(descriptor: CInt, token: UInt64, events: EventMask, arrival: UInt64?)] = []
        let watched = Array(watched.withLock { $0 })
        for ((descriptor, entry), (ready, arrival)) in zip(watched, machine.readiness(of: watched.map(\.key))) {
            let events = ready.intersection(entry.interest.union(.failed))
            let hasInput = !events.subtracting(.writable).isEmpty
            if !events.isEmpty { found.append((descriptor, entry.token, events, hasInput ? arrival : nil)) }
        }
        let first = found.compactMap(\.arrival).min()
        return found.sorted { $0.descriptor < $1.descriptor }.compactMap { entry in
            let isLater = entry.arrival != nil && entry.arrival != first
            let events = isLater ? entry.events.intersection(.writable) : entry.events
            return events.isEmpty ? nil : Readiness(token: entry.token, events: events)
        }
    }
}
