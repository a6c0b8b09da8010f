import Transport

/// Engine.IO in addition to the server's own (``ServerOptions/engine``).
extension SocketServer {
    /// Serves the server's namespaces also with other options, under another path: for example with other origins, or
    /// with other transports. It is the form of `server.bind(engine)`.
    /// - Parameter options: The options of the sessions, including the path.
    public func serveEngine(_ options: EngineOptions) {
        setUp { $0.serveEngine(options, makeHandler: nil) }
    }

    /// Serves bare Engine.IO sessions, without Socket.IO, under another path.
    /// - Parameters:
    ///   - options: The options of the sessions, including the path.
    ///   - makeHandler: Creates the handler of a new session; called on the loop. ``makeHandler(for:)`` is the one of
    ///     Socket.IO.
    public func serveEngine(
        _ options: EngineOptions, _ makeHandler: @escaping @Sendable (EngineSession) -> any EngineSessionHandler
    ) {
        setUp { $0.serveEngine(options, makeHandler: makeHandler) }
    }

    /// Serves the client of a new Engine.IO session: it can join the namespaces, as the clients of the server's own
    /// engine can. It is the form of `server.onconnection(engineSocket)`.
    /// - Parameter session: The session, which has received nothing yet.
    /// - Returns: The handler of the session.
    /// - Precondition: The server has started, and the session is on its loop, as those of
    ///   ``serveEngine(_:_:)`` are.
    public func makeHandler(for session: EngineSession) -> any EngineSessionHandler {
        guard let endpoint else { fatalError("the server has not started") }
        guard session.loop === endpoint.worker.loop else {
            fatalError("the session is on another loop than the server")
        }
        return endpoint.worker.connect(session)
    }
}

extension SocketServer {
    /// Shares the listening sockets with the servers of other processes. Called after the start and before
    /// ``listen(on:)``.
    package func share(_ handover: LoopBound<any ConnectionHandover>) async {
        await endpoint?.share(handover)
    }
}

extension Worker {
    /// Creates the connection of a new session, on the loop.
    nonisolated func connect(_ session: EngineSession) -> Connection {
        let connection = Connection(LoopBound(session, to: loop), worker: self)
        connection.assumeIsolated { $0.awaitConnect() }
        return connection
    }
}
