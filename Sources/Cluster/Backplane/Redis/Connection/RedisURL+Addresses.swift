import Transport

extension RedisURL.Server {
    /// The addresses of the server. A name is looked up on another thread, because that may take long.
    var addresses: [SocketAddress] {
        get async throws {
            switch self {
            case .socket(let path): return [try SocketAddress(unixPath: path)]
            case .tcp(let host, let port): return try await SocketAddress.lookUp(host: host, port: port)
            }
        }
    }
}
