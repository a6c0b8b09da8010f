import Transport

/// A client's request to resume a session.
public struct Claim: Sendable, Equatable {
    /// The number that the worker chose for the claim. The answer carries the same number.
    public let number: UInt64
    /// The namespace, with its leading slash.
    public let namespace: String
    /// The secret of the session; nil if the client presents none or a malformed one.
    public let privateID: SessionID?
    /// The offset that the client presents, unparsed.
    public let offset: String?
    /// The maximum size of the missed events that the worker accepts, in bytes.
    public let maxMissedBytes: Int
    /// The time for which the client's identity is valid from now on; nil for ever. It replaces
    /// ``Registration/lifetime``.
    public let lifetime: Duration?

    /// Creates a claim. The properties explain the parameters.
    public init(
        number: UInt64, namespace: String, privateID: SessionID?, offset: String?, maxMissedBytes: Int,
        lifetime: Duration? = nil
    ) {
        self.number = number
        self.namespace = namespace
        self.privateID = privateID
        self.offset = offset
        self.maxMissedBytes = maxMissedBytes
        self.lifetime = lifetime
    }
}

/// The result of a claim.
public enum ClaimAnswer: Sendable {
    /// The client gets its session back.
    case recovered(RecoveredSession)
    /// The client gets a new session. The value says how far its row ids are trusted, according to the offset that it
    /// presented.
    case refused(RowTrust)
}

/// A session that a new owner took over, with the events that its client missed.
public struct RecoveredSession: Sendable {
    /// The session's id and the new owner's epoch.
    public let key: SessionKey
    /// The secret with which the client may claim the session again.
    public let privateID: SessionID
    /// The rooms, without the one named after the socket.
    public let rooms: [String]
    /// The application's data for the socket.
    public let data: JSONText?
    /// The events that the client missed, in order.
    public let missed: [PositionedEvent]
    /// The id of the stored message after which the client starts.
    public let startRow: Int64
    /// The highest row id that the client may name as its start; see ``RowTrust``.
    public let rowLimit: Int64
    /// The position in the global order at which the new owner took over.
    public let position: UInt64

    /// Creates a recovered session. The properties explain the parameters.
    public init(
        key: SessionKey, privateID: SessionID, rooms: [String], data: JSONText?, missed: [PositionedEvent],
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

/// An event with its position in the global order.
public struct PositionedEvent: Sendable, Equatable {
    /// The encoded event.
    public let event: EncodedEvent
    /// The position of the event.
    public let position: UInt64
    /// The epoch of the hub that gave the event its position; nil for the present hub, see ``HubTerms/epoch``, and for
    /// an entry of a stream that all hubs read. A session that moved to another hub has events of its earlier one.
    public let epoch: String?

    /// Creates an event at a position. The properties explain the parameters.
    public init(event: EncodedEvent, position: UInt64, epoch: String? = nil) {
        self.event = event
        self.position = position
        self.epoch = epoch
    }
}
