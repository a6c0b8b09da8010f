import CLinux
import Glibc

/// Listening Unix domain sockets (unix(7)).
extension LinuxMachine {
    /// The mode of a socket's file: the server's user and group can connect.
    private static let fileMode: mode_t = 0o660

    /// Binds a socket and begins to listen. The file of a server that has ended is replaced.
    /// - Throws: ``SystemError`` with `EADDRINUSE` if a server listens at the path, with `EAGAIN` if another process
    ///   locks the directory, with `ENOTSOCK` if the path is that of another file.
    func listenLocally(on address: SocketAddress) throws(SystemError) -> (descriptor: CInt, address: SocketAddress) {
        // Between bind() and listen() a socket refuses connections, like that of a server that has ended. Because of
        // the lock, servers that start at the same time do not see each other's socket in this state.
        let lock = try address.file.flatMap { path throws(SystemError) in try DirectoryLock(ofFile: path) }
        defer { lock?.end() }
        let descriptor = try newSocket(boundTo: address)
        // bind() has applied the umask. Nothing can connect before listen().
        if let path = address.file { UnixSocketFile(path)?.setMode(Self.fileMode) }
        guard Glibc.listen(descriptor, Self.backlog) == 0 else {
            let error = SystemError("listen")
            Glibc.close(descriptor)
            if let path = address.file { unlink(path) }
            throw error
        }
        return (descriptor, address)
    }

    private func newSocket(boundTo address: SocketAddress) throws(SystemError) -> CInt {
        let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_UNIX, type, 0)
        guard descriptor >= 0 else { throw SystemError("socket") }
        // bind() creates the file with this mode, without the bits of the umask.
        fchmod(descriptor, Self.fileMode)
        do throws(SystemError) {
            if address.withSockaddr({ bind(descriptor, $0, $1) }) == 0 { return descriptor }
            guard errno == EADDRINUSE, let path = address.file else { throw SystemError("bind") }
            try removeAbandonedFile(path, of: address)
            guard address.withSockaddr({ bind(descriptor, $0, $1) }) == 0 else { throw SystemError("bind") }
            return descriptor
        } catch {
            Glibc.close(descriptor)
            throw error
        }
    }

    /// Removes a socket's file at which no server listens.
    private func removeAbandonedFile(_ path: String, of address: SocketAddress) throws(SystemError) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            // Its server has removed it meanwhile.
            if errno == ENOENT { return }
            throw SystemError("lstat")
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw SystemError("bind", code: ENOTSOCK) }
        let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        let probe = socket(AF_UNIX, type, 0)
        guard probe >= 0 else { throw SystemError("socket") }
        defer { Glibc.close(probe) }
        let code = address.withSockaddr { connect(probe, $0, $1) == 0 ? 0 : errno }
        switch code {
        // EAGAIN: a server listens, and too many connections wait for it.
        case 0, EAGAIN: throw SystemError("bind", code: EADDRINUSE)
        case ECONNREFUSED: guard unlink(path) == 0 || errno == ENOENT else { throw SystemError("unlink") }
        case ENOENT: break
        default: throw SystemError("connect", code: code)
        }
    }
}
