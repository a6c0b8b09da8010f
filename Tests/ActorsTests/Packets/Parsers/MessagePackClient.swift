import Testing

@testable import Actors

/// A client with the MessagePack parser. Its packets are written here as in the default format.
struct MessagePackClient {
    let socket: TestClient

    init(_ server: TestServer) async throws {
        socket = try await server.connect()
    }

    /// Sends a packet, such as `2["event"]`.
    func send(_ text: String, attachments: [[UInt8]] = []) throws {
        let packet = try #require(try decodedPacket(text, attachments: attachments))
        guard case .binary(let bytes)? = MessagePackParser().encode(packet).first else { return }
        socket.send(binary: bytes)
    }

    /// Joins the main namespace.
    /// - Returns: The payload of the reply.
    @discardableResult
    func join(auth: String = "") async throws -> JSONText {
        try send("0" + auth)
        let reply = try await nextPacket()
        try #require(reply.type == .connect)
        return try #require(reply.payload)
    }

    func nextPacket() async throws -> Packet {
        let message = try await socket.next()
        try #require(message.hasPrefix("binary ["), "\(message)")
        let numbers = message.split { !$0.isNumber }.compactMap { UInt8($0) }
        return try #require(try messagePackPacket(numbers))
    }

    /// The next packet. Attachments follow its text.
    func next() async throws -> String {
        let packet = try await nextPacket()
        let text = encodedPacket { PacketEncoder.append(packet, to: &$0) }
        return packet.attachments.isEmpty ? text : "\(text) \(packet.attachments)"
    }
}
