/// Asynchronous handlers of other workers' events. The rules for arguments, results and errors are those of the
/// synchronous forms.
///
/// Each handler is a task on the server's loop. Handlers do not wait for each other, so they may end in another order
/// than they began. At most 1024 run at once; an event above that is not handled, which is reported and is the answer.
extension ConnectionHandling {
    /// Adds an asynchronous handler of other workers' events that takes and returns arguments as they are sent.
    /// - Returns: The token with which ``EventHandling/off(_:)-(HandlerToken)`` removes the handler.
    @discardableResult
    public func onServerSide(
        _ event: String, _ handler: @escaping @Sendable (Arguments) async throws -> Arguments
    ) -> HandlerToken {
        addServerHandler(of: event) { arguments, _ in try await handler(arguments.arguments) }
    }

    /// Adds an asynchronous handler of other workers' events without arguments.
    @discardableResult
    public func onServerSide(
        _ event: String, _ handler: @escaping @Sendable () async throws -> Void
    ) -> HandlerToken {
        addServerHandler(of: event) { _, _ in
            try await handler()
            return []
        }
    }

    /// Adds an asynchronous handler of other workers' events without arguments, whose result is the answer.
    @discardableResult
    public func onServerSide<Result: Encodable & Sendable>(
        _ event: String, _ handler: @escaping @Sendable () async throws -> Result
    ) -> HandlerToken {
        addServerHandler(of: event) { _, coding in try Arguments(encoding: await handler(), coding: coding) }
    }

    /// Adds an asynchronous handler of other workers' events with one argument.
    @discardableResult
    public func onServerSide<First: Decodable & Sendable>(
        _ event: String, _ handler: @escaping @Sendable (First) async throws -> Void
    ) -> HandlerToken {
        addServerHandler(of: event) { arguments, _ in
            var arguments = arguments
            try await handler(try arguments.next(First.self))
            return []
        }
    }

    /// Adds an asynchronous handler of other workers' events with one argument, whose result is the answer.
    @discardableResult
    public func onServerSide<First: Decodable & Sendable, Result: Encodable & Sendable>(
        _ event: String, _ handler: @escaping @Sendable (First) async throws -> Result
    ) -> HandlerToken {
        addServerHandler(of: event) { arguments, coding in
            var arguments = arguments
            return try Arguments(encoding: await handler(try arguments.next(First.self)), coding: coding)
        }
    }

    /// Adds an asynchronous handler of other workers' events with two arguments.
    @discardableResult
    public func onServerSide<First: Decodable & Sendable, Second: Decodable & Sendable>(
        _ event: String, _ handler: @escaping @Sendable (First, Second) async throws -> Void
    ) -> HandlerToken {
        addServerHandler(of: event) { arguments, _ in
            var arguments = arguments
            try await handler(try arguments.next(First.self), try arguments.next(Second.self))
            return []
        }
    }

    /// Adds an asynchronous handler of other workers' events with two arguments, whose result is the answer.
    @discardableResult
    public func onServerSide<First: Decodable & Sendable, Second: Decodable & Sendable, Result: Encodable & Sendable>(
        _ event: String, _ handler: @escaping @Sendable (First, Second) async throws -> Result
    ) -> HandlerToken {
        addServerHandler(of: event) { arguments, coding in
            var arguments = arguments
            let result = try await handler(try arguments.next(First.self), try arguments.next(Second.self))
            return try Arguments(encoding: result, coding: coding)
        }
    }

    /// Adds an asynchronous handler of other workers' events with three arguments.
    @discardableResult
    public func onServerSide<First: Decodable & Sendable, Second: Decodable & Sendable, Third: Decodable & Sendable>(
        _ event: String, _ handler: @escaping @Sendable (First, Second, Third) async throws -> Void
    ) -> HandlerToken {
        addServerHandler(of: event) { arguments, _ in
            var arguments = arguments
            try await handler(
                try arguments.next(First.self), try arguments.next(Second.self), try arguments.next(Third.self))
            return []
        }
    }

    /// Adds an asynchronous handler of other workers' events with three arguments, whose result is the answer.
    @discardableResult
    public func onServerSide<
        First: Decodable & Sendable, Second: Decodable & Sendable, Third: Decodable & Sendable,
        Result: Encodable & Sendable
    >(
        _ event: String, _ handler: @escaping @Sendable (First, Second, Third) async throws -> Result
    ) -> HandlerToken {
        addServerHandler(of: event) { arguments, coding in
            var arguments = arguments
            let result = try await handler(
                try arguments.next(First.self), try arguments.next(Second.self), try arguments.next(Third.self))
            return try Arguments(encoding: result, coding: coding)
        }
    }

    private func addServerHandler(
        of event: String, _ body: @escaping @Sendable (ArgumentReader, ValueCoding) async throws -> Arguments
    ) -> HandlerToken {
        handlerRegistry.add(.asynchronous(body), ofServerEvent: event)
    }
}
