/// How workers share the addresses of a server.
package enum WorkerPorts: String, Sendable, CaseIterable {
    /// Each worker has its own port, or its own Unix domain socket.
    case distinct
    /// All workers accept connections from the same sockets.
    case shared
}
