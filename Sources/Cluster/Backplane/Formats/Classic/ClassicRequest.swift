import Actors

/// A request in the format of the Redis adapter 8.3 with PUBLISH, and of its emitter.
package struct ClassicRequest: Sendable, Equatable {
    /// What the request asks for. Some requests have an id, which the answers repeat.
    package enum Content: Sendable, Equatable {
        /// Asks for the ids of the sockets in any of the rooms, in an earlier form.
        case socketIDs(rooms: [String], requestID: String)
        /// Asks for the names of all rooms.
        case allRooms(requestID: String)
        /// The sockets join these rooms, also those of the sender.
        case join(MessageTarget, rooms: [String])
        /// The sockets leave these rooms, also those of the sender.
        case leave(MessageTarget, rooms: [String])
        /// The sockets are disconnected from the namespace, also those of the sender. If `close`, their connections are
        /// closed too.
        case disconnect(MessageTarget, close: Bool)
        /// One socket joins a room, in an earlier form with an answer.
        case joinOne(socket: String, room: String, requestID: String)
        /// One socket leaves a room, in an earlier form with an answer.
        case leaveOne(socket: String, room: String, requestID: String)
        /// One socket is disconnected, in an earlier form with an answer.
        case disconnectOne(socket: String, close: Bool, requestID: String)
        /// Asks for descriptions of the sockets.
        case fetch(MessageTarget, requestID: String)
        /// An event for the handlers of the other servers. With a request id, each answers with one value.
        case serverEvent(ServerEvent, requestID: String?)
        /// An event for clients. Each node answers with its number of clients, and with an acknowledgement of each.
        case broadcast(EventPacket, MessageTarget, requestID: String)
    }

    /// The id of the node that sends the request, in this namespace; nil in some requests of an emitter.
    package let uid: String?
    package let content: Content
    /// The place among the sender's messages, if the sender is a server like this one.
    package let stamp: EventStamp?

    /// Creates a request. The properties explain the parameters.
    package init(uid: String?, content: Content, stamp: EventStamp? = nil) {
        self.uid = uid
        self.content = content
        self.stamp = stamp
    }

    /// False for an emitter, which must not be counted as a node.
    package var isFromNode: Bool { uid != nil && uid != ClusterMessage.emitterID }
}
