import Actors

/// A message between servers in the format of the sharded Redis, Redis Streams and PostgreSQL adapters (the class
/// `ClusterAdapter` of socket.io-adapter 2.5).
package struct ClusterMessage: Sendable, Equatable {
    /// What the message says. Each request has an id, which its answers repeat.
    package enum Content: Sendable, Equatable {
        /// The first message of a node. Every other node answers with a heartbeat.
        case initialHeartbeat
        /// The node is still there.
        case heartbeat
        /// The node is gone.
        case close
        /// An event for clients. With a request id, each node answers with its number of clients, and with an
        /// acknowledgement of each.
        case broadcast(EventPacket, MessageTarget, requestID: String?)
        /// The sockets join these rooms.
        case join(MessageTarget, rooms: [String])
        /// The sockets leave these rooms.
        case leave(MessageTarget, rooms: [String])
        /// The sockets are disconnected from the namespace. If `close`, their connections are closed too.
        case disconnect(MessageTarget, close: Bool)
        /// Asks for descriptions of the sockets.
        case fetch(MessageTarget, requestID: String)
        /// The sockets of the answering node.
        case sockets([SocketDescription], requestID: String)
        /// An event for the handlers of the other servers. With a request id, each answers with one value.
        case serverEvent(ServerEvent, requestID: String?)
        /// The answer of a server's handler.
        case serverAnswer(MixedValue, requestID: String)
        /// The number of the answering node's clients that receive a broadcast.
        case clientCount(Int, requestID: String)
        /// The first argument of a client's acknowledgement.
        case acknowledgement(MixedValue, requestID: String)
    }

    /// The id that emitters, which are no nodes, have in place of a node's.
    package static let emitterID = "emitter"

    /// The id of the node that sends the message, in this namespace; ``emitterID`` for an emitter.
    package let uid: String
    /// The namespace, with its leading slash.
    package let namespace: String
    package let content: Content
    /// The place among the sender's messages, if the sender is a server like this one.
    package let stamp: EventStamp?
    /// The entry of a stream that the sender had added before; nil if it does not say.
    package let after: EntryID?

    /// Creates a message. The properties explain the parameters.
    package init(
        uid: String, namespace: String, content: Content, stamp: EventStamp? = nil, after: EntryID? = nil
    ) {
        self.after = after
        self.uid = uid
        self.namespace = namespace
        self.content = content
        self.stamp = stamp
    }

    /// False for an emitter, which must not be counted as a node.
    package var isFromNode: Bool { uid != Self.emitterID }

    /// True for an answer, which concerns only the node that made the request.
    package var isAnswer: Bool {
        switch content {
        case .sockets, .serverAnswer, .clientCount, .acknowledgement: true
        default: false
        }
    }
}
