import Persistence
import Transport

/// What a worker asks of the hub.
public enum Operation: Sendable {
    /// A socket has connected to a namespace.
    case register(Registration)
    /// A socket is gone. Its session can be claimed for a while when it is kept.
    case unregister(SessionKey, isKept: Bool)
    /// A client says that it had a session before. Answered by ``StreamItem/claimed(_:_:)``.
    case claim(Claim)
    /// What the application remembers of a socket.
    case setData(SessionKey, JSONText)
    case join(SessionKey, room: String)
    case leave(SessionKey, room: String)
    /// An event for the sockets of some rooms. Answered by ``StreamItem/emitted(_:credit:)``.
    case emit(Broadcast, sender: SessionKey?)
    /// A message for the store. Its result comes back as ``StreamItem/stored(_:_:credit:)``, for each socket in the order of
    /// its requests.
    case store(SessionKey, MessageDraft)
    /// A socket is about to catch up with the stored messages: from the answer on, the worker gets every one.
    case subscribe(SessionKey)

    /// What an operation takes of its worker's credit beside its bytes.
    private static let fixedCost = 256

    /// What the operation takes of its worker's credit until it is answered, in bytes; 0 when it makes the hub no work that
    /// could pile up.
    public var cost: Int {
        switch self {
        case .store(_, let draft): draft.content.count + Self.fixedCost
        case .emit(let broadcast, _): broadcast.event.byteCount + Self.fixedCost
        default: 0
        }
    }
}

/// A socket that connects without a session of before.
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

/// A client's wish to go on with a session.
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

/// Who a session belongs to: operations with an owner epoch that is no longer the session's are dropped.
public struct SessionKey: Sendable, Hashable {
    public let id: SessionID
    public let ownerEpoch: UInt32

    public init(id: SessionID, ownerEpoch: UInt32 = 0) {
        self.id = id
        self.ownerEpoch = ownerEpoch
    }
}

/// An event and whom it is for.
public struct Broadcast: Sendable, Equatable {
    public let namespace: String
    /// The rooms whose members get it; none: everyone in the namespace. A socket's id is the name of its own room.
    public let rooms: [String]
    /// The rooms whose members do not get it.
    public let exceptions: [String]
    public let event: EncodedEvent
    /// Whether a client that cannot take it now may miss it.
    public let isVolatile: Bool

    public init(
        namespace: String, rooms: [String], exceptions: [String], event: EncodedEvent, isVolatile: Bool
    ) {
        self.namespace = namespace
        self.rooms = rooms
        self.exceptions = exceptions
        self.event = event
        self.isVolatile = isVolatile
    }

    /// Whether `other` is for the same sockets.
    func hasAudience(of other: Broadcast) -> Bool {
        namespace == other.namespace && rooms == other.rooms && exceptions == other.exceptions
            && isVolatile == other.isVolatile
    }
}

/// An event as Socket.IO text, with the binary messages that follow it.
public struct EncodedEvent: Sendable, Equatable {
    /// The packet with the Engine.IO type in front, such as `42["chat message","hi"]`.
    public let text: [UInt8]
    public let attachments: [[UInt8]]

    /// The size of all of it.
    public var byteCount: Int { attachments.reduce(text.count) { $0 + $1.count } }

    public init(text: [UInt8], attachments: [[UInt8]] = []) {
        self.text = text
        self.attachments = attachments
    }
}
