/// The version of a connection's protocol (RESP protocol specification).
package enum RedisProtocolVersion: Int, Sendable {
    /// Published messages arrive as arrays, and a subscribed connection accepts few commands.
    case resp2 = 2
    /// Published messages arrive as pushes (Redis 6 and later).
    case resp3 = 3
}
