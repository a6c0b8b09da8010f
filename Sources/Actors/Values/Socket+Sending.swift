/// `send` is a short form of emitting an event with the name `message`.
extension Socket {
    /// Sends an event with the name `message` to this client.
    public func send(_ arguments: Arguments) {
        emit("message", arguments)
    }

    /// Sends an event with the name `message` and Swift values as arguments to this client.
    /// - Throws: `EncodingError` if a value cannot be sent.
    public func send<First: Encodable, each Rest: Encodable>(_ first: First, _ rest: repeat each Rest) throws {
        try emit("message", first, repeat each rest)
    }
}
