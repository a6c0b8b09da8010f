import Transport

/// Where a server answers its operator.
package struct AdminAddress: Sendable {
    /// The name or address to listen on.
    package var host: String
    /// The port to listen on; 0 for a free one.
    package var port: UInt16
    /// Returns the host names that requests may have. They may change while the server runs.
    package var hosts: @Sendable () -> HostPolicy

    package init(host: String, port: UInt16, hosts: @escaping @Sendable () -> HostPolicy) {
        self.host = host
        self.port = port
        self.hosts = hosts
    }
}

/// The operator's port could not be opened.
package struct AdminError: Error, CustomStringConvertible {
    package let cause: any Error

    package var description: String { "\(cause)" }
}
