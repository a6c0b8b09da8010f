import Transport

/// Operations on the sockets of the main namespace, on every worker unless stated otherwise.
extension SocketServer {
    /// The members of some rooms.
    /// - Parameter rooms: The rooms. An empty list addresses no socket.
    public func to(_ rooms: [String]) -> Audience {
        main.to(rooms)
    }

    /// All sockets except the members of some rooms.
    public func except(_ rooms: [String]) -> Audience {
        main.except(rooms)
    }

    /// The sockets of this worker only; see ``Audience/local``.
    public var local: Audience { main.local }

    /// All sockets, for a volatile event; see ``Audience/volatile``.
    public var volatile: Audience { main.volatile }

    /// The connected sockets of all workers; see ``Audience/fetchSockets(timeout:)``.
    public func fetchSockets(timeout: Duration = .seconds(5)) async throws -> [RemoteSocket] {
        try await main.fetchSockets(timeout: timeout)
    }

    /// Makes all sockets join rooms; see ``Audience/socketsJoin(_:)-(String...)``.
    public func socketsJoin(_ rooms: String...) {
        main.socketsJoin(rooms)
    }

    /// Makes all sockets leave rooms; see ``Audience/socketsLeave(_:)-(String...)``.
    public func socketsLeave(_ rooms: String...) {
        main.socketsLeave(rooms)
    }

    /// Disconnects all clients; see ``Audience/disconnectSockets(close:)``.
    /// - Parameter close: True to close the clients' connections too.
    public func disconnectSockets(close: Bool = false) {
        main.disconnectSockets(close: close)
    }

    /// The number of workers that are connected to the hub, including this one.
    /// - Parameter timeout: The maximum time to wait for the hub.
    /// - Throws: ``FetchError`` if the hub does not answer in time or the server is not running; `CancellationError` if
    ///   the task is cancelled.
    public func workerCount(timeout: Duration = .seconds(5)) async throws -> Int {
        guard let endpoint else { throw FetchError.closed }
        return try await endpoint.worker.countWorkers(timeout: timeout)
    }

    /// The path of the Engine.IO requests, as set in ``ServerOptions/engine``.
    public var path: String { options.engine.path }

    /// The number of open Engine.IO sessions of this worker (`engine.clientsCount`), including those that have joined
    /// no namespace; 0 before the server has started.
    public var clientsCount: Int {
        get async { await endpoint?.clientsCount ?? 0 }
    }
}
