import Actors

/// What one host tells all hosts of a cluster, itself included. Every host applies it at its place in the broker's
/// order.
public enum BackplaneMessage: Sendable, Equatable {
    /// An event for the sockets of all hosts.
    case event(Broadcast)
    /// A change of the selected sockets of all hosts.
    case change(SocketSelection, SocketChange)
    /// An event for the handlers of every worker except the one that sends it.
    case serverEvent(ServerEvent)
    /// Nothing. It comes back like the others, so its sender learns that the namespace's messages arrive, and which of
    /// its earlier messages are lost.
    case marker(namespace: String)
    /// Nothing. Only its sender receives it, when messages of other servers to the room arrive.
    case roomMarker(BackplaneRoom)
    /// A message about sessions that clients claim at another host than before.
    case host(HostMessage)
}

/// A room on all hosts.
public struct BackplaneRoom: Sendable, Hashable {
    /// The namespace, with its leading slash.
    public let namespace: String
    /// The name of the room.
    public let name: String

    /// Creates a description. The properties explain the parameters.
    public init(namespace: String, name: String) {
        self.namespace = namespace
        self.name = name
    }
}

extension BackplaneMessage {
    /// The namespace that the message belongs to.
    var namespace: String {
        switch self {
        case .event(let broadcast): broadcast.namespace
        case .change(let selection, _): selection.namespace
        case .serverEvent(let event): event.namespace
        case .marker(let namespace): namespace
        case .roomMarker(let room): room.namespace
        case .host(let message): message.namespace
        }
    }
}

/// A message for the broker.
public struct OutgoingMessage: Sendable, Equatable {
    /// The number of the message among those of its host. The numbers are consecutive, so other hosts notice when one
    /// is missing.
    public let number: UInt64
    /// The id of the last stored message that the host had published before; nil without a store.
    public let row: Int64?
    /// The message.
    public let message: BackplaneMessage

    /// Creates a message. The properties explain the parameters.
    public init(number: UInt64, row: Int64?, message: BackplaneMessage) {
        self.number = number
        self.row = row
        self.message = message
    }
}
