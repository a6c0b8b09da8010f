/// Handlers with the event's arguments as Swift values.
///
/// The arguments are decoded in order; further ones are ignored. An absent argument or null is nil for an Optional
/// parameter. If the client expects an acknowledgement, it receives the handler's result, or an acknowledgement without
/// arguments if there is none. If an argument has a wrong type or the handler throws, the client receives
/// `{"error": MESSAGE}` with the message of a ``ClientError``, or `internal server error` for any other error, and the
/// error is reported to the server.
extension EventHandling {
    /// Adds a handler of events without arguments.
    @discardableResult
    public func on(
        _ event: String, _ handler: @escaping @Sendable (isolated Socket) throws -> Void
    ) -> HandlerToken {
        add(event) { socket, _ in
            try handler(socket)
            return []
        }
    }

    /// Adds a handler of events without arguments, whose result is the acknowledgement.
    @discardableResult
    public func on<Result: Encodable & Sendable>(
        _ event: String, _ handler: @escaping @Sendable (isolated Socket) throws -> Result
    ) -> HandlerToken {
        add(event) { socket, _ in
            return try Arguments(encoding: handler(socket), coding: socket.coding)
        }
    }

    /// Adds a handler of events with one argument.
    @discardableResult
    public func on<First: Decodable & Sendable>(
        _ event: String, _ handler: @escaping @Sendable (isolated Socket, First) throws -> Void
    ) -> HandlerToken {
        add(event) { socket, arguments in
            var arguments = arguments
            let first = try arguments.next(First.self)
            try handler(socket, first)
            return []
        }
    }

    /// Adds a handler of events with one argument, whose result is the acknowledgement.
    @discardableResult
    public func on<First: Decodable & Sendable, Result: Encodable & Sendable>(
        _ event: String, _ handler: @escaping @Sendable (isolated Socket, First) throws -> Result
    ) -> HandlerToken {
        add(event) { socket, arguments in
            var arguments = arguments
            let first = try arguments.next(First.self)
            return try Arguments(encoding: handler(socket, first), coding: socket.coding)
        }
    }

    /// Adds a handler of events with two arguments.
    @discardableResult
    public func on<First: Decodable & Sendable, Second: Decodable & Sendable>(
        _ event: String, _ handler: @escaping @Sendable (isolated Socket, First, Second) throws -> Void
    ) -> HandlerToken {
        add(event) { socket, arguments in
            var arguments = arguments
            let first = try arguments.next(First.self)
            let second = try arguments.next(Second.self)
            try handler(socket, first, second)
            return []
        }
    }

    /// Adds a handler of events with two arguments, whose result is the acknowledgement.
    @discardableResult
    public func on<First: Decodable & Sendable, Second: Decodable & Sendable, Result: Encodable & Sendable>(
        _ event: String, _ handler: @escaping @Sendable (isolated Socket, First, Second) throws -> Result
    ) -> HandlerToken {
        add(event) { socket, arguments in
            var arguments = arguments
            let first = try arguments.next(First.self)
            let second = try arguments.next(Second.self)
            return try Arguments(encoding: handler(socket, first, second), coding: socket.coding)
        }
    }

    /// Adds a handler of events with three arguments.
    @discardableResult
    public func on<First: Decodable & Sendable, Second: Decodable & Sendable, Third: Decodable & Sendable>(
        _ event: String, _ handler: @escaping @Sendable (isolated Socket, First, Second, Third) throws -> Void
    ) -> HandlerToken {
        add(event) { socket, arguments in
            var arguments = arguments
            let first = try arguments.next(First.self)
            let second = try arguments.next(Second.self)
            let third = try arguments.next(Third.self)
            try handler(socket, first, second, third)
            return []
        }
    }

    /// Adds a handler of events with three arguments, whose result is the acknowledgement.
    @discardableResult
    public func on<
        First: Decodable & Sendable, Second: Decodable & Sendable, Third: Decodable & Sendable,
        Result: Encodable & Sendable
    >(
        _ event: String, _ handler: @escaping @Sendable (isolated Socket, First, Second, Third) throws -> Result
    ) -> HandlerToken {
        add(event) { socket, arguments in
            var arguments = arguments
            let first = try arguments.next(First.self)
            let second = try arguments.next(Second.self)
            let third = try arguments.next(Third.self)
            return try Arguments(encoding: handler(socket, first, second, third), coding: socket.coding)
        }
    }

    /// Adds a handler that decodes the event's arguments and returns the acknowledgement.
    func add(
        _ event: String, as role: HandlerEntry<Event>.Role = .handler,
        _ body: @escaping @Sendable (isolated Socket, ArgumentReader) throws -> Arguments
    ) -> HandlerToken {
        let handler: @Sendable (isolated Socket, Event) throws -> Arguments? = { socket, event in
            do {
                return try body(socket, ArgumentReader(event.arguments, socket.coding))
            } catch {
                event.refuse(error)
                throw error
            }
        }
        return add(.synchronous(handler), of: event, as: role)
    }
}
