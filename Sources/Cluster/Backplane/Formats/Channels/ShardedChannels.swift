/// The channels of a namespace in the sharded Redis adapter 8.3, and those of the messages that the Redis Streams
/// adapter 0.3 publishes.
package struct ShardedChannels: Sendable {
    /// Which rooms have channels of their own (the option `subscriptionMode`).
    package enum Mode: String, Sendable {
        /// No rooms.
        case `static`
        /// Rooms whose names are not as long as the ids of sockets.
        case dynamic
        /// All rooms.
        case dynamicPrivate = "dynamic-private"
    }

    /// The meaning of a channel.
    package enum Place: Sendable, Equatable {
        /// Messages for all nodes.
        case all
        /// Broadcasts for one room.
        case room(String)
        /// Answers for this node.
        case answers
        /// Messages that only servers like this one send.
        case own
    }

    /// The channel of messages for all nodes. A server subscribes to it exactly once, because others count the
    /// subscriptions.
    package let all: String
    /// The channel of messages between servers like this one. No official server subscribes to it.
    package let own: String
    private let mode: Mode

    /// - Parameters:
    ///   - prefix: The option `channelPrefix` of the official adapter.
    ///   - namespace: The namespace, with its leading slash.
    ///   - mode: Which rooms have channels. All servers must have the same mode.
    package init(prefix: String = "socket.io", namespace: String, mode: Mode = .dynamic) {
        all = "\(prefix)#\(namespace)#"
        own = ChannelName.own(prefix: prefix, namespace: namespace)
        self.mode = mode
    }

    /// The channel of answers for one node.
    package func answers(for uid: String) -> String { "\(all)\(uid)#" }

    /// The channel of a room; nil if the room has none.
    package func channel(ofRoom room: String) -> String? {
        let hasChannel =
            switch mode {
            case .static: false
            // JavaScript counts UTF-16 code units. An id has 20.
            case .dynamic: room.utf16.count != 20
            case .dynamicPrivate: true
            }
        return hasChannel ? "\(all)\(room)#" : nil
    }

    /// The channel of a message: of an answer, the one of the asking node; of a broadcast without acknowledgements for
    /// exactly one room, the one of the room.
    /// - Parameter asker: The id of the node that an answer is for.
    package func channel(of message: ClusterMessage, asker: String? = nil) -> String {
        if message.isAnswer, let asker { return answers(for: asker) }
        guard case .broadcast(_, let target, requestID: nil) = message.content, target.rooms.count == 1,
            let room = target.rooms.first
        else { return all }
        return channel(ofRoom: room) ?? all
    }

    /// The meaning of a channel in this namespace; nil if it belongs to another one.
    /// - Parameter uid: The id of this node.
    package func place(of channel: String, uid: String) -> Place? {
        if channel.isIdentical(to: all) { return .all }
        if channel.isIdentical(to: own) { return .own }
        guard let name = channel.after(all)?.before("#") else { return nil }
        return name.isIdentical(to: uid) ? .answers : .room(name)
    }
}
