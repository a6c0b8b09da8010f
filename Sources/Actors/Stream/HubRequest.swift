import Persistence
import Transport

/// What a worker asks of the hub.
public enum HubRequest: Sendable {
    /// A socket has connected to a namespace.
    case register(Registration)
    /// A socket is gone. Its session can be claimed for a while when it is kept.
    case unregister(SessionKey, isKept: Bool)
    /// A client says that it had a session before. Answered by ``HubEvent/claimed(_:_:)``.
    case claim(Claim)
    /// What the application remembers of a socket.
    case setData(SessionKey, JSONText)
    case join(SessionKey, room: String)
    case leave(SessionKey, room: String)
    /// An event for the sockets of some rooms. Answered by ``HubEvent/emitted(_:credit:)``.
    case emit(Broadcast, sender: SessionKey?)
    /// A message for the store. Its result comes back as ``HubEvent/stored(_:_:credit:)``, for each socket in the order of
    /// its requests.
    case store(SessionKey, MessageDraft)
    /// A socket is about to catch up with the stored messages: from the answer on, the worker gets every one.
    case subscribe(SessionKey)

    /// The bytes of credit that a request uses beside those of its content.
    private static let fixedCost = 256

    /// The bytes of its worker's credit that the request uses until it is answered; 0 when it makes the hub no work that
    /// could pile up.
    public var cost: Int {
        switch self {
        case .store(_, let draft): draft.content.count + Self.fixedCost
        case .emit(let broadcast, _): broadcast.event.byteCount + Self.fixedCost
        default: 0
        }
    }
}

/// A socket that connects with a new session.
public struct Registration: Sendable, Equatable {
    public let key: SessionKey
    public let namespace: String
    /// The client's secret, by which it may claim the session later.
    public let privateID: SessionID
    /// The id of the stored message after which the client starts; nil for the last one that is published.
    public let startRow: Int64?

    public init(key: SessionKey, namespace: String, privateID: SessionID, startRow: Int64?) {
        self.key = key
        self.namespace = namespace
        self.privateID = privateID
        self.startRow = startRow
    }
}

/// A session and its owner: requests with an owner epoch that is no longer the session's are dropped.
public struct SessionKey: Sendable, Hashable {
    public let id: SessionID
    public let ownerEpoch: UInt32

    public init(id: SessionID, ownerEpoch: UInt32 = 0) {
        self.id = id
        self.ownerEpoch = ownerEpoch
    }
}
