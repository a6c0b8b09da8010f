import Transport

extension Audience {
    /// The connected sockets of the audience on all workers, in the order of their ids.
    ///
    /// The hub answers from its own table at one position of its order, without asking the workers. The answer contains
    /// the effects of earlier calls: a fetch through a socket follows the socket's calls, one through a namespace the
    /// calls through namespaces. Sessions of lost clients are not included.
    /// - Parameter timeout: The maximum time to wait for the hub.
    /// - Throws: ``FetchError`` if the hub does not answer in time, if the answer would exceed 4 MiB (about 30 000
    ///   sockets with two short rooms and no data), or if the server is closed; `CancellationError` if the task is
    ///   cancelled.
    public func fetchSockets(timeout: Duration = .seconds(5)) async throws -> [RemoteSocket] {
        guard !isEmpty else { return [] }
        guard let worker else { throw FetchError.closed }
        let sockets =
            isLocal
            ? await worker.localSockets(in: selection)
            : try await worker.fetch(selection, for: sender, timeout: timeout)
        return sockets.map { RemoteSocket($0, in: self) }
    }

    /// The ids of the connected sockets of the audience on all workers.
    /// - Parameter timeout: The maximum time to wait for the hub.
    /// - Throws: The errors of ``fetchSockets(timeout:)``.
    public func allSockets(timeout: Duration = .seconds(5)) async throws -> Set<SessionID> {
        Set(try await fetchSockets(timeout: timeout).map(\.id))
    }
}
