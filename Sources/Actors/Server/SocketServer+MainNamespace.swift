/// The server's handlers and events are those of its main namespace.
extension SocketServer: ConnectionHandling {
    /// The main namespace.
    public var main: Namespace { of("/") }

    public var handlerRegistry: HandlerRegistry { main.handlerRegistry }

    /// The members of some rooms of the main namespace, on every worker.
    public func to(_ rooms: String...) -> Audience {
        main.everyone.to(rooms)
    }

    /// All sockets of the main namespace, except the members of some rooms.
    public func except(_ rooms: String...) -> Audience {
        main.everyone.except(rooms)
    }

    /// Sends an event to all sockets of the main namespace.
    public func emit(_ event: String, _ arguments: Arguments = []) {
        main.emit(event, arguments)
    }

    /// Sends an event with Swift values as arguments to all sockets of the main namespace.
    /// - Throws: `EncodingError` if a value cannot be sent.
    public func emit<First: Encodable, each Rest: Encodable>(
        _ event: String, _ first: First, _ rest: repeat each Rest
    ) throws {
        try main.emit(event, first, repeat each rest)
    }
}
