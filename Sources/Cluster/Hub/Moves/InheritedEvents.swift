import Actors

/// The events of a session's earlier hosts that its client may lack. They keep their offsets, so that a client that
/// loses its connection while it reads them continues behind the last one that it has.
struct InheritedEvents: Sendable, Equatable {
    /// The client has every event up to this position of this epoch, or the session began there. The epoch is nil for
    /// an entry of a stream that all hubs read.
    private(set) var epoch: String?
    private(set) var position: UInt64
    /// True if the session began there. Then an offset of an earlier session of the client means that it has nothing.
    private(set) var beginsWithSession: Bool
    /// The events after that, in order, each with its epoch.
    private(set) var events: [PositionedEvent]

    init(epoch: String?, position: UInt64, beginsWithSession: Bool, events: [PositionedEvent]) {
        self.epoch = epoch
        self.position = position
        self.beginsWithSession = beginsWithSession
        self.events = events
    }

    /// True if no position is that of an entry of a stream.
    var hasEpochs: Bool { epoch != nil && events.allSatisfy { $0.epoch != nil } }

    /// The size of the events, in bytes.
    var byteCount: Int { events.reduce(0) { $0 + $1.event.byteCount + EventLog.overhead } }

    /// What follows the offset of a client.
    /// - Parameter shared: true if the positions of all hubs can be compared.
    /// - Returns: The events from there on, which begin with the session if the offset is none of it; nil if events
    ///   before the first kept one would be missing.
    func suffix(after offset: Offset?, shared: Bool) -> InheritedEvents? {
        if let offset {
            let last = events.lastIndex {
                (shared || $0.epoch == offset.epoch) && $0.position <= offset.position
            }
            let isOfSession = last != nil || (shared || offset.epoch == epoch) && offset.position >= position
            if isOfSession {
                return InheritedEvents(
                    epoch: offset.epoch, position: offset.position, beginsWithSession: false,
                    events: Array(events.suffix(from: last.map { $0 + 1 } ?? 0)))
            }
        }
        return beginsWithSession ? self : nil
    }

    /// Forgets the events. Afterwards only a client that has all of them can resume the session.
    mutating func forget() {
        guard let last = events.last else { return }
        self = InheritedEvents(
            epoch: last.epoch, position: last.position, beginsWithSession: false, events: [])
    }

    /// The same with further events.
    func appending(_ further: [PositionedEvent]) -> InheritedEvents {
        InheritedEvents(
            epoch: epoch, position: position, beginsWithSession: beginsWithSession, events: events + further)
    }
}
