import Glibc

/// A bound and listening stream socket. A `Listener` accepts its connections.
public struct ListeningSocket: Sendable {
    /// The address it listens on, with the actual port.
    public let address: SocketAddress
    /// The descriptor, to pass to a child process.
    public let descriptor: CInt
    private let machine: any Machine
    /// The socket's file, if this process has bound it.
    private let file: UnixSocketFile?

    /// An address that could not be bound.
    public struct BindError: Error, CustomStringConvertible {
        /// The requested address.
        public let address: SocketAddress
        /// The failed call.
        public let cause: SystemError

        public var description: String { "cannot listen on \(address): \(reason ?? cause.description)" }
    }

    /// Makes listening sockets on all addresses of `host`, IPv4 and IPv6, with the same port.
    ///
    /// A family that this machine lacks is skipped if another one can be bound. Port 0 selects a port that is free in
    /// all families.
    /// - Returns: the sockets, and the addresses skipped because the machine lacks their family.
    /// - Throws: ``BindError`` or ``SocketAddress/ResolutionError``.
    public static func bind(host: String, port: UInt16) throws -> (sockets: [ListeningSocket], missing: [SocketAddress])
    {
        try bind(host: host, port: port, on: LinuxMachine.shared)
    }

    package static func bind(
        host: String, port: UInt16, on machine: any Machine
    ) throws -> (sockets: [ListeningSocket], missing: [SocketAddress]) {
        let addresses = try SocketAddress.resolve(host: host, port: port)
        // The free port that the first address gets may be in use at the next one. Then try another port.
        var attempts = port == 0 ? 16 : 1
        while true {
            do {
                return try bind(addresses, on: machine)
            } catch {
                attempts -= 1
                guard error.cause.code == EADDRINUSE, attempts > 0 else { throw error }
            }
        }
    }

    private static func bind(
        _ addresses: [SocketAddress], on machine: any Machine
    ) throws(BindError) -> (sockets: [ListeningSocket], missing: [SocketAddress]) {
        var sockets: [ListeningSocket] = []
        var missing: [SocketAddress] = []
        var lastError: BindError?
        for address in addresses {
            let wanted = sockets.first.map { address.with(port: $0.address.port) } ?? address
            do {
                sockets.append(try ListeningSocket(binding: wanted, on: machine))
            } catch {
                if error.cause.isMissingFamily {
                    missing.append(wanted)
                    lastError = error
                    continue
                }
                for socket in sockets { socket.close() }
                throw error
            }
        }
        if sockets.isEmpty, let lastError { throw lastError }
        return (sockets, missing)
    }

    /// Binds one address and begins to listen.
    package init(binding address: SocketAddress, on machine: any Machine) throws(BindError) {
        do {
            (descriptor, self.address) = try machine.listen(on: address)
        } catch {
            throw BindError(address: address, cause: error)
        }
        self.machine = machine
        file = address.file.flatMap { UnixSocketFile($0) }
    }

    /// Takes ownership of a listening socket that this process inherited.
    /// - Throws: ``SystemError`` if the descriptor is not an IPv4 or IPv6 socket, or a Unix domain socket with a path.
    public init(inherited descriptor: CInt) throws(SystemError) {
        try self.init(inherited: descriptor, on: LinuxMachine.shared)
    }

    /// Takes ownership of a listening socket that this process inherited.
    /// - Throws: ``SystemError`` if the descriptor is not an IPv4 or IPv6 socket, or a Unix domain socket with a path.
    package init(inherited descriptor: CInt, on machine: any Machine) throws(SystemError) {
        address = try machine.localAddress(of: descriptor)
        try machine.keepFromChildren(descriptor)
        self.descriptor = descriptor
        self.machine = machine
        file = nil
    }

    /// Duplicates the socket: closing one of the two leaves the other open.
    /// - Throws: ``SystemError`` if no descriptor is left.
    package func duplicate() throws(SystemError) -> ListeningSocket {
        let copy = try machine.duplicate(descriptor)
        do {
            return try ListeningSocket(inherited: copy, on: machine)
        } catch {
            machine.close(copy)
            throw error
        }
    }

    /// Closes the socket. The port is free once every duplicate, including those in other processes, is closed.
    public func close() {
        machine.close(descriptor)
    }

    /// Sets the mode of the file of a Unix domain socket that this process has bound.
    package func setFileMode(_ mode: mode_t) {
        file?.setMode(mode)
    }

    /// Removes the file of a Unix domain socket that this process has bound, unless another server has replaced it.
    /// Call it before ``close()``, so that clients see either a server or no file.
    package func removeFile() {
        file?.remove()
    }
}

extension SystemError {
    fileprivate var isMissingFamily: Bool {
        code == EAFNOSUPPORT || code == EADDRNOTAVAIL || code == EPROTONOSUPPORT
    }
}
