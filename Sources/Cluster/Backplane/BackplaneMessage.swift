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
    /// A message about sessions that clients claim at another host than before.
    case host(HostMessage)
}

/// A message for the broker.
public struct OutgoingMessage: Sendable, Equatable {
    /// The place among the messages of its host. The numbers have no gaps, so others notice lost messages.
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
