/// The three kinds of subscription (Redis, "Pub/Sub").
package enum RedisSubscription: Sendable {
    /// To a channel.
    case channel
    /// To all channels whose names match a pattern.
    case pattern
    /// To a channel of sharded pub/sub, which the servers of one slot have (Redis 7 and later).
    case shard

    /// The command that begins a subscription.
    var subscribing: String {
        switch self {
        case .channel: "SUBSCRIBE"
        case .pattern: "PSUBSCRIBE"
        case .shard: "SSUBSCRIBE"
        }
    }

    /// The command that ends a subscription.
    var unsubscribing: String {
        switch self {
        case .channel: "UNSUBSCRIBE"
        case .pattern: "PUNSUBSCRIBE"
        case .shard: "SUNSUBSCRIBE"
        }
    }
}
