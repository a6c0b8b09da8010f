import Transport

/// An attempt to connect: which server and which address of it come next.
///
/// A name is looked up when all addresses before it have failed, so that a server can be used although the names of
/// others cannot be looked up, or only slowly. A value without I/O.
struct ServerSearch<Server: Equatable & Sendable> {
    enum Step: Equatable {
        /// Connect to the address of the server.
        case connect(SocketAddress, Server)
        /// Look up the addresses of the server.
        case lookUp(Server)
        /// There are no more servers.
        case giveUp(reason: String)
    }

    private var servers: ArraySlice<Server>
    /// The server whose addresses are tried.
    private var server: Server?
    private var addresses: ArraySlice<SocketAddress> = []
    private var current: SocketAddress?
    private var failures: [String] = []

    /// - Parameter servers: the servers in the order in which to try them.
    init(_ servers: [Server]) {
        self.servers = servers[...]
    }

    /// What to do next.
    mutating func next() -> Step {
        current = addresses.popFirst()
        if let current, let server { return .connect(current, server) }
        server = servers.popFirst()
        if let server { return .lookUp(server) }
        return .giveUp(reason: failures.joined(separator: "; "))
    }

    /// The addresses of the server that was to be looked up.
    mutating func found(_ addresses: [SocketAddress]) {
        self.addresses = addresses[...]
    }

    /// The last step has failed, or the connection that it has opened has ended.
    mutating func failed(_ reason: String) {
        failures.append(current.map { "\($0): \(reason)" } ?? reason)
    }

    /// The connection was in use and has ended. The caller tries again after a delay, beginning with the first server.
    mutating func ended(_ reason: String) -> Step {
        (servers, addresses, failures) = ([], [], [])
        failed(reason)
        return next()
    }
}

extension SocketAddress {
    /// Looks a name up on another thread, because that may take long.
    static func lookUp(host: String, port: UInt16) async throws -> [SocketAddress] {
        try await withTaskExecutorPreference(globalConcurrentExecutor) { try await resolveHere(host, port) }
    }

    private static func resolveHere(_ host: String, _ port: UInt16) async throws -> [SocketAddress] {
        try resolve(host: host, port: port)
    }
}
