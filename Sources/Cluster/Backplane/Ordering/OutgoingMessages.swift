@_spi(Collections) import Actors
import Transport

/// A host's own messages on their way to the broker and back.
///
/// A host applies its own message when the broker returns it, so that all hosts apply all messages in the broker's
/// order. The broker keeps the order of one host's messages. So when one comes back, each earlier one that has not come
/// back never will, and is applied before it, at this host alone. When a connection begins, the same holds for the
/// messages of earlier ones: other hosts may have had them before what the new connection brings.
///
/// While there is no connection, messages wait. After a time the host is cut off: it applies what waits, and each
/// further message, at once and alone. The broker may have had some of them after all. They are known by their numbers
/// when they come back, and dropped.
///
/// A value without I/O. Time is an argument.
struct OutgoingMessages {
    /// A message and its sender.
    struct Entry: Equatable {
        /// The place among the host's messages.
        let ticket: UInt64
        let message: BackplaneMessage
        let origin: MessageOrigin
        /// The bytes of the worker's credit that return when the message is applied; nil if the worker gets an answer
        /// to a later message instead.
        let credit: Int?
        /// True if the message has not come back and never will.
        var isLost = false
        /// True if the message reaches nobody.
        var isDropped = false
        /// The name of the message at a broker that keeps messages.
        var name: EntryID?
    }

    private enum State: Equatable {
        case connected
        /// Messages wait for a connection until then.
        case waiting(until: ContinuousClock.Instant)
        case cutOff
    }

    /// How much longer than the patience a message may take while there is a connection, until a marker follows it. A
    /// broker that does not answer is noticed earlier.
    private static let returnTime = Duration.seconds(4)

    private let patience: Duration
    private let outage: OutagePolicy
    private var state: State
    private var lastTicket: UInt64 = 0
    private var lastNumber: UInt64 = 0
    /// The messages that the broker was given and has not returned.
    private var sent = Queue<(number: UInt64, time: ContinuousClock.Instant, entry: Entry)>()
    /// The messages that the broker was not given yet.
    private var unsent = Queue<Entry>()
    private var mustMark = false
    /// The deadline before the present connection, on which no message has come back yet; nil after the first one.
    private var earlierDeadline: ContinuousClock.Instant?
    /// The time of the last marker that a late message needed; nil before the first one.
    private var lastMark: ContinuousClock.Instant?

    /// - Parameters:
    ///   - patience: how long messages wait for a connection.
    ///   - startPatience: how long they wait for the first one; nil for the same time.
    ///   - outage: what happens to events then.
    ///   - now: the time from which the first connection is awaited.
    init(
        patience: Duration, startPatience: Duration? = nil, outage: OutagePolicy = .local,
        at now: ContinuousClock.Instant
    ) {
        self.patience = patience
        self.outage = outage
        state = .waiting(until: now + (startPatience ?? patience))
    }

    var isCutOff: Bool { state == .cutOff }
    /// True if no message is on its way.
    var isIdle: Bool { sent.isEmpty && unsent.isEmpty }
    var isConnected: Bool { state == .connected }

    /// The time at which the host will be cut off; nil if there is a connection, or if it is cut off already.
    var deadline: ContinuousClock.Instant? {
        guard case .waiting(let deadline) = state else { return nil }
        return deadline
    }

    /// Adds a message.
    /// - Returns: the entry. The caller applies it at once if the host is cut off.
    mutating func append(_ message: BackplaneMessage, from origin: MessageOrigin, credit: Int?) -> Entry {
        lastTicket += 1
        var entry = Entry(ticket: lastTicket, message: message, origin: origin, credit: credit)
        if isCutOff { entry.isDropped = mustDrop(message) } else { unsent.append(entry) }
        return entry
    }

    /// True if a message of a host that is cut off reaches nobody.
    private func mustDrop(_ message: BackplaneMessage) -> Bool {
        guard outage == .fail, case .event(let broadcast) = message else { return false }
        return !broadcast.isVolatile
    }

    /// Takes the messages that can be given to the broker now, in order. A marker stands for a message that other hosts
    /// would refuse. The first one after a new connection is a marker too: when it comes back, every earlier message
    /// that has not is lost.
    /// - Parameter row: the id of the last published row; nil without a store.
    mutating func takeUnsent(row: Int64?, at now: ContinuousClock.Instant) -> [OutgoingMessage] {
        guard state == .connected else { return [] }
        var taken: [OutgoingMessage] = []
        if mustMark {
            mustMark = false
            taken.append(number(.marker(namespace: "/"), row))
        }
        while let entry = unsent.removeFirst() {
            taken.append(number(entry.message.refusal == nil ? entry.message : .marker(namespace: "/"), row))
            sent.append((lastNumber, now, entry))
        }
        return taken
    }

    private mutating func number(_ message: BackplaneMessage, _ row: Int64?) -> OutgoingMessage {
        lastNumber += 1
        return OutgoingMessage(number: lastNumber, row: row, message: message)
    }

    /// The broker has returned the message with this number.
    /// - Parameter name: its name at a broker that keeps messages.
    /// - Returns: the messages to apply, in order; empty for one that was applied before.
    mutating func returned(_ number: UInt64, as name: EntryID? = nil) -> [Entry] {
        earlierDeadline = nil
        var ready = take(through: number)
        if let last = ready.indices.last, !ready[last].isLost { ready[last].name = name }
        return ready
    }

    private mutating func take(through number: UInt64) -> [Entry] {
        var ready: [Entry] = []
        while let first = sent.first, first.number <= number {
            _ = sent.removeFirst()
            var entry = first.entry
            entry.isLost = first.number < number
            ready.append(entry)
        }
        return ready
    }

    /// A connection begins, on which no message up to this number will come back.
    /// - Returns: the messages to apply, in order.
    mutating func begin(after number: UInt64) -> [Entry] { lost(through: number) }

    /// There is a connection on which messages should come back.
    mutating func connected(at now: ContinuousClock.Instant) {
        switch state {
        case .waiting(let deadline): earlierDeadline = deadline
        case .cutOff: earlierDeadline = now
        case .connected: break
        }
        state = .connected
        mustMark = true
    }

    /// The connection has ended. What the broker was given may have been lost or not. If it has returned nothing, the
    /// wait goes on: it may accept connections, and refuse each message.
    mutating func disconnected(at now: ContinuousClock.Instant) {
        if state == .connected { state = .waiting(until: earlierDeadline ?? now + patience) }
    }

    /// Cuts the host off if it has waited too long. What the broker was given may have reached other hosts, so it is
    /// applied here.
    ///
    /// While there is a connection, sends a marker behind a message that has not come back for long, for example
    /// because the broker has dropped it. The message is lost if the marker comes back first. Both may only be slow, or
    /// nothing comes back at all, see ``overdueMessage(at:)``.
    /// - Returns: the messages to apply, in order.
    mutating func expire(at now: ContinuousClock.Instant) -> [Entry] {
        if state == .connected, let first = sent.first {
            if isOverdue(since: max(first.time, lastMark ?? first.time), at: now) {
                lastMark = now
                mustMark = true
            }
            return []
        }
        guard let deadline, now >= deadline else { return [] }
        state = .cutOff
        var ready = lost(through: .max)
        while var entry = unsent.removeFirst() {
            entry.isLost = true
            entry.isDropped = mustDrop(entry.message)
            ready.append(entry)
        }
        return ready
    }

    /// The number of the first message that should have come back on the present connection by now; nil if there is
    /// none.
    func overdueMessage(at now: ContinuousClock.Instant) -> UInt64? {
        guard state == .connected, let first = sent.first, isOverdue(since: first.time, at: now) else { return nil }
        return first.number
    }

    private func isOverdue(since time: ContinuousClock.Instant, at now: ContinuousClock.Instant) -> Bool {
        now - time >= patience + Self.returnTime
    }

    private mutating func lost(through number: UInt64) -> [Entry] {
        take(through: number).map { entry in
            var entry = entry
            entry.isLost = true
            return entry
        }
    }
}

/// The sender of a message.
struct MessageOrigin: Hashable {
    /// The worker.
    let incarnation: Incarnation
    /// The socket; nil for a message of the application.
    let session: SessionID?
}
