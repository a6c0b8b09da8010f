/// Handlers of the events that other workers send with ``Broadcasting/serverSideEmit(_:_:)``. They run on the server's
/// loop.
///
/// The rules for arguments are those of the handlers of clients' events: they are decoded in order, and an absent
/// argument or null is nil for an Optional parameter. The result is the answer to
/// ``Broadcasting/callServers(_:_:timeout:)``. If the event has several handlers, all of them run, and the first one
/// that returns or throws gives the answer. An error is reported to this server, and its description is the answer.
extension ConnectionHandling {
    /// Adds a handler of other workers' events that takes and returns arguments as they are sent.
    /// - Returns: The token with which ``EventHandling/off(_:)-(HandlerToken)`` removes the handler.
    @discardableResult
    public func onServerSide(
        _ event: String, _ handler: @escaping @Sendable (Arguments) throws -> Arguments
    ) -> HandlerToken {
        addServerHandler(of: event) { arguments, _ in try handler(arguments.arguments) }
    }

    /// Adds a handler of other workers' events without arguments.
    @discardableResult
    public func onServerSide(_ event: String, _ handler: @escaping @Sendable () throws -> Void) -> HandlerToken {
        addServerHandler(of: event) { _, _ in
            try handler()
            return []
        }
    }

    /// Adds a handler of other workers' events without arguments, whose result is the answer.
    @discardableResult
    public func onServerSide<Result: Encodable & Sendable>(
        _ event: String, _ handler: @escaping @Sendable () throws -> Result
    ) -> HandlerToken {
        addServerHandler(of: event) { _, coding in try Arguments(encoding: handler(), coding: coding) }
    }

    /// Adds a handler of other workers' events with one argument.
    @discardableResult
    public func onServerSide<First: Decodable & Sendable>(
        _ event: String, _ handler: @escaping @Sendable (First) throws -> Void
    ) -> HandlerToken {
        addServerHandler(of: event) { arguments, _ in
            var arguments = arguments
            try handler(try arguments.next(First.self))
            return []
        }
    }

    /// Adds a handler of other workers' events with one argument, whose result is the answer.
    @discardableResult
    public func onServerSide<First: Decodable & Sendable, Result: Encodable & Sendable>(
        _ event: String, _ handler: @escaping @Sendable (First) throws -> Result
    ) -> HandlerToken {
        addServerHandler(of: event) { arguments, coding in
            var arguments = arguments
            return try Arguments(encoding: handler(try arguments.next(First.self)), coding: coding)
        }
    }

    /// Adds a handler of other workers' events with two arguments.
    @discardableResult
    public func onServerSide<First: Decodable & Sendable, Second: Decodable & Sendable>(
        _ event: String, _ handler: @escaping @Sendable (First, Second) throws -> Void
    ) -> HandlerToken {
        addServerHandler(of: event) { arguments, _ in
            var arguments = arguments
            try handler(try arguments.next(First.self), try arguments.next(Second.self))
            return []
        }
    }

    /// Adds a handler of other workers' events with two arguments, whose result is the answer.
    @discardableResult
    public func onServerSide<First: Decodable & Sendable, Second: Decodable & Sendable, Result: Encodable & Sendable>(
        _ event: String, _ handler: @escaping @Sendable (First, Second) throws -> Result
    ) -> HandlerToken {
        addServerHandler(of: event) { arguments, coding in
            var arguments = arguments
            let result = try handler(try arguments.next(First.self), try arguments.next(Second.self))
            return try Arguments(encoding: result, coding: coding)
        }
    }

    /// Adds a handler of other workers' events with three arguments.
    @discardableResult
    public func onServerSide<First: Decodable & Sendable, Second: Decodable & Sendable, Third: Decodable & Sendable>(
        _ event: String, _ handler: @escaping @Sendable (First, Second, Third) throws -> Void
    ) -> HandlerToken {
        addServerHandler(of: event) { arguments, _ in
            var arguments = arguments
            try handler(
                try arguments.next(First.self), try arguments.next(Second.self), try arguments.next(Third.self))
            return []
        }
    }

    /// Adds a handler of other workers' events with three arguments, whose result is the answer.
    @discardableResult
    public func onServerSide<
        First: Decodable & Sendable, Second: Decodable & Sendable, Third: Decodable & Sendable,
        Result: Encodable & Sendable
    >(
        _ event: String, _ handler: @escaping @Sendable (First, Second, Third) throws -> Result
    ) -> HandlerToken {
        addServerHandler(of: event) { arguments, coding in
            var arguments = arguments
            let result = try handler(
                try arguments.next(First.self), try arguments.next(Second.self), try arguments.next(Third.self))
            return try Arguments(encoding: result, coding: coding)
        }
    }

    /// Removes the handlers of other workers' events with this name.
    public func offServerSide(_ event: String) {
        handlerRegistry.change { $0.serverEvents[event] = nil }
    }

    private func addServerHandler(
        of event: String, _ body: @escaping @Sendable (ArgumentReader, ValueCoding) throws -> Arguments
    ) -> HandlerToken {
        handlerRegistry.add(.synchronous(body), ofServerEvent: event)
    }
}
