/// The application's function that finds out who a client is.
enum IdentityCheck: Sendable {
    case immediate(@Sendable (Handshake) throws -> ClientIdentity)
    case asynchronous(@Sendable (Handshake) async throws -> ClientIdentity)
}

extension ConnectionHandling {
    /// Sets the function that finds out who each client is. It runs at every CONNECT, before the client's claim to an
    /// earlier session: a client can resume only a session of the same ``ClientIdentity/id``, and a claim by another
    /// client leaves the session alone. Then follow the checks of `use`, which read ``Socket/identity``.
    /// - Parameter check: Throws to reject the client, which receives `connect_error`, as in `use`. The rejected
    ///   client's kept session stays for a later claim. ``IdentityUnavailable`` makes the client reconnect instead.
    public func identify(_ check: @escaping @Sendable (Handshake) throws -> ClientIdentity) {
        handlerRegistry.change { $0.identity = .immediate(check) }
    }

    /// Sets an asynchronous function that finds out who each client is, such as a request to another service.
    /// - Parameter check: Throws to reject the client, as in the synchronous `identify`. It must have a time limit.
    public func identify(_ check: @escaping @Sendable (Handshake) async throws -> ClientIdentity) {
        handlerRegistry.change { $0.identity = .asynchronous(check) }
    }
}
