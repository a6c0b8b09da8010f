import Transport

extension Socket {
    /// The public id of the client's connection, which its sockets in all namespaces share: the id of the first one.
    /// Must be called on the loop.
    package nonisolated var connectionID: SessionID? {
        connection.assumeIsolated { $0.session.value.publicID }
    }

    /// The client's address in reports; empty for a Unix domain socket. Must be called on the loop.
    nonisolated var peer: String {
        connection.assumeIsolated { $0.session.value.peer }
    }
}
