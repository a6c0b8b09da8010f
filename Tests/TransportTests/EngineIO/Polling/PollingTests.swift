import Testing

@testable import Transport

@Suite("Polling payloads and session ids")
struct PollingTests {
    private static func decode(_ payload: String) throws -> [EnginePacket] {
        var packets: [EnginePacket] = []
        var payload = try PollingPayload(Array(payload.utf8))
        while let packet = try payload.next() { packets.append(packet) }
        return packets
    }

    @Test("packets are separated by 0x1E and decoded in order")
    func several() throws {
        #expect(
            try Self.decode("4a\u{1E}3\u{1E}bAQID\u{1E}4") == [
                .message(.text(Array("4a".utf8))), .pong, .message(.binary([1, 2, 3])),
                .message(.text(Array("4".utf8))),
            ])
    }

    @Test("an invalid packet is refused", arguments: ["", "4a\u{1E}", "\u{1E}4a", "7", "abc", "1x", "b!", "b=", "bA"])
    func refused(payload: String) {
        #expect(throws: EnginePacket.ParseError.self) { try Self.decode(payload) }
    }

    @Test("a payload with more than a thousand packets without a message is refused; messages have no such limit")
    func others() throws {
        func payload(_ packet: String, _ count: Int) -> String {
            (["4a"] + Array(repeating: packet, count: count)).joined(separator: "\u{1E}")
        }
        #expect(try Self.decode(payload("3", 1000)).count == 1001)
        #expect(throws: EnginePacket.ParseError.self) { try Self.decode(payload("3", 1001)) }
        #expect(throws: EnginePacket.ParseError.self) { try Self.decode(payload("6", 1001)) }
        #expect(try Self.decode(payload("4b", 2000)).count == 2001)
    }

    @Test("a payload that is not UTF-8 is refused")
    func invalidText() {
        #expect(throws: EnginePacket.ParseError.self) { try PollingPayload([0x34, 0xFF]) }
    }

    @Test("a session id has 20 characters and parses from its text; other texts are refused")
    func sessionID() throws {
        let id = SessionID.random()
        #expect(id.description.utf8.count == 20 && SessionID(id.description) == id)
        #expect(Set((0..<1000).map { _ in SessionID.random() }).count == 1000)
        for text in ["", "short", "__proto__", String(repeating: "a", count: 21), String(repeating: "ä", count: 10)] {
            #expect(SessionID(text) == nil)
        }
    }
}
