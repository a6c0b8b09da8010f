import Testing

@testable import Transport

/// A Socket.IO client that polls. Each request has a connection and a thread of its own.
final class PollingClient: Sendable {
    private let port: UInt16
    private let sid: String

    /// Opens a session.
    init(port: UInt16) async throws {
        self.port = port
        let opened = try await Self.request("GET", "", to: port)
        let sid = try #require(opened.split(separator: "\"").dropFirst(3).first)
        self.sid = String(sid)
    }

    /// The packets of one GET.
    func get() async throws -> [String] {
        try await Self.request("GET", "&sid=\(sid)", to: port).split(separator: "\u{1E}").map { String($0) }
    }

    /// Sends Engine.IO packets in one POST.
    func post(_ packets: String...) async throws {
        let answer = try await Self.request("POST", "&sid=\(sid)", body: packets.joined(separator: "\u{1E}"), to: port)
        try #require(answer == "ok")
    }

    /// - Returns: the body of an answer with status 200.
    private static func request(
        _ method: String, _ query: String, body: String = "", to port: UInt16
    ) async throws -> String {
        let answer = try await withCheckedThrowingContinuation {
            (continuation: CheckedContinuation<String, any Error>) in
            do {
                try Thread.start(name: "poll") {
                    continuation.resume(with: Result { try exchange(method, query, body, port) })
                }
            } catch {
                continuation.resume(throwing: error)
            }
        }
        try #require(answer.hasPrefix("HTTP/1.1 200 "), "\(answer.prefix(300))")
        let head = try #require(answer.firstRange(of: "\r\n\r\n"))
        return String(answer[head.upperBound...])
    }

    private static func exchange(_ method: String, _ query: String, _ body: String, _ port: UInt16) throws -> String {
        let socket = try ClientSocket(port: port)
        socket.send(
            Array(
                """
                \(method) /socket.io/?EIO=4&transport=polling\(query) HTTP/1.1\r\nHost: localhost\r\n\
                Connection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)
                """.utf8))
        var answer: [UInt8] = []
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            switch socket.read() {
            case .bytes(let bytes): answer += bytes
            case .nothing: continue
            case .end: return String(decoding: answer, as: UTF8.self)
            }
        }
        throw TestClient.Failure.timedOut
    }
}
