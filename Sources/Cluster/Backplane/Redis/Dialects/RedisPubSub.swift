/// A form of pub/sub of a Redis server, with the format that the official adapter uses for it.
enum RedisPubSub: Equatable, Sendable {
    /// The commands of every version, and the Redis adapter 8.3.
    case classic
    /// Sharded pub/sub, and the sharded adapter 8.3.
    case sharded(ShardedChannels.Mode)
    /// The commands of every version, for what the Redis Streams adapter 0.3 does not add to the stream.
    case streams

    /// The version of Redis that introduced streams.
    private static let firstStreamsVersion = 5
    /// The version of Redis that introduced sharded pub/sub.
    private static let firstShardedVersion = 7

    /// The form that a URL asks for.
    init(_ url: RedisURL) {
        switch url.delivery {
        case .pubSub: self = .classic
        case .sharded: self = .sharded(url.mode)
        case .streams: self = .streams
        }
    }

    /// The format in one namespace.
    /// - Parameter uid: the id of the sender; nil for a new one.
    func dialect(of namespace: String, prefix: String, uid: String? = nil, random: UInt64) -> any RedisDialect {
        switch self {
        case .classic:
            ClassicDialect(
                ClassicChannels(prefix: prefix, namespace: namespace), of: namespace,
                uid: uid ?? ClassicRequest.makeID(random: random))
        case .sharded(let mode):
            ShardedDialect(
                ShardedChannels(prefix: prefix, namespace: namespace, mode: mode), of: namespace,
                uid: uid ?? ClusterMessage.makeID(random: random))
        case .streams:
            ShardedDialect(
                ShardedChannels(prefix: prefix, namespace: namespace, mode: .static), of: namespace,
                uid: uid ?? ClusterMessage.makeID(random: random), encoding: .ephemeral)
        }
    }

    /// True if official servers publish some events in channels of rooms, to which a server subscribes one by one.
    var hasRoomChannels: Bool {
        switch self {
        case .classic, .streams, .sharded(.static): false
        case .sharded(.dynamic), .sharded(.dynamicPrivate): true
        }
    }

    /// The channel of a room; nil if the room has none.
    func channel(of room: BackplaneRoom, prefix: String) -> String? {
        guard case .sharded(let mode) = self else { return nil }
        return ShardedChannels(prefix: prefix, namespace: room.namespace, mode: mode).channel(ofRoom: room.name)
    }

    /// The kind of subscription to a channel.
    var subscription: RedisSubscription {
        switch self {
        case .classic, .streams: .channel
        case .sharded: .shard
        }
    }

    /// Publishes a payload.
    func publish(_ payload: [UInt8], in channel: String) -> RedisCommand {
        let values = [Array(channel.utf8), payload]
        return switch self {
        case .classic, .streams: RedisCommand("PUBLISH", values: values)
        case .sharded: RedisCommand("SPUBLISH", values: values)
        }
    }

    /// Asks for the number of subscriptions to a channel.
    func count(_ channel: String) -> RedisCommand {
        let values = [Array(channel.utf8)]
        return switch self {
        case .classic, .streams: RedisCommand("PUBSUB", "NUMSUB", values: values)
        case .sharded: RedisCommand("PUBSUB", "SHARDNUMSUB", values: values)
        }
    }

    /// Why a server cannot be used; nil if it can.
    func refusal(of server: RedisServer) -> String? {
        if server.role == .replica { return "the server is a replica" }
        if server.mode == .sentinel { return "it is a Sentinel, so the URL needs the parameter sentinel=NAME" }
        // In a cluster, each server counts its own subscriptions only, and there is no order between servers.
        if server.mode == .cluster { return Self.clusterRefusal }
        guard let version = server.version, let number = Int(version.prefix { $0 != "." }), number < firstVersion else {
            return nil
        }
        return "\(scheme):// needs Redis \(firstVersion) or later, and the server has \(version)"
    }

    private var firstVersion: Int {
        switch self {
        case .classic: 0
        case .sharded: Self.firstShardedVersion
        case .streams: Self.firstStreamsVersion
        }
    }

    private var scheme: String {
        switch self {
        case .classic: RedisURL.Delivery.pubSub.rawValue
        case .sharded: RedisURL.Delivery.sharded.rawValue
        case .streams: RedisURL.Delivery.streams.rawValue
        }
    }

    private static let clusterRefusal = "the server is part of a Redis Cluster, which is not supported"

    /// Describes an error of the server for the operator.
    static func reason(of error: RedisError) -> String {
        switch error.kind {
        case .moved, .ask, .crossSlot: clusterRefusal
        default: "\(error)"
        }
    }
}
