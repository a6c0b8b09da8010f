import Persistence
import Transport

/// What the hub tells a worker, in the one order.
public enum StreamItem: Sendable {
    /// The socket is a member of its namespace from here on.
    case registered(SessionID, position: UInt64)
    /// The answer to a claim. When the session was recovered, the socket is a member of its namespace and rooms from here on.
    case claimed(UInt64, ClaimAnswer)
    /// The session has a new owner: the old one's connection is closed, and the session is no longer its own.
    case ownershipLost(SessionKey)
    /// What the application remembers of the socket has been noted.
    case dataNoted(SessionID)
    /// The socket is a member of the room from here on.
    case joined(SessionID, room: String)
    /// The socket is no member of the room from here on.
    case left(SessionID, room: String)
    /// An event at its position.
    case event(Broadcast, position: UInt64)
    /// An event of this worker has been ordered, or dropped because its sender is no longer the worker's own; it came before
    /// this item if this worker has anybody to give it to. It gives back what it took of the worker's credit.
    case emitted(SessionKey?, credit: Int)
    /// A message was committed, after the event at `position`; in id order.
    case message(StoredMessage, position: UInt64)
    /// The result of the socket's oldest open store request. Every message up to its own came before.
    /// It comes also when the socket is gone by then, and gives back what the message took of the worker's credit.
    case stored(SessionKey, StoreResult, credit: Int)
    /// Answers a subscription: every message above `lastPublished` comes in this stream. `highest` is the highest id
    /// that this store has ever given.
    case subscribed(SessionID, lastPublished: Int64, highest: Int64)
}

/// What became of a claim.
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

/// What became of a message for the store.
public enum StoreResult: Sendable, Equatable {
    /// It is committed, now or by an earlier copy; the id is the first copy's.
    case committed(id: Int64)
    /// It is not stored. The client may send it again.
    case failed
}
