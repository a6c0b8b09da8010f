import Synchronization
import Testing

@testable import Transport

/// A Socket.IO client that polls. Each request has a connection and a thread of its own.
final class PollingClient: Sendable {
    private let port: UInt16
    private let sid = Mutex("")
    private let sentRequests = Atomic<Int>(0)

    /// How many requests have been sent, the one that opened the session included.
    var sent: Int { sentRequests.load(ordering: .relaxed) }

    /// Opens a session.
    init(port: UInt16) async throws {
        self.port = port
        let opened = try await request("GET")
        let sid = try #require(opened.split(separator: "\"").dropFirst(3).first)
        self.sid.withLock { $0 = "&sid=\(sid)" }
    }

    /// The packets of one GET.
    func get() async throws -> [String] {
        try await request("GET").split(separator: "\u{1E}").map { String($0) }
    }

    /// Sends Engine.IO packets in one POST.
    func post(_ packets: String...) async throws {
        let answer = try await request("POST", body: packets.joined(separator: "\u{1E}"))
        try #require(answer == "ok")
    }

    /// - Returns: the body of an answer with status 200.
    private func request(_ method: String, body: String = "") async throws -> String {
        let answer = try await withCheckedThrowingContinuation {
            (continuation: CheckedContinuation<String, any Error>) in
            do {
                try Thread.start(name: "poll") { [self] in
                    continuation.resume(with: Result { try exchange(method, body) })
                }
            } catch {
                continuation.resume(throwing: error)
            }
        }
        try #require(answer.hasPrefix("HTTP/1.1 200 "), "\(answer.prefix(300))")
        let head = try #require(answer.firstRange(of: "\r\n\r\n"))
        return String(answer[head.upperBound...])
    }

    private func exchange(_ method: String, _ body: String) throws -> String {
        let query = sid.withLock { $0 }
        return try ClientSocket.answer(
            to: "\(method) /socket.io/?EIO=4&transport=polling\(query)", body: body, port: port,
            onSent: { sentRequests.add(1, ordering: .relaxed) })
    }
}
