/// An object that takes handlers of new clients: a ``Namespace``, or a ``SocketServer`` for its main namespace.
public protocol ConnectionHandling: EventHandling {}

extension ConnectionHandling {
    /// Adds a handler of new sockets. It runs before the handler of any event from the socket.
    @discardableResult
    public func onConnection(_ handler: @escaping @Sendable (isolated Socket) throws -> Void) -> HandlerToken {
        handlerRegistry.add(SocketHandler { socket, _ in try handler(socket) }, to: \.connection)
    }

    /// Adds an asynchronous handler of new sockets. The socket's events wait until the handler has returned.
    @discardableResult
    public func onConnection(_ handler: @escaping @Sendable (isolated Socket) async throws -> Void) -> HandlerToken {
        handlerRegistry.add(
            SocketHandler(concurrently: false) { socket, _ in try await handler(socket) }, to: \.connection)
    }

    /// Adds middleware. A socket must pass all checks, in the order in which they were added, before it connects with a
    /// new session. For a session that the client resumes, the checks run only if
    /// ``ServerOptions/skipsMiddlewareOnRecovery`` is false.
    /// - Parameter check: Throws to reject the client, which receives `connect_error`: for a ``ConnectError`` its
    ///   message and data; for any other error the message `internal server error`, and the error itself is reported to
    ///   the server. (Node sends the message of every error.)
    @discardableResult
    public func use(_ check: @escaping @Sendable (isolated Socket) throws -> Void) -> HandlerToken {
        handlerRegistry.add(SocketHandler { socket, _ in try check(socket) }, to: \.middleware)
    }

    /// Adds asynchronous middleware.
    /// - Parameter check: Throws to reject the client, as in the synchronous `use`.
    @discardableResult
    public func use(_ check: @escaping @Sendable (isolated Socket) async throws -> Void) -> HandlerToken {
        handlerRegistry.add(
            SocketHandler(concurrently: false) { socket, _ in try await check(socket) }, to: \.middleware)
    }

    /// Adds middleware that finds out who the client is. Its result becomes the socket's data.
    /// - Parameter check: Throws to reject the client, as in `use`.
    @discardableResult
    public func authenticate<Identity: Encodable & Sendable>(
        _ check: @escaping @Sendable (Handshake) async throws -> Identity
    ) -> HandlerToken {
        use { (socket: isolated Socket) async throws in
            try socket.setData(encoding: try await check(socket.handshake))
        }
    }
}
