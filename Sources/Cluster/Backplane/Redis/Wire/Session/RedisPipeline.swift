/// The commands whose answers have not arrived. A server answers in the order of the commands.
struct RedisPipeline {
    enum Expectation: Equatable {
        case value
        /// The answer to PING, which has a form of its own if the connection is subscribed.
        case pong
        /// A confirmation for each of the channels, of which so many have arrived.
        case confirmations(RedisSubscriptionChange, [[UInt8]], confirmed: Int)
    }

    /// What a confirmation is for the oldest open command.
    enum Confirmation {
        /// It belongs to no command.
        case unrelated
        case expected
        /// The last one that the command expects.
        case last
    }

    /// The open commands are those from `start` on.
    private var expectations: [Expectation] = []
    private var start = 0
    /// The number of the oldest open command, or of the next one.
    private var oldest: UInt64 = 0

    var count: Int { expectations.count - start }

    /// What the oldest open command expects.
    var first: Expectation? { start < expectations.count ? expectations[start] : nil }

    /// Adds a command.
    /// - Returns: its number. They count from 0.
    mutating func append(_ expectation: Expectation) -> UInt64 {
        expectations.append(expectation)
        return oldest + UInt64(count - 1)
    }

    /// Removes the oldest command, which there is.
    /// - Returns: its number.
    mutating func removeFirst() -> UInt64 {
        // Release the channels.
        expectations[start] = .value
        start += 1
        if start == expectations.count {
            expectations.removeAll(keepingCapacity: true)
            start = 0
        } else if start > 64, start > expectations.count / 2 {
            expectations.removeFirst(start)
            start = 0
        }
        defer { oldest += 1 }
        return oldest
    }

    /// Notes a confirmation, if it is the one that the oldest command expects next.
    mutating func confirm(_ change: RedisSubscriptionChange, _ channel: [UInt8]) -> Confirmation {
        guard case .confirmations(change, let channels, let confirmed)? = first, channels[confirmed] == channel else {
            return .unrelated
        }
        expectations[start] = .confirmations(change, channels, confirmed: confirmed + 1)
        return confirmed + 1 == channels.count ? .last : .expected
    }
}
