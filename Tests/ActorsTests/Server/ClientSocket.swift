import Glibc

/// A blocking TCP connection to this machine. Used on threads of the tests' own.
final class ClientSocket: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// What a read brought.
    enum Reading {
        case bytes([UInt8])
        /// Nothing came for as long as a read waits.
        case nothing
        case end
    }

    private let descriptor: CInt

    /// - Parameters:
    ///   - kernelBuffers: bytes that the kernel keeps for the client, in each direction; nil for the system's own
    ///     choice.
    ///   - patience: how long a read waits, in milliseconds.
    init(port: UInt16, kernelBuffers: Int? = nil, patience: Int = 10) throws {
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(description: "no socket: \(errno)") }
        if let kernelBuffers { setKernelBuffers(of: descriptor, to: kernelBuffers) }
        set(SO_RCVTIMEO, timeval(tv_sec: 0, tv_usec: patience * 1000))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure(description: "no connection: \(errno)") }
    }

    deinit {
        Glibc.close(descriptor)
    }

    private func set<Value: BitwiseCopyable>(_ option: CInt, _ value: Value) {
        var value = value
        setsockopt(descriptor, SOL_SOCKET, option, &value, socklen_t(MemoryLayout<Value>.size))
    }

    /// Sends everything, however long that takes.
    /// - Returns: false when the other side is gone.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress?.advanced(by: sent), bytes.count - sent, CInt(MSG_NOSIGNAL))
            }
            guard count > 0 || errno == EINTR || errno == EAGAIN else { return false }
            sent += max(0, count)
        }
        return true
    }

    func read() -> Reading {
        var received = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: 64 * 1024) { buffer, count in
            received = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            count = max(0, received)
        }
        guard received < 0 else { return received == 0 ? .end : .bytes(bytes) }
        return errno == EAGAIN || errno == EINTR ? .nothing : .end
    }

    /// Ends both directions; a read in another thread ends too.
    func shutDown() {
        Glibc.shutdown(descriptor, CInt(SHUT_RDWR))
    }

    /// Ends the connection with a reset instead of an end of file.
    func reset() {
        set(SO_LINGER, linger(l_onoff: 1, l_linger: 0))
        // Dissolving the association resets the connection while the descriptor stays ours.
        var address = sockaddr()
        address.sa_family = sa_family_t(AF_UNSPEC)
        _ = Glibc.connect(descriptor, &address, socklen_t(MemoryLayout<sockaddr>.size))
    }
}

/// Sets how many bytes the kernel keeps for a socket, in each direction.
func setKernelBuffers(of descriptor: CInt, to size: Int) {
    var size = CInt(size)
    for option in [SO_SNDBUF, SO_RCVBUF] {
        setsockopt(descriptor, SOL_SOCKET, option, &size, socklen_t(MemoryLayout<CInt>.size))
    }
}
