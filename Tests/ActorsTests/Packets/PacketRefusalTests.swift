import Testing

@testable import Actors

@Suite("Packets that close the connection")
struct PacketRefusalTests {
    @Test(
        "malformed packets are rejected",
        arguments: [
            ("", .empty),
            ("abc", .unknownType(UInt8(ascii: "a"))), ("{}", .unknownType(UInt8(ascii: "{"))),
            ("999", .unknownType(UInt8(ascii: "9"))),
            ("7", .unknownType(UInt8(ascii: "7"))), ("/", .unknownType(UInt8(ascii: "/"))),
            (" 0", .unknownType(UInt8(ascii: " "))),
            ("4", .connectErrorFromClient), (#"4{"message":"x"}"#, .connectErrorFromClient),
            ("0[]", .invalidPayload(.connect, .unexpectedByte(UInt8(ascii: "["), offset: 2))),
            (#"0"x""#, .invalidPayload(.connect, .unexpectedByte(UInt8(ascii: "\""), offset: 2))),
            ("0null", .invalidPayload(.connect, .unexpectedByte(UInt8(ascii: "n"), offset: 2))),
            ("012", .invalidPayload(.connect, .unexpectedByte(UInt8(ascii: "1"), offset: 2))),
            ("0{", .invalidPayload(.connect, .unexpectedEnd)),
            ("0{}x", .invalidPayload(.connect, .unexpectedByte(UInt8(ascii: "x"), offset: 4))),
            ("1{}", .unexpectedPayload), (#"1"x""#, .unexpectedPayload), ("1/custom,{}", .unexpectedPayload),
            ("11", .unexpectedPayload),
            ("2", .invalidPayload(.event, .unexpectedEnd)), ("2/custom,", .invalidPayload(.event, .unexpectedEnd)),
            (#"2/custom["x"]"#, .invalidPayload(.event, .unexpectedEnd)),
            ("212", .invalidPayload(.event, .unexpectedEnd)),
            ("2{}", .invalidPayload(.event, .unexpectedByte(UInt8(ascii: "{"), offset: 2))),
            (#"2abc["x"]"#, .invalidPayload(.event, .unexpectedByte(UInt8(ascii: "a"), offset: 2))),
            (#"2-1["x"]"#, .invalidPayload(.event, .unexpectedByte(UInt8(ascii: "-"), offset: 2))),
            (#"2["x""#, .invalidPayload(.event, .unexpectedEnd)),
            (#"2["x",]"#, .invalidPayload(.event, .unexpectedByte(UInt8(ascii: "]"), offset: 7))),
            (#"2["x"]]"#, .invalidPayload(.event, .unexpectedByte(UInt8(ascii: "]"), offset: 7))),
            (#"22-["x"]"#, .invalidPayload(.event, .unexpectedByte(UInt8(ascii: "-"), offset: 3))),
            ("2[]", .missingEventName), ("2[ ]", .missingEventName), ("50-[]", .missingEventName),
            ("2[true]", .eventNameNotString), ("2[null]", .eventNameNotString), ("2[1]", .eventNameNotString),
            (#"2[{"toString":"foo"}]"#, .eventNameNotString), (#"2[["x"]]"#, .eventNameNotString),
            (#"51-[{"_placeholder":true,"num":0}]"#, .eventNameNotString),
            ("3{}", .invalidPayload(.acknowledgement, .unexpectedByte(UInt8(ascii: "{"), offset: 2))),
            ("312", .invalidPayload(.acknowledgement, .unexpectedEnd)),
            ("312{}", .invalidPayload(.acknowledgement, .unexpectedByte(UInt8(ascii: "{"), offset: 4))),
            (#"21234567890123456["x"]"#, .acknowledgementIDTooLong(limit: 15)),
            ("30000000000000001[]", .acknowledgementIDTooLong(limit: 15)),
            ("5", .missingAttachmentCount), ("51", .missingAttachmentCount), ("5a-", .missingAttachmentCount),
            ("51.23-", .missingAttachmentCount),
            (#"5-["x"]"#, .missingAttachmentCount), (#"5["x"]"#, .missingAttachmentCount),
            ("6", .missingAttachmentCount), ("5--1-", .missingAttachmentCount),
            (#"511-["x"]"#, .tooManyAttachments(limit: 10)),
            (#"599999999999999999999-["x"]"#, .tooManyAttachments(limit: 10)),
            ("51-", .invalidPayload(.binaryEvent, .unexpectedEnd)),
        ] as [(String, PacketError)])
    func malformed(text: String, error: PacketError) {
        #expect(throws: error) { try decodedPacket(text) }
    }

    @Test(
        "events with reserved names are rejected, with or without escapes",
        arguments: [
            ("connect", "connect"), ("connect_error", "connect_error"), ("disconnect", "disconnect"),
            ("disconnecting", "disconnecting"),
            ("newListener", "newListener"), ("removeListener", "removeListener"), (#"conn\u0065ct"#, "connect"),
            (#"\u0064isconnecting"#, "disconnecting"),
        ])
    func reserved(written: String, name: String) {
        #expect(throws: PacketError.reservedEventName(name)) { try decodedPacket(#"2["\#(written)",1]"#) }
        #expect(throws: PacketError.reservedEventName(name)) { try decodedPacket(#"51-["\#(written)"]"#) }
    }

    @Test("a message without a packet type is rejected", arguments: ["", "4"])
    func empty(message: String) {
        var decoder = PacketDecoder()
        #expect(throws: PacketError.empty) { try decoder.receive(.text(Array(message.utf8))) }
    }

    @Test("JSON nested more than 512 levels deep is rejected; the event's array counts as one level")
    func depth() throws {
        func nested(_ depth: Int) -> String {
            #"2["m","# + String(repeating: "[", count: depth - 1) + String(repeating: "]", count: depth - 1) + "]"
        }
        #expect(try decodedPacket(nested(512))?.arguments.count == 1)
        #expect(throws: PacketError.invalidPayload(.event, .tooDeep(offset: 518))) { try decodedPacket(nested(513)) }
    }

    @Test("each error has a distinct description")
    func descriptions() {
        let errors: [PacketError] = [
            .empty, .unknownType(0x61), .connectErrorFromClient, .missingAttachmentCount,
            .tooManyAttachments(limit: 10),
            .acknowledgementIDTooLong(limit: 15), .unexpectedPayload,
            .invalidPayload(.event, .unexpectedEnd),
            .invalidPayload(.event, .tooLong), .missingEventName, .eventNameNotString, .reservedEventName("connect"),
            .invalidPlaceholder(attachments: 1), .textWhileAttachmentsDue(1), .unexpectedAttachment,
        ]
        #expect(Set(errors.map(\.description)).count == errors.count)
        #expect(PacketError.unknownType(0x61).description == "unknown packet type, byte 0x61")
        #expect(
            PacketError.invalidPayload(.event, .unexpectedByte(0x7B, offset: 2)).description
                == "invalid payload of a packet of type 2: unexpected byte 0x7b at offset 2 of the JSON text")
    }
}
