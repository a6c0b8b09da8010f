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
    /// The waiting requests in the order of their arrival, by the ticket that they wait for.
    private var waiting: [UInt64: [Entry]] = [:]
    /// A message of this origin is on its way.
    mutating func sent(_ ticket: UInt64, from origin: MessageOrigin) {
        latest[origin] = ticket
    }

    /// Keeps a request if it has to wait.
    /// - Parameter session: the session that the request concerns; nil for one of the application.
    /// - Returns: false if the request can be carried out now.
    mutating func hold(_ request: HubRequest, of session: SessionID?, from incarnation: Incarnation) -> Bool {
        let ofWorker = latest[MessageOrigin(incarnation: incarnation, session: nil)]
        let ofSession = session.flatMap { latest[MessageOrigin(incarnation: incarnation, session: $0)] }
        guard let ticket = [ofWorker, ofSession].compactMap({ $0 }).max() else { return false }
        waiting[ticket, default: []].append(Entry(request: request, incarnation: incarnation))
        return true
    }

    /// True if messages of the session, or of the application on its worker, are on their way.
    func isOnItsWay(from session: SessionID, of incarnation: Incarnation) -> Bool {
        latest[MessageOrigin(incarnation: incarnation, session: nil)] != nil
            || latest[MessageOrigin(incarnation: incarnation, session: session)] != nil
    }

    /// A message has come back or is lost.
    /// - Returns: the requests that waited for it, in the order of their arrival.
    mutating func applied(_ ticket: UInt64, from origin: MessageOrigin) -> [Entry] {
        if latest[origin] == ticket { latest[origin] = nil }
        return waiting.removeValue(forKey: ticket) ?? []
    }

    /// Drops the requests of a worker that is gone.
    mutating func drop(of incarnation: Incarnation) {
        for (ticket, entries) in waiting {
            let kept = entries.filter { $0.incarnation != incarnation }
            waiting[ticket] = kept.isEmpty ? nil : kept
        }
    }
}
