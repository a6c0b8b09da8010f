import Testing

@testable import Actors

@Suite("Packets with attachments")
struct PacketAttachmentTests {
    @Test("a packet is complete with its last attachment")
    func assembly() throws {
        var decoder = PacketDecoder()
        let text = #"452-/custom,7["m",{"_placeholder":true,"num":1},"x",{"_placeholder":true,"num":0}]"#
        #expect(try decoder.receive(.text(Array(text.utf8))) == nil)
        #expect(try decoder.receive(.binary([1, 2])) == nil)
        let packet = try #require(try decoder.receive(.binary([3])))
        #expect(packet.type == .binaryEvent)
        #expect(packet.namespace == "/custom")
        #expect(packet.acknowledgementID == 7)
        #expect(packet.name == "m")
        #expect(packet.attachments == [[1, 2], [3]])
        #expect(Array(packet.arguments) == [.binary([3]), .json(JSONText(string: "x")), .binary([1, 2])])
    }

    @Test("a binary acknowledgement is complete with its last attachment")
    func acknowledgement() throws {
        let packet = try #require(try decodedPacket(#"61-12[{"_placeholder":true,"num":0}]"#, attachments: [[9]]))
        #expect(packet.type == .binaryAcknowledgement)
        #expect(packet.acknowledgementID == 12)
        #expect(Array(packet.arguments) == [.binary([9])])
    }

    @Test("a placeholder inside a value stays in its JSON")
    func nested() throws {
        let packet = try #require(
            try decodedPacket(#"51-["m",{"a":[{"_placeholder":true,"num":0}]}]"#, attachments: [[9]]))
        let inner = JSONText(object: [("_placeholder", JSONText(bool: true)), ("num", JSONText(integer: 0))])
        #expect(Array(packet.arguments) == [.json(JSONText(object: [("a", JSONText(array: [inner]))]))])
        #expect(packet.attachments == [[9]])
    }

    @Test("a packet may have ten attachments, including empty ones")
    func ten() throws {
        let attachments = Array(repeating: [UInt8](), count: 10)
        #expect(try decodedPacket(#"510-["m"]"#, attachments: attachments)?.attachments == attachments)
    }

    @Test("a decoder applies its attachment limit")
    func limit() throws {
        var decoder = PacketDecoder(maxAttachments: 1)
        #expect(throws: PacketError.tooManyAttachments(limit: 1)) {
            try decoder.receive(text: #"52-["m"]"#)
        }
        #expect(try decoder.receive(text: #"51-["m"]"#) == nil)
    }

    @Test("each packet has only its own attachments")
    func reuse() throws {
        var decoder = PacketDecoder()
        for byte: UInt8 in 0..<3 {
            #expect(try decoder.receive(text: #"51-["m"]"#) == nil)
            #expect(try decoder.receive(.binary([byte]))?.attachments == [[byte]])
        }
    }

    @Test("a text message while attachments are missing is rejected", arguments: [#"2["m"]"#, "0", "x", ""])
    func textTooEarly(text: String) throws {
        var decoder = PacketDecoder()
        _ = try decoder.receive(text: #"52-["m"]"#)
        _ = try decoder.receive(.binary([1]))
        #expect(throws: PacketError.textWhileAttachmentsDue(1)) { try decoder.receive(text: text) }
    }

    @Test(
        "a binary message without a packet that announced it is rejected", arguments: [nil, #"2["m"]"#, #"50-["m"]"#])
    func unexpected(before: String?) throws {
        var decoder = PacketDecoder()
        if let before { _ = try decoder.receive(text: before) }
        #expect(throws: PacketError.unexpectedAttachment) { try decoder.receive(.binary([1])) }
    }

    @Test("an attachment after the announced ones is rejected")
    func oneTooMany() throws {
        var decoder = PacketDecoder()
        _ = try decoder.receive(text: #"51-["m"]"#)
        _ = try decoder.receive(.binary([1]))
        #expect(throws: PacketError.unexpectedAttachment) { try decoder.receive(.binary([2])) }
    }
}
