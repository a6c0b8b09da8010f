extension Audience {
    /// Sends an event with Swift values as arguments, as ``emit(_:_:)`` does.
    /// - Throws: `EncodingError` if a value cannot be sent.
    public func emit<First: Encodable, each Rest: Encodable>(
        _ event: String, _ first: First, _ rest: repeat each Rest
    ) throws {
        let coding = worker?.options.coding ?? .standard
        emit(event, try Arguments(encoding: first, repeat each rest, coding: coding))
    }
}

extension Namespace {
    /// Sends an event with Swift values as arguments to all sockets in the namespace.
    /// - Throws: `EncodingError` if a value cannot be sent.
    public func emit<First: Encodable, each Rest: Encodable>(
        _ event: String, _ first: First, _ rest: repeat each Rest
    ) throws {
        try everyone.emit(event, first, repeat each rest)
    }
}
