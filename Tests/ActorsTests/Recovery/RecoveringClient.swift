import Testing

@testable import Actors

/// A client of the main namespace that stores its pid and its last offset, as the official client does.
struct RecoveringClient {
    let socket: TestClient
    let sid: String
    let pid: String
    private(set) var offset: String?

    /// Joins as a new client, or resumes the session of a lost one.
    /// - Parameters:
    ///   - server: The server to connect to.
    ///   - lost: The client whose session to claim; nil for a new session.
    ///   - auth: Additional members of `auth`.
    init(
        _ server: TestServer, lost: RecoveringClient? = nil, auth: [(String, JSONText)] = []
    ) async throws {
        socket = try await server.connect()
        var auth = auth
        if let lost { auth.append(("pid", JSONText(string: lost.pid))) }
        if let offset = lost?.offset { auth.append(("offset", JSONText(string: offset))) }
        socket.send("0" + JSONText(object: auth).description)
        let reply = try JSONText(validating: Array(try await socket.next().utf8.dropFirst(2)))
        sid = try #require(reply["sid"]?.string)
        pid = try #require(reply["pid"]?.string)
        offset = lost?.offset
    }

    /// The next packet, unchanged.
    mutating func nextPacket() async throws -> String {
        let packet = try await socket.next()
        let elements = try JSONText(validating: Array(packet.utf8.dropFirst(2))).elements
        if let text = elements?.last?.string { offset = text }
        return packet
    }

    /// The next event without its offset.
    mutating func next() async throws -> String {
        let packet = try await socket.next()
        try #require(packet.hasPrefix("42["), "\(packet)")
        let elements = try #require(try JSONText(validating: Array(packet.utf8.dropFirst(2))).elements)
        // The official client treats a string as the last element as an offset, even if it is the event's name.
        guard let text = elements.last?.string else { return packet }
        offset = text
        return "42" + JSONText(array: elements.dropLast()).description
    }

    mutating func next(_ count: Int) async throws -> [String] {
        var packets: [String] = []
        for _ in 0..<count { packets.append(try await next()) }
        return packets
    }
}
