/// What precedes `://` in the URL of a Redis server.
struct RedisURLScheme {
    /// What it ends with if the server has a socket in the file system.
    private static let socketSuffix = "+unix"

    let delivery: RedisURL.Delivery
    /// True if the path is that of a socket.
    let isSocket: Bool

    init(_ delivery: RedisURL.Delivery, isSocket: Bool) {
        self.delivery = delivery
        self.isSocket = isSocket
    }

    init(_ text: String) throws(RedisURLError) {
        guard !text.hasPrefix("rediss") else { throw .encryption }
        isSocket = text.hasSuffix(Self.socketSuffix)
        let name = isSocket ? String(text.dropLast(Self.socketSuffix.count)) : text
        guard let delivery = RedisURL.Delivery(rawValue: name) else { throw .badScheme }
        self.delivery = delivery
    }
}

extension RedisURLScheme: CustomStringConvertible {
    var description: String { delivery.rawValue + (isSocket ? Self.socketSuffix : "") }
}
