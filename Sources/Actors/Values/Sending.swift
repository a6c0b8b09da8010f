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

extension Namespace {
    /// Sends an event with the name `message` to all sockets in the namespace.
    public func send(_ arguments: Arguments) {
        emit("message", arguments)
    }

    /// Sends an event with the name `message` and Swift values as arguments to all sockets in the namespace.
    /// - Throws: `EncodingError` if a value cannot be sent.
    public func send<First: Encodable, each Rest: Encodable>(_ first: First, _ rest: repeat each Rest) throws {
        try emit("message", first, repeat each rest)
    }
}

extension SocketServer {
    /// Sends an event with the name `message` to all sockets of the main namespace.
    public func send(_ arguments: Arguments) {
        main.send(arguments)
    }

    /// Sends an event with the name `message` and Swift values as arguments to all sockets of the main namespace.
    /// - Throws: `EncodingError` if a value cannot be sent.
    public func send<First: Encodable, each Rest: Encodable>(_ first: First, _ rest: repeat each Rest) throws {
        try main.send(first, repeat each rest)
    }
}
