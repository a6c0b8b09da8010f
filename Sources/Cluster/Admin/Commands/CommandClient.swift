import Glibc
import Transport

/// Sends a command to a server on this machine. Blocks the thread.
package struct CommandClient {
    /// The path of the requests.
    package static let path = "/command"
    /// The largest answer, in bytes.
    private static let maxAnswer = 64 << 20

    /// The reason why there is no answer.
    package enum Failure: Error, CustomStringConvertible {
        /// No server listens at the socket.
        case noServer(SystemError)
        /// The socket belongs to another user.
        case notPermitted
        /// The server has ended the connection without a complete answer.
        case closed
        /// The server has as many connections of operators as it takes.
        case busy
        case timedOut
        case malformed

        /// The reason for an answer that comes from no command.
        package init(status: Int) {
            switch status {
            case 403: self = .notPermitted
            case 503: self = .busy
            default: self = .malformed
            }
        }

        package var description: String {
            switch self {
            case .noServer(let error): "no server takes commands there: \(error)"
            case .notPermitted: "only the user of the server, and root, may use this socket"
            case .closed: "the server has closed the connection without an answer; is it stopping?"
            case .busy: "the server carries out too many commands at the moment; try again"
            case .timedOut: "the server does not answer in time"
            case .malformed: "the server's answer is not understood, or too large"
            }
        }
    }

    private let address: SocketAddress
    private let deadline: ContinuousClock.Instant

    /// - Parameter timeout: the time in which the server must have answered.
    package init(_ address: SocketAddress, timeout: Duration) {
        self.address = address
        deadline = .now + timeout
    }

    /// Sends a request.
    /// - Returns: the status and the body of the answer.
    package func send(_ body: [UInt8]) throws(Failure) -> (status: Int, body: [UInt8]) {
        let descriptor = try connect()
        defer { close(descriptor) }
        let head =
            "POST \(Self.path) HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.count)\r\n"
            + "Connection: close\r\n\r\n"
        try write(Array(head.utf8) + body, to: descriptor)
        return try Self.parse(try readAll(from: descriptor))
    }

    private func connect() throws(Failure) -> CInt {
        do throws(SystemError) {
            return try BlockingConnection.open(to: address, within: deadline - .now)
        } catch {
            throw [EACCES, EPERM].contains(error.code) ? .notPermitted : .noServer(error)
        }
    }

    private func write(_ bytes: [UInt8], to descriptor: CInt) throws(Failure) {
        var sent = 0
        while sent < bytes.count {
            try wait(for: POLLOUT, of: descriptor)
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
            }
            // A server that refuses the connection answers before it has read the request.
            if count < 0, errno == EPIPE || errno == ECONNRESET { return }
            guard count >= 0 || errno == EAGAIN || errno == EINTR else { throw .closed }
            sent += max(0, count)
        }
    }

    private func readAll(from descriptor: CInt) throws(Failure) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count < Self.maxAnswer {
            try wait(for: POLLIN, of: descriptor)
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count < 0, errno == EAGAIN || errno == EINTR { continue }
            guard count >= 0 else { throw .closed }
            guard count > 0 else { return bytes }
            bytes += buffer.prefix(count)
        }
        throw .malformed
    }

    /// The status and the body of an answer that ends with its connection (RFC 9112).
    static func parse(_ answer: [UInt8]) throws(Failure) -> (status: Int, body: [UInt8]) {
        guard !answer.isEmpty else { throw .closed }
        guard let status = try? HealthCheck.status(of: answer) else { throw .malformed }
        let end = Array("\r\n\r\n".utf8)
        guard let head = answer.indices.first(where: { answer[$0...].starts(with: end) }) else { throw .malformed }
        return (status, Array(answer[(head + end.count)...]))
    }

    /// Waits until the socket is ready or has failed.
    private func wait(for events: CInt, of descriptor: CInt) throws(Failure) {
        while true {
            let rest = deadline - .now
            guard rest > .zero else { throw .timedOut }
            var event = pollfd(fd: descriptor, events: Int16(events), revents: 0)
            if poll(&event, 1, CInt(clamping: Int((rest / .milliseconds(1)).rounded(.up)))) > 0 { return }
        }
    }
}
