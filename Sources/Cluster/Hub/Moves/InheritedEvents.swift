import Actors

/// The events of a session's earlier hosts that its client may lack. They keep their offsets, so that a client that
/// loses its connection while it reads them continues behind the last one that it has.
struct InheritedEvents: Sendable, Equatable {
    /// The beginning of a session's time at a host.
    struct Stay: Sendable, Equatable {
        /// The epoch of the host's hub.
        let epoch: String
        /// The position of that hub at which the session arrived there.
        let position: UInt64
    }

    /// The largest number of later stays. Beyond it, a client that has nothing since the oldest one gets a new session.
    static let maxStays = 100

    /// The client has every event up to this position of this epoch, or the session began there. The epoch is nil for
    /// an entry of a stream that all hubs read.
    private(set) var epoch: String?
    private(set) var position: UInt64
    /// True if the session began there. Then an offset of an earlier session of the client means that it has nothing.
    private(set) var beginsWithSession: Bool
    /// The events after that, in order, each with its epoch.
    private(set) var events: [PositionedEvent]
    /// The stays at earlier hosts after that, in order. Without events, a client has offsets of stored messages from
    /// there. Empty if all hubs read one stream, because their positions can be compared.
    private(set) var stays: [Stay]

    init(
        epoch: String?, position: UInt64, beginsWithSession: Bool, events: [PositionedEvent], stays: [Stay] = []
    ) {
        self.epoch = epoch
        self.position = position
        self.beginsWithSession = beginsWithSession
        self.events = events
        self.stays = stays
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
        guard let offset, let found = shared ? sharedSuffix(after: offset) : suffix(after: offset) else {
            return beginsWithSession ? self : nil
        }
        return found
    }

    private func sharedSuffix(after offset: Offset) -> InheritedEvents? {
        let last = events.lastIndex { $0.position <= offset.position }
        guard last != nil || offset.position >= position else { return nil }
        return InheritedEvents(
            epoch: offset.epoch, position: offset.position, beginsWithSession: false,
            events: Array(events.suffix(from: last.map { $0 + 1 } ?? 0)))
    }

    private func suffix(after offset: Offset) -> InheritedEvents? {
        stay(of: offset.epoch, offset.position).map { suffix(after: offset.epoch, offset.position, in: $0) }
    }

    /// - Parameter stay: the number of the stay of the place: 0 for the one of ``position``.
    private func suffix(after epoch: String?, _ position: UInt64, in stay: Int) -> InheritedEvents {
        let last = events.lastIndex { event in
            let other = self.stay(of: event.epoch, event.position) ?? 0
            return (other, event.position) <= (stay, position)
        }
        return InheritedEvents(
            epoch: epoch, position: position, beginsWithSession: false,
            events: Array(events.suffix(from: last.map { $0 + 1 } ?? 0)), stays: Array(stays.dropFirst(stay)))
    }

    /// The number of the stay to which a place belongs: 0 for the one of ``position``; nil if it belongs to none.
    private func stay(of epoch: String?, _ position: UInt64) -> Int? {
        if let index = stays.lastIndex(where: { $0.epoch == epoch && $0.position <= position }) { return index + 1 }
        return epoch == self.epoch && position >= self.position ? 0 : nil
    }

    /// Forgets the events. Afterwards only a client that has all of them can resume the session.
    mutating func forget() {
        guard let last = events.last else { return }
        let stay = stay(of: last.epoch, last.position) ?? 0
        self = suffix(after: last.epoch, last.position, in: stay)
    }

    /// The same with a further stay.
    func appending(_ stay: Stay) -> InheritedEvents {
        var result = self
        result.stays.append(stay)
        // The client has nothing since the first stay, and would need the events before the second one.
        guard let first = result.stays.first, result.stays.count > Self.maxStays else { return result }
        return result.suffix(after: first.epoch, first.position, in: 1)
    }

    /// The same with further events.
    func appending(_ further: [PositionedEvent]) -> InheritedEvents {
        InheritedEvents(
            epoch: epoch, position: position, beginsWithSession: beginsWithSession, events: events + further,
            stays: stays)
    }
}
