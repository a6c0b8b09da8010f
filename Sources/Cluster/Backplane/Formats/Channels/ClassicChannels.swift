/// The channels of a namespace in the Redis adapter 8.3 with PUBLISH.
package struct ClassicChannels: Sendable {
    /// The meaning of a channel.
    package enum Place: Sendable, Equatable {
        /// Broadcasts; in the channel of a room, only those for this room.
        case broadcasts(room: String?)
        case requests
        /// Answers; in the channel of a node, only those for this node.
        case answers(uid: String?)
        /// Messages that only servers like this one send.
        case own
    }

    /// The channel of broadcasts.
    package let broadcasts: String
    /// The channel of requests. A server subscribes to it exactly once, because others count the subscriptions.
    package let requests: String
    /// The channel of answers for all nodes.
    package let answers: String
    /// The channel of messages between servers like this one. No official pattern matches it.
    package let own: String

    /// - Parameters:
    ///   - prefix: The option `key` of the official adapter.
    ///   - namespace: The namespace, with its leading slash.
    package init(prefix: String = "socket.io", namespace: String) {
        broadcasts = "\(prefix)#\(namespace)#"
        requests = "\(prefix)-request#\(namespace)#"
        answers = "\(prefix)-response#\(namespace)#"
        own = ChannelName.own(prefix: prefix, namespace: namespace)
    }
}

extension ClassicChannels {
    /// The pattern for PSUBSCRIBE of all channels of broadcasts. Unlike in the official adapter, special characters in
    /// the name of the namespace stand for themselves.
    package var pattern: String {
        let special: [Unicode.Scalar] = ["*", "?", "[", "\\"]
        var pattern = String.UnicodeScalarView()
        for scalar in broadcasts.unicodeScalars {
            if special.contains(scalar) { pattern.append("\\") }
            pattern.append(scalar)
        }
        return String(pattern) + "*"
    }

    /// The channel of a broadcast: the one of its room if it has exactly one.
    package func broadcasts(for target: MessageTarget) -> String {
        guard target.rooms.count == 1, let room = target.rooms.first else { return broadcasts }
        return "\(broadcasts)\(room)#"
    }

    /// The channel of answers for one node.
    package func answers(for uid: String) -> String { "\(answers)\(uid)#" }

    /// The meaning of a channel in this namespace; nil if it belongs to another one. The name of another namespace may
    /// begin like this one's and a room's, so a broadcast has its namespace too.
    package func place(of channel: String) -> Place? {
        if channel.isIdentical(to: broadcasts) { return .broadcasts(room: nil) }
        if channel.isIdentical(to: requests) { return .requests }
        if channel.isIdentical(to: answers) { return .answers(uid: nil) }
        if channel.isIdentical(to: own) { return .own }
        if let room = channel.after(broadcasts)?.before("#") { return .broadcasts(room: room) }
        if let uid = channel.after(answers)?.before("#") { return .answers(uid: uid) }
        return nil
    }
}
