import Transport

/// What the hub tells a worker, in the one order.
public enum StreamItem: Sendable {
    /// The socket is a member of its namespace from here on.
    case registered(SessionID, position: UInt64)
    /// The socket is a member of the room from here on.
    case joined(SessionID, room: String)
    /// The socket is no member of the room from here on.
    case left(SessionID, room: String)
    /// An event at its position.
    case event(Broadcast, position: UInt64)
    /// An event of this socket has been ordered; it came before this item if this worker has anybody to give it to.
    case emitted(SessionID)
    /// A message was committed; in id order.
    case message(StoredMessage)
    /// The result of the socket's oldest open store request. Every message up to its own came before.
    case stored(SessionID, StoreResult)
    /// Answers a subscription: every message above `lastPublished` comes in this stream. `highest` is the highest id
    /// that this store has ever given.
    case subscribed(SessionID, lastPublished: Int64, highest: Int64)
}

/// What became of a message for the store.
public enum StoreResult: Sendable, Equatable {
    /// It is committed, now or by an earlier copy.
    case committed
    /// It is not stored. The client may send it again.
    case failed
}
