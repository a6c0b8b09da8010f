import Persistence
import Transport

/// An event in the stream from the hub to a worker, in the one order.
public enum HubEvent: Sendable {
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
    /// An event for sockets of this worker, at its position.
    case broadcast(Broadcast, position: UInt64)
    /// An event of this worker has been ordered, or dropped because its sender is no longer the worker's own; it came before
    /// this event if this worker has anybody to give it to. It gives back what it took of the worker's credit.
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

/// The result of storing a message.
public enum StoreResult: Sendable, Equatable {
    /// It is committed, now or by an earlier copy; the id is the first copy's.
    case committed(id: Int64)
    /// It is not stored. The client may send it again.
    case failed
}
