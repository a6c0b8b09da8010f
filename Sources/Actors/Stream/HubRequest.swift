import Persistence
import Transport

/// A request from a worker to the hub.
///
/// Later versions may have more requests. An adapter of your own answers those that it does not know with ``refusal``.
public enum HubRequest: Sendable {
    /// A socket has connected to a namespace.
    case register(Registration)
    /// A socket is gone. If `isKept`, its session can be claimed for a limited time.
    case unregister(SessionKey, isKept: Bool)
    /// A client asks to resume an earlier session. Answered by ``HubEvent/claimed(_:_:)``.
    case claim(Claim)
    /// The application's data for a socket. Answered by ``HubEvent/dataRecorded(_:)``.
    case setData(SessionKey, JSONText)
    /// The socket joins a room. Answered by ``HubEvent/joined(_:room:)``.
    case join(SessionKey, room: String)
    /// The socket leaves a room. Answered by ``HubEvent/left(_:room:)``.
    case leave(SessionKey, room: String)
    /// An event to broadcast. Answered by ``HubEvent/emitted(_:credit:)``.
    case emit(Broadcast, sender: SessionKey?)
    /// A message for the store. Answered by ``HubEvent/stored(_:_:credit:)``, for each socket in request order.
    case store(SessionKey, MessageDraft)
    /// A socket starts to catch up with the stored messages. Answered by
    /// ``HubEvent/subscribed(_:lastPublished:highest:)``, after which the stream carries every new message.
    case subscribe(SessionKey)
    /// A change of the selected sockets of all workers, connected or lost. Answered by
    /// ``HubEvent/carriedOut(_:credit:)``.
    case change(SocketSelection, SocketChange, sender: SessionKey?)
    /// A request for descriptions of sockets of all workers. Answered by ``HubEvent/fetched(_:_:_:credit:)``.
    case fetch(SocketFetch, sender: SessionKey?)
    /// Asks for the number of attached workers. Answered like a fetch with this number.
    case countWorkers(UInt64)
    /// An event that asks for answers. Answered by ``HubEvent/emitted(_:credit:)`` without a key once the hub has
    /// ordered or dropped the event, and by ``HubEvent/answered(_:)`` until the inquiry ends.
    case inquire(Inquiry, sender: SessionKey?)
    /// The worker does not wait for further answers to its inquiry with this number.
    case dismiss(UInt64)
    /// Answers to an inquiry that this worker received. Ignored if the inquiry has ended.
    case answer(InquiryReport)
    /// An event for the handlers of every other worker. Answered by ``HubEvent/emitted(_:credit:)`` without a key.
    case emitToServers(ServerEvent)
    /// The worker has a namespace, and takes the messages of servers on other hosts there even without sockets in it.
    /// Not answered.
    case open(namespace: String)
    /// What the worker's clients use of limits that all workers share. Not answered, but the other workers get
    /// ``HubEvent/usedElsewhere(_:)``.
    case reportUse(SharedUse)

    /// The bytes of credit that a request uses in addition to the size of its content.
    private static let fixedCost = 256

    /// The bytes of the worker's credit that the request uses until its answer arrives; 0 for requests that the hub
    /// handles at once, and for claims, whose number the worker limits.
    public var cost: Int {
        switch self {
        case .store(_, let draft): draft.content.count + Self.fixedCost
        case .emit(let broadcast, _): broadcast.event.byteCount + Self.fixedCost
        case .change(let selection, let change, _): selection.byteCount + change.byteCount + Self.fixedCost
        case .fetch(let fetch, _): fetch.selection.byteCount + Self.fixedCost
        case .inquire(let inquiry, _): inquiry.target.byteCount + Self.fixedCost
        case .emitToServers(let event): event.byteCount + Self.fixedCost
        default: 0
        }
    }

    /// The size of a content that uses no credit, in bytes.
    var freeSize: Int {
        switch self {
        case .answer(let report): report.answers.reduce(0) { $0 + $1.byteCount }
        case .setData(_, let data): data.utf8.count
        case .reportUse(let use): use.byteCount
        default: 0
        }
    }

    /// The same request without a sender; nil for a request that only the owner of a session may make.
    var withoutSender: HubRequest? {
        switch self {
        case .emit(let broadcast, _): .emit(broadcast, sender: nil)
        case .change(let selection, let change, _): .change(selection, change, sender: nil)
        case .fetch(let fetch, _): .fetch(fetch, sender: nil)
        default: nil
        }
    }
}

/// The registration of a socket with a new session.
public struct Registration: Sendable, Equatable {
    /// The socket's id and the epoch of its owner.
    public let key: SessionKey
    /// The namespace, with its leading slash.
    public let namespace: String
    /// The group of a dynamic namespace; nil for another one. A broadcast to a group goes to all its namespaces.
    public let group: String?
    /// The secret with which the client may claim the session later.
    public let privateID: SessionID
    /// The id of the stored message after which the client starts; nil to start after the last published message.
    public let startRow: Int64?
    /// The offset that the client has from an earlier session, unparsed; nil without one. A client presents it again
    /// until it receives an event in the new session.
    public let earlierOffset: String?
    /// The time for which the client's identity is valid from now on; nil for ever. Then the session ends, also while
    /// it is kept for a lost client.
    public let lifetime: Duration?

    /// Creates a registration. The properties explain the parameters.
    public init(
        key: SessionKey, namespace: String, group: String? = nil, privateID: SessionID, startRow: Int64?,
        earlierOffset: String? = nil, lifetime: Duration? = nil
    ) {
        self.key = key
        self.namespace = namespace
        self.group = group
        self.privateID = privateID
        self.startRow = startRow
        self.earlierOffset = earlierOffset
        self.lifetime = lifetime
    }
}

/// Identifies a session and its owner. The hub drops requests with an outdated owner epoch.
public struct SessionKey: Sendable, Hashable {
    /// The id of the session, which is also that of its socket.
    public let id: SessionID
    /// The number of times that the session was claimed.
    public let ownerEpoch: UInt32

    /// Creates a key; a new session has the epoch 0.
    public init(id: SessionID, ownerEpoch: UInt32 = 0) {
        self.id = id
        self.ownerEpoch = ownerEpoch
    }
}
