import Transport

/// A client's request to resume a session.
public struct Claim: Sendable, Equatable {
    /// Names the claim in its answer; the worker's own.
    public let number: UInt64
    public let namespace: String
    /// The secret of the session; nil when the client presents none that could be one.
    public let privateID: SessionID?
    /// The offset that the client presents, as it came.
    public let offset: String?
    /// The greatest number of bytes of missed events that the worker takes.
    public let maxMissedBytes: Int

    public init(number: UInt64, namespace: String, privateID: SessionID?, offset: String?, maxMissedBytes: Int) {
        self.number = number
        self.namespace = namespace
        self.privateID = privateID
        self.offset = offset
        self.maxMissedBytes = maxMissedBytes
    }
}

/// The result of a claim.
public enum ClaimAnswer: Sendable {
    case recovered(RecoveredSession)
    /// The client gets a new session; the offset it presented says how far its row ids can be trusted.
    case refused(RowTrust)
}

/// A session that has a new owner, with what its client missed.
public struct RecoveredSession: Sendable {
    /// The session's id and the new owner's epoch.
    public let key: SessionKey
    public let privateID: SessionID
    /// The rooms, but for its own.
    public let rooms: [String]
    public let data: JSONText?
    /// The events that the client missed, in order.
    public let missed: [MissedEvent]
    /// The id of the stored message after which the client starts.
    public let startRow: Int64
    /// The highest row id that the client may name as its start; see ``RowTrust``.
    public let rowLimit: Int64
    /// The position in the one order at which the session changed hands.
    public let position: UInt64

    public init(
        key: SessionKey, privateID: SessionID, rooms: [String], data: JSONText?, missed: [MissedEvent],
        startRow: Int64, rowLimit: Int64, position: UInt64
    ) {
        self.key = key
        self.privateID = privateID
        self.rooms = rooms
        self.data = data
        self.missed = missed
        self.startRow = startRow
        self.rowLimit = rowLimit
        self.position = position
    }
}

/// An event from the log, at its position.
public struct MissedEvent: Sendable, Equatable {
    public let event: EncodedEvent
    public let position: UInt64

    public init(event: EncodedEvent, position: UInt64) {
        self.event = event
        self.position = position
    }
}
