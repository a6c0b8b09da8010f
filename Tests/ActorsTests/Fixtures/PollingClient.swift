import Testing

/// A Socket.IO client that polls. It uses a new connection for each request.
///
/// Safety of `@unchecked Sendable`: a test runs on one thread.
final class PollingClient: @unchecked Sendable {
    private let port: UInt16
    private var query = ""

    /// The number of sent requests, including the one that opened the session.
    private(set) var sent = 0

    /// Opens a session.
    init(port: UInt16) async throws {
        self.port = port
        let opened = try await request("GET")
        let sid = try #require(opened.split(separator: "\"").dropFirst(3).first)
        query = "&sid=\(sid)"
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

    /// Sends a request and requires a response with status 200.
    /// - Returns: The body of the response.
    private func request(_ method: String, body: String = "") async throws -> String {
        let answer = try await TestRequest.answer(
            to: "\(method) /socket.io/?EIO=4&transport=polling\(query)", body: body, port: port
        ) { sent += 1 }
        try #require(answer.hasPrefix("HTTP/1.1 200 "), "\(answer.prefix(300))")
        let head = try #require(answer.firstRange(of: "\r\n\r\n"))
        return String(answer[head.upperBound...])
    }
}
