import Transport

/// The sockets that a server or one of its workers listens on.
enum ServerSockets {
    /// Binds the addresses of a host and Unix domain sockets. If one fails, the others are closed again.
    /// - Parameters:
    ///   - host: the name or address to listen on; nil to listen on Unix domain sockets only.
    ///   - slot: the number of the worker that the Unix domain sockets are for.
    /// - Returns: the sockets, and the addresses of the host that this machine does not have.
    /// - Throws: ``ListeningSocket/BindError``, ``SocketAddress/ResolutionError`` or ``SocketAddress/PathError``.
    static func bind(
        host: String?, port: UInt16, unixSockets: [SocketAddress], ofWorker slot: Int = 0, on machine: any Machine
    ) throws -> (sockets: [ListeningSocket], missing: [SocketAddress]) {
        var sockets: [ListeningSocket] = []
        var missing: [SocketAddress] = []
        do {
            if let host { (sockets, missing) = try ListeningSocket.bind(host: host, port: port, on: machine) }
            for address in unixSockets {
                sockets.append(try ListeningSocket(binding: try address.ofWorker(slot), on: machine))
            }
        } catch {
            close(sockets)
            throw error
        }
        return (sockets, missing)
    }

    /// Closes sockets and removes their files.
    static func close(_ sockets: some Sequence<ListeningSocket>) {
        for socket in sockets {
            socket.removeFile()
            socket.close()
        }
    }

    /// The addresses to report: each Unix domain socket, and each port once, not for each family.
    static func addresses(of sockets: [ListeningSocket]) -> [SocketAddress] {
        var ports: Set<UInt16> = []
        return sockets.map(\.address).filter { $0.unixPath != nil || ports.insert($0.port).inserted }
    }
}
