/// The beginning or end of a subscription.
enum RedisSubscriptionChange: Equatable {
    case begin(RedisSubscription)
    case end(RedisSubscription)

    var subscription: RedisSubscription {
        switch self {
        case .begin(let subscription), .end(let subscription): subscription
        }
    }

    /// The name of its command.
    var command: String {
        switch self {
        case .begin(let subscription): subscription.subscribing
        case .end(let subscription): subscription.unsubscribing
        }
    }
}
