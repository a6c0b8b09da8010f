import Persistence
import Transport

/// An event in the stream from the hub to a worker. The stream follows the global order.
public enum HubEvent: Sendable {
    /// The socket is now a member of its namespace.
    case registered(SessionID, position: UInt64)
    /// The answer to a claim. If the session was recovered, the socket is now a member of its namespace and rooms.
    case claimed(UInt64, ClaimAnswer)
    /// A claim waits for other servers, which may take seconds. It does not count any more in the worker's limit of
    /// open claims. The answer follows.
    case claimDelayed(UInt64)
    /// Another connection owns the session now. The worker closes the old owner's connection.
    case ownershipLost(SessionKey)
    /// The hub has recorded the application's data for the socket.
    case dataRecorded(SessionID)
    /// The socket is now a member of the room.
    case joined(SessionID, room: String)
    /// The socket is no longer a member of the room.
    case left(SessionID, room: String)
    /// An event for sockets of this worker, at its position.
    case broadcast(Broadcast, position: UInt64)
    /// The hub has ordered an event of this worker, or dropped it because the worker no longer owns the sender's
    /// session. If this worker has recipients for an ordered event, ``broadcast(_:position:)`` came before. `credit` is
    /// the number of bytes that return to the worker's credit.
    case emitted(SessionKey?, credit: Int)
    /// A committed message, published after the event at `position`. Messages come in id order.
    case message(StoredMessage, position: UInt64)
    /// Messages were deleted at this place of the stream, so the worker must not deliver them any more.
    case deleted(DeletedMessages)
    /// The result of the socket's oldest pending store request. Every message up to the stored one came before. The
    /// result comes even if the socket is gone. `credit` is the number of bytes that return to the worker's credit.
    case stored(SessionKey, StoreResult, credit: Int)
    /// Answers a subscription: this stream now carries every message above `lastPublished`. `highest` is the highest
    /// id that this store has ever assigned.
    case subscribed(SessionID, lastPublished: Int64, highest: Int64)
    /// The hub has changed the selected sockets. The worker applies the change to its members of the selection, which
    /// are the same sockets, because it derives their memberships from this stream.
    case changed(SocketSelection, SocketChange)
    /// The hub has ordered a change of this worker, or dropped it because the worker no longer owns the sender's
    /// session. If the change concerns sockets of this worker, ``changed(_:_:)`` came before. `credit` is the number
    /// of bytes that return to the worker's credit.
    case carriedOut(SessionKey?, credit: Int)
    /// The answer to the fetch with this number, as of this place in the stream. The key is that of the sender.
    /// `credit` is the number of bytes that return to the worker's credit.
    case fetched(UInt64, SessionKey?, FetchAnswer, credit: Int)
    /// An event that asks for answers, at its place in the stream. The hub gave the inquiry this number. The worker
    /// answers with ``HubRequest/answer(_:)``.
    case inquired(UInt64, Inquiry.Target)
    /// Nobody waits for answers to the inquiry with this number any more.
    case dismissed(UInt64)
    /// Answers to an inquiry of this worker, or its end.
    case answered(InquiryReport)
    /// An event of another worker for the handlers of this one.
    case serverEvent(ServerEvent)
    /// What the clients of the other workers use of limits that all workers share: of all of them together what is open
    /// at present, and of one of them what it has used since its last report.
    case usedElsewhere(SharedUse)
}

/// The result of storing a message.
public enum StoreResult: Sendable, Equatable {
    /// The message, or an earlier copy of it, is committed. `id` belongs to the first copy.
    case committed(id: Int64)
    /// The message is not stored. The client may send it again.
    case failed
    /// The message is not stored, because the database has reached its allowed size. The client may send it again.
    case full
}
