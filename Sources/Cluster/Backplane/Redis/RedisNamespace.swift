import Actors

/// The channels of one namespace in the format of an official adapter, and this host's id in it.
struct RedisNamespace {
    let name: String
    let dialect: any RedisDialect
    /// The channel of messages between servers like this one.
    private let own: String
    /// The channel of messages of this host for itself; nil if it needs none.
    private let loopback: String?
    var numbers = EventNumbers()
    /// The last entry of a stream before the first one whose message is delivered; nil if all were that the host has
    /// read.
    let openedAt: EntryID?

    /// - Parameters:
    ///   - openedAt: the last entry that the host has read of a stream.
    ///   - random: 64 random bits.
    init(
        _ name: String, _ pubSub: RedisPubSub = .classic, prefix: String, openedAt: EntryID? = nil, random: UInt64
    ) {
        self.name = name
        self.openedAt = openedAt
        dialect = pubSub.dialect(of: name, prefix: prefix, random: random)
        own = ChannelName.own(prefix: prefix, namespace: name)
        loopback = pubSub.hasRoomChannels ? "\(own)\(dialect.uid)#" : nil
    }

    /// The id of this host among the nodes of the namespace.
    var uid: String { dialect.uid }

    /// The channels to subscribe to; the pattern of the dialect is another subscription.
    var exact: [String] { dialect.channels + [own] + [loopback].compactMap { $0 } }

    /// The channel and the payload of a message. One that cannot be sent becomes a marker, so that it comes back.
    /// - Parameters:
    ///   - node: the id of this host in all namespaces.
    ///   - message: a message of this namespace.
    mutating func encode(_ message: OutgoingMessage, node: String) -> (channel: String, payload: [UInt8]) {
        if case .roomMarker = message.message, let loopback {
            // Other hosts do not get it, so it is not one that they can miss.
            let stamp = EventStamp(node: node, number: Int(clamping: message.number), row: nil)
            return (loopback, Marker(stamp).encoded)
        }
        let stamp = numbers.stamp(message, node: node)
        if case .host(let message) = message.message { return (own, message.encoded(stamp)) }
        return dialect.encode(message.message, stamp) ?? (own, Marker(stamp).encoded)
    }

    /// The fields of a message in a stream.
    mutating func encodeEntry(_ message: OutgoingMessage, node: String) -> [[UInt8]] {
        let stamp = numbers.stamp(message, node: node)
        if case .host(let message) = message.message {
            return StreamEntry.ownFields(message.encoded(stamp), in: name, node: node)
        }
        guard let content = ClusterMessage.Content(message.message) else {
            return StreamEntry.ownFields(Marker(stamp).encoded, in: name, node: node)
        }
        return ClusterMessage(uid: uid, namespace: name, content: content, stamp: stamp).streamFields()
            .flatMap { [Array($0.name.utf8), $0.value] }
    }

    /// The marker with the number of this host's latest message on earlier connections; nil if there was none.
    func latestBefore(node: String) -> RedisPublication? {
        numbers.latestBefore(node: node).map { RedisPublication(channel: own, payload: $0.encoded) }
    }

    /// Decodes a payload.
    /// - Returns: nil for one that is not for this host.
    /// - Throws: ``FormatError`` if it is malformed or exceeds a limit.
    func decode(_ payload: [UInt8], from channel: String) throws(FormatError) -> RedisContent? {
        guard channel.isIdentical(to: own) || loopback.map({ channel.isIdentical(to: $0) }) ?? false else {
            return try dialect.decode(payload, from: channel)
        }
        let marker = try Marker(payload, namespace: name)
        return .message(marker.message.map { .host($0) } ?? .marker(namespace: name), marker.stamp)
    }
}
