import Dispatch
import Glibc

/// An HTTP server that answers the first request of each connection, or passes the connection on. It stands for any
/// server that a program has already.
struct Front: Sendable {
    private static let maxHead = 16 << 10

    private let listener: CInt
    let port: UInt16
    /// Takes over a connection and the bytes that were received on it.
    let passOn: @Sendable (_ connection: CInt, _ received: [UInt8]) -> Void

    init?(port: UInt16, passOn: @escaping @Sendable (CInt, [UInt8]) -> Void) {
        self.passOn = passOn
        let listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        var isReused: CInt = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &isReused, socklen_t(MemoryLayout<CInt>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, size) == 0 && listen(listener, 128) == 0 && getsockname(listener, $0, &size) == 0
            }
        }
        guard isListening else { return nil }
        self.listener = listener
        self.port = UInt16(bigEndian: address.sin_port)
    }

    /// Accepts connections on a thread of its own.
    func start() {
        DispatchQueue(label: "front").async {
            while true {
                let connection = accept(listener, nil, nil)
                if connection >= 0 {
                    DispatchQueue.global().async { serve(connection) }
                } else if errno != EINTR, errno != ECONNABORTED {
                    // No descriptor is left.
                    usleep(100_000)
                }
            }
        }
    }

    private func serve(_ connection: CInt) {
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while !received.contains(UInt8(ascii: "\n")), received.count < Self.maxHead {
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else {
                close(connection)
                return
            }
            received += buffer[..<count]
        }
        let target = received.split(separator: UInt8(ascii: " "), maxSplits: 2).dropFirst().first ?? []
        if target.starts(with: "/socket.io/".utf8) { return passOn(connection, received) }
        let body = "Hello from the program\n"
        let answer = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        _ = answer.utf8.withContiguousStorageIfAvailable {
            send(connection, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
        }
        close(connection)
    }
}
