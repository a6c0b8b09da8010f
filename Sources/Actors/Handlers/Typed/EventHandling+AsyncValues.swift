/// Asynchronous handlers with the event's arguments as Swift values. The rules for arguments, results and errors are
/// those of the synchronous forms. The socket's next handler starts after this one has returned, unless `concurrently`
/// is true; see ``on(_:concurrently:_:)``.
extension EventHandling {
    /// Adds an asynchronous handler of events without arguments.
    @discardableResult
    public func on(
        _ event: String, concurrently: Bool = false,
        _ handler: @escaping @Sendable (isolated Socket) async throws -> Void
    ) -> HandlerToken {
        add(event, concurrently: concurrently) { socket, _ in
            try await handler(socket)
            return []
        }
    }

    /// Adds an asynchronous handler of events without arguments, whose result is the acknowledgement.
    @discardableResult
    public func on<Result: Encodable & Sendable>(
        _ event: String, concurrently: Bool = false,
        _ handler: @escaping @Sendable (isolated Socket) async throws -> Result
    ) -> HandlerToken {
        add(event, concurrently: concurrently) { socket, _ in
            return try Arguments(encoding: await handler(socket), coding: socket.coding)
        }
    }

    /// Adds an asynchronous handler of events with one argument.
    @discardableResult
    public func on<First: Decodable & Sendable>(
        _ event: String, concurrently: Bool = false,
        _ handler: @escaping @Sendable (isolated Socket, First) async throws -> Void
    ) -> HandlerToken {
        add(event, concurrently: concurrently) { socket, arguments in
            var arguments = arguments
            let first = try arguments.next(First.self)
            try await handler(socket, first)
            return []
        }
    }

    /// Adds an asynchronous handler of events with one argument, whose result is the acknowledgement.
    @discardableResult
    public func on<First: Decodable & Sendable, Result: Encodable & Sendable>(
        _ event: String, concurrently: Bool = false,
        _ handler: @escaping @Sendable (isolated Socket, First) async throws -> Result
    ) -> HandlerToken {
        add(event, concurrently: concurrently) { socket, arguments in
            var arguments = arguments
            let first = try arguments.next(First.self)
            return try Arguments(encoding: await handler(socket, first), coding: socket.coding)
        }
    }

    /// Adds an asynchronous handler of events with two arguments.
    @discardableResult
    public func on<First: Decodable & Sendable, Second: Decodable & Sendable>(
        _ event: String, concurrently: Bool = false,
        _ handler: @escaping @Sendable (isolated Socket, First, Second) async throws -> Void
    ) -> HandlerToken {
        add(event, concurrently: concurrently) { socket, arguments in
            var arguments = arguments
            let first = try arguments.next(First.self)
            let second = try arguments.next(Second.self)
            try await handler(socket, first, second)
            return []
        }
    }

    /// Adds an asynchronous handler of events with two arguments, whose result is the acknowledgement.
    @discardableResult
    public func on<First: Decodable & Sendable, Second: Decodable & Sendable, Result: Encodable & Sendable>(
        _ event: String, concurrently: Bool = false,
        _ handler: @escaping @Sendable (isolated Socket, First, Second) async throws -> Result
    ) -> HandlerToken {
        add(event, concurrently: concurrently) { socket, arguments in
            var arguments = arguments
            let first = try arguments.next(First.self)
            let second = try arguments.next(Second.self)
            return try Arguments(encoding: await handler(socket, first, second), coding: socket.coding)
        }
    }

    /// Adds an asynchronous handler of events with three arguments.
    @discardableResult
    public func on<First: Decodable & Sendable, Second: Decodable & Sendable, Third: Decodable & Sendable>(
        _ event: String, concurrently: Bool = false,
        _ handler: @escaping @Sendable (isolated Socket, First, Second, Third) async throws -> Void
    ) -> HandlerToken {
        add(event, concurrently: concurrently) { socket, arguments in
            var arguments = arguments
            let first = try arguments.next(First.self)
            let second = try arguments.next(Second.self)
            let third = try arguments.next(Third.self)
            try await handler(socket, first, second, third)
            return []
        }
    }

    /// Adds an asynchronous handler of events with three arguments, whose result is the acknowledgement.
    @discardableResult
    public func on<
        First: Decodable & Sendable, Second: Decodable & Sendable, Third: Decodable & Sendable,
        Result: Encodable & Sendable
    >(
        _ event: String, concurrently: Bool = false,
        _ handler: @escaping @Sendable (isolated Socket, First, Second, Third) async throws -> Result
    ) -> HandlerToken {
        add(event, concurrently: concurrently) { socket, arguments in
            var arguments = arguments
            let first = try arguments.next(First.self)
            let second = try arguments.next(Second.self)
            let third = try arguments.next(Third.self)
            return try Arguments(encoding: await handler(socket, first, second, third), coding: socket.coding)
        }
    }

    /// Adds a handler that decodes the event's arguments and returns the acknowledgement.
    func add(
        _ event: String, as role: HandlerEntry<Event>.Role = .handler, concurrently: Bool,
        _ body: @escaping @Sendable (isolated Socket, ArgumentReader) async throws -> Arguments
    ) -> HandlerToken {
        let handler: @Sendable (isolated Socket, Event) async throws -> Arguments? = { socket, event in
            do {
                return try await body(socket, ArgumentReader(event.arguments, socket.coding))
            } catch {
                event.refuse(error)
                throw error
            }
        }
        return add(concurrently ? .concurrent(handler) : .asynchronous(handler), of: event, as: role)
    }
}
