import Glibc

/// Who is at the other end of a Unix domain socket (SO_PEERCRED in unix(7)).
package enum PeerCredentials {
    /// The user who has connected; nil if the system does not know.
    package static func user(of descriptor: CInt) -> uid_t? {
        // A `struct ucred`, which Swift does not see: the process, the user and the group.
        var credentials: [UInt32] = [0, 0, 0]
        var size = socklen_t(credentials.count * MemoryLayout<UInt32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0 else { return nil }
        return credentials[1]
    }
}
