import Actors
import Transport

/// The requests that wait until earlier messages of their senders have come back from the broker.
///
/// A request that the hub carries out by itself would overtake a message on its way: a socket that leaves a room after
/// an event to that room would not get the event. So a request of a socket waits for the messages of that socket, and
/// of the application on its worker.
///
/// A value without I/O.
struct HeldRequests {
    struct Entry {
        let request: HubRequest
        let incarnation: Incarnation
    }

    /// The ticket of the latest message on its way, of each origin that has one.
    private var latest: [MessageOrigin: UInt64] = [:]
    /// The same, of each worker with any origin.
    private var latestOfWorkers: [Incarnation: UInt64] = [:]
    /// The waiting requests in the order of their arrival, by the ticket that they wait for.
    private var waiting: [UInt64: [Entry]] = [:]
    /// The registrations that wait, by their sockets.
    private var registrations: [SessionID: (namespace: String, incarnation: Incarnation)] = [:]

    /// A message of this origin is on its way.
    mutating func sent(_ ticket: UInt64, from origin: MessageOrigin) {
        latest[origin] = ticket
        latestOfWorkers[origin.incarnation] = ticket
    }

    /// Keeps a request if it has to wait. One of the application waits for the messages of all sockets of its worker.
    /// - Parameter session: the session that the request concerns; nil for one of the application.
    /// - Returns: false if the request can be carried out now.
    mutating func hold(_ request: HubRequest, of session: SessionID?, from incarnation: Incarnation) -> Bool {
        let ticket = session.map { latestTicket(of: $0, incarnation) } ?? latestOfWorkers[incarnation]
        guard let ticket else { return false }
        waiting[ticket, default: []].append(Entry(request: request, incarnation: incarnation))
        if case .register(let registration) = request {
            registrations[registration.key.id] = (registration.namespace, incarnation)
        }
        return true
    }

    /// The namespace of a socket whose registration waits; nil for another one.
    func namespace(ofRegistering id: SessionID, _ incarnation: Incarnation) -> String? {
        guard let registration = registrations[id], registration.incarnation == incarnation else { return nil }
        return registration.namespace
    }

    /// Keeps the end of an inquiry that is waiting itself, behind it.
    /// - Returns: false if no such inquiry waits.
    mutating func hold(
        _ request: HubRequest, behindInquiry number: UInt64, from incarnation: Incarnation
    ) -> Bool {
        let found = waiting.first { _, entries in
            entries.contains { entry in
                guard entry.incarnation == incarnation, case .inquire(let inquiry, _) = entry.request else {
                    return false
                }
                return inquiry.number == number
            }
        }
        guard let ticket = found?.key else { return false }
        waiting[ticket]?.append(Entry(request: request, incarnation: incarnation))
        return true
    }

    /// The ticket of the latest message on its way of the session, or of the application on its worker.
    func latestTicket(of session: SessionID, _ incarnation: Incarnation) -> UInt64? {
        [
            latest[MessageOrigin(incarnation: incarnation, session: nil)],
            latest[MessageOrigin(incarnation: incarnation, session: session)],
        ].compactMap { $0 }.max()
    }

    /// A message has come back or is lost.
    /// - Returns: the requests that waited for it, in the order of their arrival.
    mutating func applied(_ ticket: UInt64, from origin: MessageOrigin) -> [Entry] {
        if latest[origin] == ticket { latest[origin] = nil }
        if latestOfWorkers[origin.incarnation] == ticket { latestOfWorkers[origin.incarnation] = nil }
        let released = waiting.removeValue(forKey: ticket) ?? []
        forgetRegistrations(of: released)
        return released
    }

    /// Removes the requests of a worker that is gone.
    /// - Returns: the requests by the tickets that they waited for, so those of each socket in their order.
    mutating func remove(of incarnation: Incarnation) -> [Entry] {
        var removed: [Entry] = []
        for ticket in waiting.keys.sorted() {
            let entries = waiting[ticket] ?? []
            let kept = entries.filter { $0.incarnation != incarnation }
            removed += entries.filter { $0.incarnation == incarnation }
            waiting[ticket] = kept.isEmpty ? nil : kept
        }
        forgetRegistrations(of: removed)
        return removed
    }

    private mutating func forgetRegistrations(of entries: [Entry]) {
        guard !registrations.isEmpty else { return }
        for entry in entries {
            if case .register(let registration) = entry.request { registrations[registration.key.id] = nil }
        }
    }
}
