/// Handlers of the next event with a name, with its arguments as Swift values. In a namespace that is the next event
/// from any socket of this worker. The rules for arguments, results and errors are those of the forms of `on`. An event
/// whose arguments are rejected counts as the next one.
extension EventHandling {
    /// Adds a handler of the next event, without arguments.
    @discardableResult
    public func once(
        _ event: String, _ handler: @escaping @Sendable (isolated Socket) throws -> Void
    ) -> HandlerToken {
        add(event, as: .once) { socket, _ in
            try handler(socket)
            return []
        }
    }

    /// Adds a handler of the next event, without arguments, whose result is the acknowledgement.
    @discardableResult
    public func once<Result: Encodable & Sendable>(
        _ event: String, _ handler: @escaping @Sendable (isolated Socket) throws -> Result
    ) -> HandlerToken {
        add(event, as: .once) { socket, _ in
            return try Arguments(encoding: handler(socket), coding: socket.coding)
        }
    }

    /// Adds a handler of the next event, with one argument.
    @discardableResult
    public func once<First: Decodable & Sendable>(
        _ event: String, _ handler: @escaping @Sendable (isolated Socket, First) throws -> Void
    ) -> HandlerToken {
        add(event, as: .once) { socket, arguments in
            var arguments = arguments
            let first = try arguments.next(First.self)
            try handler(socket, first)
            return []
        }
    }

    /// Adds a handler of the next event, with one argument, whose result is the acknowledgement.
    @discardableResult
    public func once<First: Decodable & Sendable, Result: Encodable & Sendable>(
        _ event: String, _ handler: @escaping @Sendable (isolated Socket, First) throws -> Result
    ) -> HandlerToken {
        add(event, as: .once) { socket, arguments in
            var arguments = arguments
            let first = try arguments.next(First.self)
            return try Arguments(encoding: handler(socket, first), coding: socket.coding)
        }
    }

    /// Adds a handler of the next event, with two arguments.
    @discardableResult
    public func once<First: Decodable & Sendable, Second: Decodable & Sendable>(
        _ event: String, _ handler: @escaping @Sendable (isolated Socket, First, Second) throws -> Void
    ) -> HandlerToken {
        add(event, as: .once) { socket, arguments in
            var arguments = arguments
            let first = try arguments.next(First.self)
            let second = try arguments.next(Second.self)
            try handler(socket, first, second)
            return []
        }
    }

    /// Adds a handler of the next event, with two arguments, whose result is the acknowledgement.
    @discardableResult
    public func once<First: Decodable & Sendable, Second: Decodable & Sendable, Result: Encodable & Sendable>(
        _ event: String, _ handler: @escaping @Sendable (isolated Socket, First, Second) throws -> Result
    ) -> HandlerToken {
        add(event, as: .once) { socket, arguments in
            var arguments = arguments
            let first = try arguments.next(First.self)
            let second = try arguments.next(Second.self)
            return try Arguments(encoding: handler(socket, first, second), coding: socket.coding)
        }
    }

    /// Adds a handler of the next event, with three arguments.
    @discardableResult
    public func once<First: Decodable & Sendable, Second: Decodable & Sendable, Third: Decodable & Sendable>(
        _ event: String, _ handler: @escaping @Sendable (isolated Socket, First, Second, Third) throws -> Void
    ) -> HandlerToken {
        add(event, as: .once) { socket, arguments in
            var arguments = arguments
            let first = try arguments.next(First.self)
            let second = try arguments.next(Second.self)
            let third = try arguments.next(Third.self)
            try handler(socket, first, second, third)
            return []
        }
    }

    /// Adds a handler of the next event, with three arguments, whose result is the acknowledgement.
    @discardableResult
    public func once<
        First: Decodable & Sendable, Second: Decodable & Sendable, Third: Decodable & Sendable,
        Result: Encodable & Sendable
    >(
        _ event: String, _ handler: @escaping @Sendable (isolated Socket, First, Second, Third) throws -> Result
    ) -> HandlerToken {
        add(event, as: .once) { socket, arguments in
            var arguments = arguments
            let first = try arguments.next(First.self)
            let second = try arguments.next(Second.self)
            let third = try arguments.next(Third.self)
            return try Arguments(encoding: handler(socket, first, second, third), coding: socket.coding)
        }
    }
}
