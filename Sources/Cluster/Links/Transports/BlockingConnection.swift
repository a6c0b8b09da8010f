import Glibc
import Transport

/// Connects a stream socket, on a thread that may block.
enum BlockingConnection {
    /// - Parameter limit: how long the other side may take. Its system may be off, which nothing reports.
    /// - Returns: a connected, non-blocking socket.
    /// - Throws: ``SystemError``; its code is `ETIMEDOUT` if the other side took too long.
    static func open(to address: SocketAddress, within limit: Duration) throws(SystemError) -> CInt {
        let family = address.withSockaddr { sockaddr, _ in CInt(sockaddr.pointee.sa_family) }
        let type = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(family, type, 0)
        guard descriptor >= 0 else { throw SystemError("socket") }
        do throws(SystemError) {
            try begin(descriptor, address)
            try wait(for: descriptor, until: ContinuousClock.now + limit)
            return descriptor
        } catch {
            _ = close(descriptor)
            throw error
        }
    }

    private static func begin(_ descriptor: CInt, _ address: SocketAddress) throws(SystemError) {
        let code = address.withSockaddr { sockaddr, size in
            connect(descriptor, sockaddr, size) == 0 ? 0 : errno
        }
        // An interrupted call goes on in the background like one in progress.
        guard [0, EINPROGRESS, EINTR].contains(code) else { throw SystemError("connect", code: code) }
    }

    /// Waits until the connection is made, or has failed.
    private static func wait(
        for descriptor: CInt, until deadline: ContinuousClock.Instant
    ) throws(SystemError) {
        while true {
            let rest = max(.zero, deadline - ContinuousClock.now)
            var event = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            // Rounded up, so that the last wait does not end before the deadline.
            switch poll(&event, 1, CInt((rest / .milliseconds(1)).rounded(.up))) {
            case 1: return try checkError(of: descriptor)
            case 0: throw SystemError("connect", code: ETIMEDOUT)
            default:
                guard errno == EINTR else { throw SystemError("poll") }
            }
        }
    }

    private static func checkError(of descriptor: CInt) throws(SystemError) {
        var code: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) == 0 else { throw SystemError("getsockopt") }
        guard code == 0 else { throw SystemError("connect", code: code) }
    }
}
