import Glibc
import Transport

/// Listening sockets that a service manager has bound for this process (sd_listen_fds(3)).
package enum SocketActivation {
    /// The descriptor of the first socket.
    private static let firstDescriptor: CInt = 3

    /// Takes ownership of the sockets.
    /// - Throws: ``ServiceError`` if a descriptor is not a listening stream socket.
    package static func sockets(count: Int) throws(ServiceError) -> [ListeningSocket] {
        var sockets: [ListeningSocket] = []
        for descriptor in firstDescriptor..<firstDescriptor + CInt(count) {
            sockets.append(try socket(of: descriptor))
        }
        return sockets
    }

    static func socket(of descriptor: CInt) throws(ServiceError) -> ListeningSocket {
        guard option(SO_TYPE, of: descriptor) == CInt(SOCK_STREAM.rawValue), option(SO_ACCEPTCONN, of: descriptor) == 1
        else { throw ServiceError("descriptor \(descriptor) of the service manager is not a listening stream socket") }
        let flags = fcntl(descriptor, F_GETFL)
        guard flags >= 0, fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) >= 0 else {
            throw ServiceError("descriptor \(descriptor) of the service manager: \(SystemError("fcntl"))")
        }
        do {
            return try ListeningSocket(inherited: descriptor)
        } catch {
            throw ServiceError(
                "descriptor \(descriptor) of the service manager is neither an IPv4 or IPv6 socket nor a Unix socket "
                    + "with a path or a name that is text")
        }
    }

    private static func option(_ name: CInt, of descriptor: CInt) -> CInt? {
        var value: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        return getsockopt(descriptor, SOL_SOCKET, name, &value, &size) == 0 ? value : nil
    }

    /// The sockets of each worker.
    /// - Throws: ``ServiceError`` if the number of sockets does not fit the number of workers.
    package static func divide<Socket>(
        _ sockets: [Socket], among workers: Int, ports: WorkerPorts
    ) throws(ServiceError) -> [[Socket]] {
        if ports == .shared || workers == 1 { return Array(repeating: sockets, count: workers) }
        guard sockets.count == workers else {
            let hint = sockets.count == 1 ? "give --ports shared" : "give --ports shared, or as many sockets as workers"
            throw ServiceError(
                "--workers: the service manager passed \(sockets.count == 1 ? "1 socket" : "\(sockets.count) sockets") "
                    + "for \(workers) workers, and with --ports distinct each worker needs one; \(hint)", isUsage: true)
        }
        return sockets.map { [$0] }
    }
}
