import Transport

extension SocketServer {
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
