/// An object that takes handlers of clients' events: a ``Namespace`` for all its sockets, or a ``Socket`` for itself.
///
/// Handlers run in the socket's isolation, on the server's loop. For each event, the catch-all handlers of the
/// namespace run first, then those of the socket, the socket's middleware (`Socket.use`), and the handlers of the
/// event's name, again the namespace's before the socket's. Within a group they run in the order in which they were
/// added. If a handler throws, the error is reported to the server, and the next handler runs. An event without
/// handlers is ignored. A change of the handlers takes effect with the next event.
///
/// Each handler starts after the previous one of its socket has returned, even if that one is suspended, except after a
/// handler that was added with `concurrently`. At most 64 concurrent handlers of a socket run at once. Above that, the
/// socket's events wait, and when 256 events or 1 MiB wait, the server stops reading from the client.
///
/// Code that a handler awaits, including plain actors and nonisolated functions, runs on the server's loop too, unless
/// it has its own executor. Run long work, such as hashing a password, in
/// `withTaskExecutorPreference(globalConcurrentExecutor) { }`; otherwise it blocks all clients of the worker.
///
/// A client's disconnection does not cancel the tasks of its handlers. Closing the server cancels the tasks of all
/// handlers and of middleware, except those of disconnect handlers.
public protocol EventHandling: Sendable {
    /// The storage of the handlers.
    var handlerRegistry: HandlerRegistry { get }
}

extension EventHandling {
    // MARK: Events with one name

    /// Adds a handler of the events with this name.
    /// - Parameters:
    ///   - event: The event's name. A reserved name, such as `disconnect`, is a programming error and traps.
    ///   - handler: The handler.
    /// - Returns: The token with which ``off(_:)-(HandlerToken)`` removes the handler.
    @discardableResult
    public func on(
        _ event: String, _ handler: @escaping @Sendable (isolated Socket, Event) throws -> Void
    ) -> HandlerToken {
        add(SocketHandler(handler), of: event)
    }

    /// Adds an asynchronous handler of the events with this name.
    /// - Parameters:
    ///   - event: The event's name. A reserved name traps.
    ///   - concurrently: True to start the socket's next handler without waiting for this one.
    ///   - handler: The handler.
    /// - Returns: The token with which ``off(_:)-(HandlerToken)`` removes the handler.
    @discardableResult
    public func on(
        _ event: String, concurrently: Bool = false,
        _ handler: @escaping @Sendable (isolated Socket, Event) async throws -> Void
    ) -> HandlerToken {
        add(SocketHandler(concurrently: concurrently, handler), of: event)
    }

    /// Adds a handler of the next event with this name. In a namespace that is the next event from any socket of this
    /// worker. See `on`.
    @discardableResult
    public func once(
        _ event: String, _ handler: @escaping @Sendable (isolated Socket, Event) throws -> Void
    ) -> HandlerToken {
        add(SocketHandler(handler), of: event, as: .once)
    }

    /// Adds an asynchronous handler of the next event with this name. See `on`.
    @discardableResult
    public func once(
        _ event: String, concurrently: Bool = false,
        _ handler: @escaping @Sendable (isolated Socket, Event) async throws -> Void
    ) -> HandlerToken {
        add(SocketHandler(concurrently: concurrently, handler), of: event, as: .once)
    }

    /// Adds a handler of the events with one name, in the form in which all handlers are stored.
    func add(
        _ handler: SocketHandler<Event>, of event: String, as role: HandlerEntry<Event>.Role = .handler
    ) -> HandlerToken {
        handlerRegistry.requireAllowed(event)
        return handlerRegistry.add(handler, to: \.[event: event], as: role)
    }

    /// Removes the handlers of the events with this name.
    public func off(_ event: String) {
        handlerRegistry.change { $0[event: event] = [] }
    }

    /// Removes the handlers of all event names. Catch-all handlers and those of connections and disconnections remain.
    public func off() {
        handlerRegistry.change { $0.removeEvents() }
    }

    /// Removes one handler, whichever method has added it.
    /// - Parameter token: The result of that method.
    public func off(_ token: HandlerToken) {
        handlerRegistry.change { $0.remove(token) }
    }

    /// The names of the events with handlers, sorted.
    public var eventNames: [String] { handlerRegistry.snapshot.table.eventNames.sorted() }

    /// The number of handlers of the events with this name, without catch-all handlers.
    public func handlerCount(of event: String) -> Int { handlerRegistry.snapshot.table[event: event].count }
}
