import Glibc

/// A bound and listening stream socket. It accepts connections only once a ``Listener`` serves it.
public struct ListeningSocket: Sendable {
    /// Where it listens; the port is the real one.
    public let address: SocketAddress
    public let descriptor: CInt
    private let machine: any Machine

    /// A socket that could not be bound.
    public struct BindError: Error, CustomStringConvertible {
        /// What was asked for.
        public let address: SocketAddress
        /// The failed call.
        public let cause: SystemError

        public var description: String { "cannot listen on \(address): \(cause)" }
    }

    /// Binds `host` in every family it has, all on one port.
    ///
    /// A family that this machine lacks is left out as long as another one is bound. Port 0 takes one that is free in
    /// all families.
    /// - Returns: the sockets and the addresses left out for want of their family.
    /// - Throws: ``BindError`` or ``SocketAddress/ResolutionError``.
    public static func bind(host: String, port: UInt16) throws -> (sockets: [ListeningSocket], missing: [SocketAddress])
    {
        try bind(host: host, port: port, on: LinuxMachine.shared)
    }

    package static func bind(
        host: String, port: UInt16, on machine: any Machine
    ) throws -> (sockets: [ListeningSocket], missing: [SocketAddress]) {
        let addresses = try SocketAddress.resolve(host: host, port: port)
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

    /// Binds one address.
    package init(binding address: SocketAddress, on machine: any Machine) throws(BindError) {
        do {
            (descriptor, self.address) = try machine.listen(on: address)
        } catch {
            throw BindError(address: address, cause: error)
        }
        self.machine = machine
    }

    /// Takes over a listening socket that this process was started with.
    /// - Throws: ``SystemError`` when the descriptor is none.
    public init(inherited descriptor: CInt) throws(SystemError) {
        try self.init(inherited: descriptor, on: LinuxMachine.shared)
    }

    /// Takes over a listening socket that this process was started with.
    /// - Throws: ``SystemError`` when the descriptor is none.
    package init(inherited descriptor: CInt, on machine: any Machine) throws(SystemError) {
        address = try machine.localAddress(of: descriptor)
        try machine.keepFromChildren(descriptor)
        self.descriptor = descriptor
        self.machine = machine
    }

    /// The same socket with a descriptor of its own, so that closing one leaves the other open.
    package func duplicate() throws(SystemError) -> ListeningSocket {
        let copy = try machine.duplicate(descriptor)
        do {
            return try ListeningSocket(inherited: copy, on: machine)
        } catch {
            machine.close(copy)
            throw error
        }
    }

    /// Closes the socket; the port is free again.
    public func close() {
        machine.close(descriptor)
    }
}

extension SystemError {
    fileprivate var isMissingFamily: Bool {
        code == EAFNOSUPPORT || code == EADDRNOTAVAIL || code == EPROTONOSUPPORT
    }
}
