import Actors

/// Handlers of the server's events. They answer the server's calls: a handler's result is the acknowledgement.
///
/// They run on the server's thread, so they must not wait. An event with a handler is not kept for `expect`. A new
/// handler of a name replaces the earlier one. If an argument has a wrong type or the handler throws, the server gets
/// no answer, and the next ``TestError`` names the cause.
extension TestSocket {
    /// Sets the handler of an event with its arguments as received.
    /// - Parameters:
    ///   - event: The event's name.
    ///   - handler: Returns the acknowledgement; nil for no answer.
    public func onRaw(_ event: String, _ handler: @escaping @Sendable (Arguments) throws -> Arguments?) {
        state.withLock { $0.handlers[event] = handler }
    }

    /// Removes the handler of an event. Its events are then kept for `expect`.
    public func off(_ event: String) {
        state.withLock { $0.handlers[event] = nil }
    }

    /// Sets the handler of an event without arguments.
    public func on<Result: Encodable & Sendable>(_ event: String, _ handler: @escaping @Sendable () throws -> Result) {
        onRaw(event) { _ in try Arguments(encoding: handler()) }
    }

    /// Sets the handler of an event with one argument.
    public func on<First: Decodable & Sendable, Result: Encodable & Sendable>(
        _ event: String, _ handler: @escaping @Sendable (First) throws -> Result
    ) {
        onRaw(event) { try Arguments(encoding: handler($0.decode(First.self))) }
    }

    /// Sets the handler of an event with two arguments.
    public func on<First: Decodable & Sendable, Second: Decodable & Sendable, Result: Encodable & Sendable>(
        _ event: String, _ handler: @escaping @Sendable (First, Second) throws -> Result
    ) {
        onRaw(event) { arguments in
            let (first, second) = try arguments.decode(First.self, Second.self)
            return try Arguments(encoding: handler(first, second))
        }
    }

    /// Sets the handler of an event with three arguments.
    public func on<
        First: Decodable & Sendable, Second: Decodable & Sendable, Third: Decodable & Sendable,
        Result: Encodable & Sendable
    >(
        _ event: String, _ handler: @escaping @Sendable (First, Second, Third) throws -> Result
    ) {
        onRaw(event) { arguments in
            let (first, second, third) = try arguments.decode(First.self, Second.self, Third.self)
            return try Arguments(encoding: handler(first, second, third))
        }
    }
}

/// Handlers of the server's events that answer without a value.
extension TestSocket {
    /// Sets the handler of an event without arguments.
    public func on(_ event: String, _ handler: @escaping @Sendable () throws -> Void) {
        onRaw(event) { _ in
            try handler()
            return []
        }
    }

    /// Sets the handler of an event with one argument.
    public func on<First: Decodable & Sendable>(_ event: String, _ handler: @escaping @Sendable (First) throws -> Void)
    {
        onRaw(event) { arguments in
            try handler(arguments.decode(First.self))
            return []
        }
    }

    /// Sets the handler of an event with two arguments.
    public func on<First: Decodable & Sendable, Second: Decodable & Sendable>(
        _ event: String, _ handler: @escaping @Sendable (First, Second) throws -> Void
    ) {
        onRaw(event) { arguments in
            let (first, second) = try arguments.decode(First.self, Second.self)
            try handler(first, second)
            return []
        }
    }

    /// Sets the handler of an event with three arguments.
    public func on<First: Decodable & Sendable, Second: Decodable & Sendable, Third: Decodable & Sendable>(
        _ event: String, _ handler: @escaping @Sendable (First, Second, Third) throws -> Void
    ) {
        onRaw(event) { arguments in
            let (first, second, third) = try arguments.decode(First.self, Second.self, Third.self)
            try handler(first, second, third)
            return []
        }
    }
}
