import Testing

@testable import Actors

@Suite("Packets that a parser of an application makes")
struct PacketPayloadTests {
    @Test("an acknowledgement id has at most 15 digits", arguments: [PacketType.event, .acknowledgement])
    func acknowledgementID(type: PacketType) throws {
        let longest = try Packet(type, payload: ["m"], acknowledgementID: 999_999_999_999_999)
        #expect(longest.acknowledgementID == 999_999_999_999_999)
        #expect(throws: PacketError.acknowledgementIDTooLong(limit: 15)) {
            try Packet(type, payload: ["m"], acknowledgementID: 1_000_000_000_000_000)
        }
    }

    @Test("the id of a type that has none is ignored")
    func ignoredID() throws {
        #expect(try Packet(.connect, acknowledgementID: UInt64.max).acknowledgementID == nil)
        #expect(try Packet(.disconnect, acknowledgementID: 1).acknowledgementID == nil)
    }

    @Test("each attachment has at most one placeholder")
    func placeholders() throws {
        let place: (Int) -> JSONText = { ["_placeholder": true, "num": JSONText(integer: $0)] }
        let both: JSONText = ["m", place(1), place(0)]
        let packet = try Packet(.event, payload: both, attachments: [[1], [2]])
        #expect(Array(packet.arguments) == [.binary([2]), .binary([1])])
        let repeated: JSONText = ["m", place(1), place(1)]
        #expect(throws: PacketError.invalidPlaceholder(attachments: 2)) {
            try Packet(.event, payload: repeated, attachments: [[1], [2]])
        }
        #expect(try Packet(.event, payload: repeated).type == .event, "plain data without attachments")
    }
}
