import Transport

extension RedisURL.Server {
    /// The addresses of the server. A name is looked up on another thread, because that may take long.
    var addresses: [SocketAddress] {
        get async throws {
            switch self {
            case .socket(let path): return [try SocketAddress(unixPath: path)]
            case .tcp(let host, let port):
                return try await withTaskExecutorPreference(globalConcurrentExecutor) {
                    try await Self.resolve(host, port)
                }
            }
        }
    }

    private nonisolated static func resolve(_ host: String, _ port: UInt16) async throws -> [SocketAddress] {
        try SocketAddress.resolve(host: host, port: port)
    }
}
