import Actors

/// The channels of one namespace in the format of an official adapter, and this host's id in it.
struct RedisNamespace {
    let name: String
    let dialect: any RedisDialect
    /// The channel of messages between servers like this one.
    private let own: String
    /// The channel of messages of this host for itself; nil if it needs none.
    private let loopback: String?
    /// The number of this host's latest message in the namespace.
    private var lastSent: Int?
    /// The numbers of other hosts' latest messages in the namespace.
    private var lastSeen: [String: Int] = [:]

    /// - Parameter random: 64 random bits.
    init(_ name: String, _ pubSub: RedisPubSub = .classic, prefix: String, random: UInt64) {
        self.name = name
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
        let number = Int(clamping: message.number)
        if case .roomMarker = message.message, let loopback {
            // Other hosts do not get it, so it is not one that they can miss.
            return (loopback, ClassicMarker(EventStamp(node: node, number: number, row: nil)).encoded)
        }
        let stamp = EventStamp(
            node: node, number: number, previous: lastSent, row: message.row.map { Int(clamping: $0) })
        lastSent = number
        return dialect.encode(message.message, stamp) ?? (own, ClassicMarker(stamp).encoded)
    }

    /// The channel and the payload of a marker that tells the number of this host's latest message again. After a new
    /// connection, hosts that have lost it learn that before the next message. Nil if there was no message.
    func encodeLatest(node: String) -> (channel: String, payload: [UInt8])? {
        lastSent.map { latest in
            (own, ClassicMarker(EventStamp(node: node, number: latest, previous: latest, row: nil)).encoded)
        }
    }

    /// What the stamp of another host's message means.
    enum Sighting {
        /// The message follows the previous one of its host.
        case next
        /// It is the first message of its host since the connection began.
        case first
        /// Messages of its host are lost.
        case gap
    }

    /// The number of hosts whose numbers are remembered. Beyond it all are forgotten, and learnt again.
    static let maxHosts = 1000

    /// Notes a message of another host.
    mutating func see(_ stamp: EventStamp) -> Sighting {
        let last = lastSeen[stamp.node]
        if last == nil, lastSeen.count >= Self.maxHosts { lastSeen = [:] }
        lastSeen[stamp.node] = max(last ?? 0, stamp.number)
        guard let last else { return .first }
        return stamp.previous.map { $0 > last } ?? false ? .gap : .next
    }

    /// Forgets the messages of other hosts, of which some may be lost.
    mutating func forgetOthers() {
        lastSeen = [:]
    }

    /// Decodes a payload.
    /// - Returns: nil for one that is not for this host.
    /// - Throws: ``FormatError`` if it is malformed or exceeds a limit.
    func decode(_ payload: [UInt8], from channel: String) throws(FormatError) -> RedisContent? {
        guard channel.isIdentical(to: own) || loopback.map({ channel.isIdentical(to: $0) }) ?? false else {
            return try dialect.decode(payload, from: channel)
        }
        return .message(.marker(namespace: name), try ClassicMarker(payload).stamp)
    }
}
