import Glibc
import Transport

/// One request to a server, to learn whether it answers. Blocks the thread.
package struct HealthCheck {
    /// The reason why a server does not count as healthy.
    enum Failure: Error, Equatable, CustomStringConvertible {
        /// The status of the answer; 503 means a worker without a process.
        case status(Int)
        case notHTTP
        case timedOut

        var description: String {
            switch self {
            case .status(let status): "it answers with status \(status)"
            case .notHTTP: "it does not answer in HTTP"
            case .timedOut: "it does not answer in time"
            }
        }
    }

    /// The longest first line of an answer, in bytes.
    private static let maxLine = 1024

    private let target: Target
    private let deadline: ContinuousClock.Instant

    /// - Parameter timeout: the time in which the server must answer.
    package init(of target: Target, timeout: Duration) {
        self.target = target
        deadline = .now + timeout
    }

    /// Sends the request and reads the first line of the answer. Any status below 500 counts as healthy.
    /// - Throws: the reason why the server is not healthy.
    package func run() throws {
        let descriptor = try connect()
        defer { close(descriptor) }
        let request = Array(target.request.utf8)
        var sent = 0
        while sent < request.count {
            try wait(for: POLLOUT, of: descriptor)
            let count = request[sent...].withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
            }
            guard count >= 0 || errno == EAGAIN || errno == EINTR else { throw SystemError("send") }
            sent += max(0, count)
        }
        let status = try Self.status(of: try readLine(from: descriptor))
        guard status < 500 else { throw Failure.status(status) }
    }

    private func connect() throws -> CInt {
        var failure = SystemError("connect", code: EADDRNOTAVAIL)
        for address in try target.addresses {
            do throws(SystemError) {
                return try BlockingConnection.open(to: address, within: deadline - .now)
            } catch {
                failure = error
            }
        }
        throw failure
    }

    private func readLine(from descriptor: CInt) throws -> [UInt8] {
        var line: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: Self.maxLine)
        while line.count < Self.maxLine {
            try wait(for: POLLIN, of: descriptor)
            let count = recv(descriptor, &buffer, buffer.count - line.count, 0)
            if count < 0, errno == EAGAIN || errno == EINTR { continue }
            guard count >= 0 else { throw SystemError("recv") }
            line += buffer.prefix(count)
            if count == 0 || line.contains(UInt8(ascii: "\n")) { break }
        }
        return line
    }

    /// The status in the first line of an answer, such as `HTTP/1.1 200 OK` (RFC 9112 section 4).
    static func status(of answer: [UInt8]) throws(Failure) -> Int {
        guard let end = answer.firstIndex(of: UInt8(ascii: "\n")) else { throw .notHTTP }
        let words = String(decoding: answer[..<end], as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), words[1].count == 3, let status = Int(words[1]),
            (100...999).contains(status)
        else { throw .notHTTP }
        return status
    }

    /// Waits until the socket is ready or has failed.
    private func wait(for events: CInt, of descriptor: CInt) throws {
        while true {
            let rest = deadline - .now
            guard rest > .zero else { throw Failure.timedOut }
            var event = pollfd(fd: descriptor, events: Int16(events), revents: 0)
            let count = poll(&event, 1, CInt(clamping: Int((rest / .milliseconds(1)).rounded(.up))))
            if count > 0 { return }
            guard count == 0 || errno == EINTR else { throw SystemError("poll") }
        }
    }
}
