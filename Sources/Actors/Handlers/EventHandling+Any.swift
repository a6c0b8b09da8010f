/// Catch-all handlers. They run before the handlers of an event's name.
extension EventHandling {
    /// Adds a handler of all events.
    /// - Returns: The token with which ``off(_:)-(HandlerToken)`` removes the handler.
    @discardableResult
    public func onAny(_ handler: @escaping @Sendable (isolated Socket, Event) throws -> Void) -> HandlerToken {
        handlerRegistry.add(SocketHandler(handler), to: \.any)
    }

    /// Adds an asynchronous handler of all events. See `on`.
    @discardableResult
    public func onAny(
        concurrently: Bool = false, _ handler: @escaping @Sendable (isolated Socket, Event) async throws -> Void
    ) -> HandlerToken {
        handlerRegistry.add(SocketHandler(concurrently: concurrently, handler), to: \.any)
    }

    /// Adds a handler of all events that runs before the existing ones. See ``onAny(_:)``.
    @discardableResult
    public func prependAny(_ handler: @escaping @Sendable (isolated Socket, Event) throws -> Void) -> HandlerToken {
        handlerRegistry.add(SocketHandler(handler), to: \.any, isFirst: true)
    }

    /// Adds an asynchronous handler of all events that runs before the existing ones. See ``onAny(concurrently:_:)``.
    @discardableResult
    public func prependAny(
        concurrently: Bool = false, _ handler: @escaping @Sendable (isolated Socket, Event) async throws -> Void
    ) -> HandlerToken {
        handlerRegistry.add(SocketHandler(concurrently: concurrently, handler), to: \.any, isFirst: true)
    }

    /// Removes the catch-all handlers. Remove a single one with ``off(_:)-(HandlerToken)``.
    public func offAny() {
        handlerRegistry.change { $0.any = [] }
    }

    /// The number of catch-all handlers.
    public var anyHandlerCount: Int { handlerRegistry.snapshot.table.any.count }
}
