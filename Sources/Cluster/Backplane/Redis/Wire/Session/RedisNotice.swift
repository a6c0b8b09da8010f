/// What a server tells its subscribers (Redis, "Pub/Sub": "Format of pushed messages").
enum RedisNotice: Equatable {
    case message(RedisMessage)
    case change(RedisSubscriptionChange, channel: [UInt8], count: Int)
    /// The answer of version 2 to PING, if the connection is subscribed.
    case pong
    /// Something else, which clients must ignore in version 3.
    case unknown
    /// A notice without the form of its kind.
    case malformed(String)

    init(_ elements: [RESPValue]) {
        guard case .bulk(let name) = elements.first else {
            self = .unknown
            return
        }
        let kind = String(decoding: name, as: UTF8.self)
        self = Self.notice(kind, elements) ?? .malformed(kind)
    }

    /// - Returns: nil if the elements do not have the form of the kind.
    private static func notice(_ kind: String, _ elements: [RESPValue]) -> RedisNotice? {
        switch kind {
        case "message": message(.channel, elements)
        case "pmessage": patternMessage(elements)
        case "smessage": message(.shard, elements)
        case "subscribe": change(.begin(.channel), elements)
        case "psubscribe": change(.begin(.pattern), elements)
        case "ssubscribe": change(.begin(.shard), elements)
        case "unsubscribe": change(.end(.channel), elements)
        case "punsubscribe": change(.end(.pattern), elements)
        case "sunsubscribe": change(.end(.shard), elements)
        case "pong": .pong
        default: .unknown
        }
    }

    private static func message(_ subscription: RedisSubscription, _ elements: [RESPValue]) -> RedisNotice? {
        guard elements.count == 3, case .bulk(let channel) = elements[1], case .bulk(let payload) = elements[2] else {
            return nil
        }
        return .message(RedisMessage(subscription: subscription, channel: channel, payload: payload))
    }

    private static func patternMessage(_ elements: [RESPValue]) -> RedisNotice? {
        guard elements.count == 4, case .bulk(let pattern) = elements[1], case .bulk(let channel) = elements[2],
            case .bulk(let payload) = elements[3]
        else { return nil }
        return .message(
            RedisMessage(subscription: .pattern, channel: channel, pattern: pattern, payload: payload))
    }

    private static func change(_ change: RedisSubscriptionChange, _ elements: [RESPValue]) -> RedisNotice? {
        guard elements.count == 3, case .bulk(let channel) = elements[1], case .integer(let number) = elements[2],
            number >= 0, let count = Int(exactly: number)
        else { return nil }
        return .change(change, channel: channel, count: count)
    }
}
