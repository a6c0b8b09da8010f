import Glibc

/// The client's end of a connection. The other end is for a server.
package final class ClientEnd {
    /// A failed system call, or nothing arrived for 60 s.
    package struct Failure: Error {
        let call: String
        let code = errno
    }

    private let descriptor: CInt
    /// The server's end, until ``takeServerEnd()``.
    package private(set) var serverEnd: CInt

    /// - Parameter overTCP: true for a connection over the loopback interface, false for a Unix domain socket.
    package init(overTCP: Bool = false) throws {
        (descriptor, serverEnd) = overTCP ? try Self.connectOverTCP() : try Self.connectLocally()
    }

    private static func connectLocally() throws -> (CInt, CInt) {
        var ends: [CInt] = [0, 0]
        let kind = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw Failure(call: "socketpair") }
        return (ends[0], ends[1])
    }

    private static func connectOverTCP() throws -> (CInt, CInt) {
        let listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        let client = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isConnected = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, size) == 0 && listen(listener, 1) == 0 && getsockname(listener, $0, &size) == 0
                    && connect(client, $0, size) == 0
            }
        }
        let server = isConnected ? accept(listener, nil, nil) : -1
        guard server >= 0 else {
            close(client)
            throw Failure(call: "accept")
        }
        return (client, server)
    }

    deinit {
        close(descriptor)
        if serverEnd >= 0 { close(serverEnd) }
    }

    /// Returns the server's end, which the caller then owns.
    package func takeServerEnd() -> CInt {
        defer { serverEnd = -1 }
        return serverEnd
    }

    package func send(_ bytes: ArraySlice<UInt8>) {
        _ = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
    }

    /// Everything until the server closes the connection.
    package nonisolated(nonsending) func readAll() async throws -> String {
        try await read { _ in false }
    }

    /// Reads until the text is complete, or the server closes the connection. Does not block the thread, which the
    /// server's handlers may need.
    package nonisolated(nonsending) func read(until isComplete: (String) -> Bool) async throws -> String {
        let deadline = ContinuousClock.now + .seconds(60)
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while !isComplete(String(decoding: received, as: UTF8.self)) {
            let count = recv(descriptor, &buffer, buffer.count, CInt(MSG_DONTWAIT))
            if count < 0, errno == EAGAIN {
                guard ContinuousClock.now < deadline else { throw Failure(call: "recv") }
                try await Task.sleep(for: .milliseconds(1))
                continue
            }
            guard count > 0 else { break }
            received += buffer[..<count]
        }
        return String(decoding: received, as: UTF8.self)
    }
}
