/// Handlers of disconnections. They run after the handlers of the events that arrived before, and may be asynchronous.
/// They can read the socket's rooms and broadcast to them, but the socket itself receives nothing any more. They do not
/// wait for concurrent handlers.
extension EventHandling {
    /// Adds a handler of sockets that disconnect. All of these handlers run before those of `onDisconnect`.
    @discardableResult
    public func onDisconnecting(
        _ handler: @escaping @Sendable (isolated Socket, DisconnectReason) throws -> Void
    ) -> HandlerToken {
        handlerRegistry.add(SocketHandler(handler), to: \.disconnecting)
    }

    /// Adds an asynchronous handler of sockets that disconnect.
    @discardableResult
    public func onDisconnecting(
        _ handler: @escaping @Sendable (isolated Socket, DisconnectReason) async throws -> Void
    ) -> HandlerToken {
        handlerRegistry.add(SocketHandler(concurrently: false, handler), to: \.disconnecting)
    }

    /// Adds a handler of disconnected sockets.
    @discardableResult
    public func onDisconnect(
        _ handler: @escaping @Sendable (isolated Socket, DisconnectReason) throws -> Void
    ) -> HandlerToken {
        handlerRegistry.add(SocketHandler(handler), to: \.disconnect)
    }

    /// Adds an asynchronous handler of disconnected sockets.
    @discardableResult
    public func onDisconnect(
        _ handler: @escaping @Sendable (isolated Socket, DisconnectReason) async throws -> Void
    ) -> HandlerToken {
        handlerRegistry.add(SocketHandler(concurrently: false, handler), to: \.disconnect)
    }
}
