/// Asynchronous handlers of the next event with a name, with its arguments as Swift values. The rules are those of
/// ``on(_:concurrently:_:)``.
extension EventHandling {
    /// Adds an asynchronous handler of the next event, without arguments.
    @discardableResult
    public func once(
        _ event: String, concurrently: Bool = false,
        _ handler: @escaping @Sendable (isolated Socket) async throws -> Void
    ) -> HandlerToken {
        add(event, as: .once, concurrently: concurrently) { socket, _ in
            try await handler(socket)
            return []
        }
    }

    /// Adds an asynchronous handler of the next event, without arguments, whose result is the acknowledgement.
    @discardableResult
    public func once<Result: Encodable & Sendable>(
        _ event: String, concurrently: Bool = false,
        _ handler: @escaping @Sendable (isolated Socket) async throws -> Result
    ) -> HandlerToken {
        add(event, as: .once, concurrently: concurrently) { socket, _ in
            return try Arguments(encoding: await handler(socket), coding: socket.coding)
        }
    }

    /// Adds an asynchronous handler of the next event, with one argument.
    @discardableResult
    public func once<First: Decodable & Sendable>(
        _ event: String, concurrently: Bool = false,
        _ handler: @escaping @Sendable (isolated Socket, First) async throws -> Void
    ) -> HandlerToken {
        add(event, as: .once, concurrently: concurrently) { socket, arguments in
            var arguments = arguments
            let first = try arguments.next(First.self)
            try await handler(socket, first)
            return []
        }
    }

    /// Adds an asynchronous handler of the next event, with one argument, whose result is the acknowledgement.
    @discardableResult
    public func once<First: Decodable & Sendable, Result: Encodable & Sendable>(
        _ event: String, concurrently: Bool = false,
        _ handler: @escaping @Sendable (isolated Socket, First) async throws -> Result
    ) -> HandlerToken {
        add(event, as: .once, concurrently: concurrently) { socket, arguments in
            var arguments = arguments
            let first = try arguments.next(First.self)
            return try Arguments(encoding: await handler(socket, first), coding: socket.coding)
        }
    }

    /// Adds an asynchronous handler of the next event, with two arguments.
    @discardableResult
    public func once<First: Decodable & Sendable, Second: Decodable & Sendable>(
        _ event: String, concurrently: Bool = false,
        _ handler: @escaping @Sendable (isolated Socket, First, Second) async throws -> Void
    ) -> HandlerToken {
        add(event, as: .once, concurrently: concurrently) { socket, arguments in
            var arguments = arguments
            let first = try arguments.next(First.self)
            let second = try arguments.next(Second.self)
            try await handler(socket, first, second)
            return []
        }
    }

    /// Adds an asynchronous handler of the next event, with two arguments, whose result is the acknowledgement.
    @discardableResult
    public func once<First: Decodable & Sendable, Second: Decodable & Sendable, Result: Encodable & Sendable>(
        _ event: String, concurrently: Bool = false,
        _ handler: @escaping @Sendable (isolated Socket, First, Second) async throws -> Result
    ) -> HandlerToken {
        add(event, as: .once, concurrently: concurrently) { socket, arguments in
            var arguments = arguments
            let first = try arguments.next(First.self)
            let second = try arguments.next(Second.self)
            return try Arguments(encoding: await handler(socket, first, second), coding: socket.coding)
        }
    }

    /// Adds an asynchronous handler of the next event, with three arguments.
    @discardableResult
    public func once<First: Decodable & Sendable, Second: Decodable & Sendable, Third: Decodable & Sendable>(
        _ event: String, concurrently: Bool = false,
        _ handler: @escaping @Sendable (isolated Socket, First, Second, Third) async throws -> Void
    ) -> HandlerToken {
        add(event, as: .once, concurrently: concurrently) { socket, arguments in
            var arguments = arguments
            let first = try arguments.next(First.self)
            let second = try arguments.next(Second.self)
            let third = try arguments.next(Third.self)
            try await handler(socket, first, second, third)
            return []
        }
    }

    /// Adds an asynchronous handler of the next event, with three arguments, whose result is the acknowledgement.
    @discardableResult
    public func once<
        First: Decodable & Sendable, Second: Decodable & Sendable, Third: Decodable & Sendable,
        Result: Encodable & Sendable
    >(
        _ event: String, concurrently: Bool = false,
        _ handler: @escaping @Sendable (isolated Socket, First, Second, Third) async throws -> Result
    ) -> HandlerToken {
        add(event, as: .once, concurrently: concurrently) { socket, arguments in
            var arguments = arguments
            let first = try arguments.next(First.self)
            let second = try arguments.next(Second.self)
            let third = try arguments.next(Third.self)
            return try Arguments(encoding: await handler(socket, first, second, third), coding: socket.coding)
        }
    }
}
