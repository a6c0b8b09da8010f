/// A message that somebody has published.
package struct RedisMessage: Equatable, Sendable {
    /// The subscription that matched.
    package let subscription: RedisSubscription
    package let channel: [UInt8]
    /// The pattern that matched; nil unless the subscription is one to a pattern.
    package let pattern: [UInt8]?
    package let payload: [UInt8]

    package init(subscription: RedisSubscription, channel: [UInt8], pattern: [UInt8]? = nil, payload: [UInt8]) {
        self.subscription = subscription
        self.channel = channel
        self.pattern = pattern
        self.payload = payload
    }
}
