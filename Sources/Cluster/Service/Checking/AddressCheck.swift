import Glibc
import Transport

/// Checks whether a server could listen on an address.
package enum AddressCheck {
    package enum Result: Equatable, Sendable {
        /// A server can listen. This machine lacks some addresses of the host.
        case free(missing: [String])
        /// A process listens there already; nil if this user may not see it.
        case inUse(by: SocketOwner?)
        /// A server could not listen, for this reason.
        case unusable(String)
    }

    /// How long a server may take to accept a connection.
    private static let timeout = Duration.seconds(1)

    /// Binds the port for a moment.
    package static func port(_ port: UInt16, ofHost host: String) -> Result {
        do {
            let (sockets, missing) = try ListeningSocket.bind(host: host, port: port)
            for socket in sockets { socket.close() }
            return .free(missing: missing.map { "\($0)" })
        } catch let error as ListeningSocket.BindError where error.cause.code == EADDRINUSE {
            return .inUse(by: SocketOwner.ofPort(port))
        } catch {
            return .unusable("\(error)")
        }
    }

    /// True if one server cannot listen on both addresses, because they share an address of this machine and the port.
    package static func overlap(_ one: (host: String, port: UInt16), _ other: (host: String, port: UInt16)) -> Bool {
        guard one.port == other.port, one.port != 0,
            let ones = try? SocketAddress.resolve(host: one.host, port: one.port),
            let others = try? SocketAddress.resolve(host: other.host, port: other.port)
        else { return false }
        return ones.contains { one in others.contains { covers(one, $0) || covers($0, one) } }
    }

    /// True if a server on the first address gets every connection to the second one.
    private static func covers(_ one: SocketAddress, _ other: SocketAddress) -> Bool {
        // A socket of :: is for IPv4 too.
        if one.host == "::" { return true }
        return one.host == other.host || one.host == "0.0.0.0" && !other.host.contains(":")
    }

    /// Checks a Unix domain socket without binding it, because that would create its file.
    package static func unixSocket(_ address: SocketAddress) -> Result {
        guard let path = address.unixPath else { return .unusable("\(address) is not a Unix domain socket") }
        do throws(SystemError) {
            close(try BlockingConnection.open(to: address, within: timeout))
            return .inUse(by: SocketOwner.ofPath(path))
        } catch {
            return path.hasPrefix("@") ? .free(missing: []) : file(path, error)
        }
    }

    /// - Parameter error: why no connection could be made.
    private static func file(_ path: String, _ error: SystemError) -> Result {
        // The queue of the server's connections is full, or the server does not accept any.
        if error.code == EAGAIN || error.code == ETIMEDOUT { return .inUse(by: SocketOwner.ofPath(path)) }
        var status = stat()
        if lstat(path, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFSOCK else { return .unusable("\(path) is not a socket") }
            guard error.code != EACCES else {
                return .unusable("\(path) is a socket of another user, to which this user may not connect")
            }
        }
        let directory = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        guard access(directory + "/", W_OK | X_OK) == 0 else {
            return .unusable("no socket can be made in \(directory)/: \(String(cString: strerror(errno)))")
        }
        return .free(missing: [])
    }
}
