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
