import Testing

@testable import Actors

@Suite("MessagePack that is refused")
struct MessagePackRefusalTests {
    @Test(
        "a value that does not fit into its message is refused before anything is allocated for it",
        arguments: [
            "", "<a1>", "<d9>", "<d9 05>abc", "<db ff ff ff ff>", "<c4 01>", "<c6 ff ff ff ff 00>", "<dd ff ff ff ff>",
            "<dc 00 02 01>", "<df ff ff ff ff>", "<df 80 00 00 00 00>", "<81 a1>a", "<92 01>", "<cf 00>", "<cb 00>",
            "<d3 00 00>", "<d6 ff 00>", "<c9 ff ff ff ff 01>", "<c7 01>", "<d4 00>",
        ])
    func truncated(bytes: String) {
        #expect(throws: MessagePackError.truncated) { try converted(packed(bytes)) }
        var reader = MessagePackReader(packed(bytes))
        #expect(throws: MessagePackError.truncated) { try reader.skipValue() }
    }

    @Test(
        "values that JSON cannot contain are refused",
        arguments: [
            ("<c1>", .unusedByte), ("<91 c1>", .unusedByte), ("<81 c0 01>", .invalidKey), ("<81 90 01>", .invalidKey),
            ("<81 c4 01 01 01>", .invalidKey), ("<a1 ff>", .invalidText), ("<81 a2 c3 28 01>", .invalidText),
            ("<a3 ed a0 80>", .invalidText), ("<01 02>", .trailingBytes(1)),
        ] as [(String, MessagePackError)])
    func invalid(bytes: String, error: MessagePackError) {
        #expect(throws: error) { try converted(packed(bytes)) }
    }

    @Test("arrays and maps may be nested 512 levels deep, not deeper")
    func depth() throws {
        for opener in [[0x91], [0x81, 0xA1, 0x61]] as [[UInt8]] {
            let deepest = Array(repeatElement(opener, count: 512).joined()) + [0xC0]
            let json = try converted(deepest).json
            #expect(try packed(json: JSONText(validating: Array(json.utf8))) == deepest)
            #expect(throws: MessagePackError.tooDeep(limit: 512)) { try converted(opener + deepest) }
        }
    }

    @Test("the arrays of numbers for binary data in auth count as levels")
    func depthOfAuth() throws {
        let auth = { (depth: Int) -> [UInt8] in
            packed("<83 a4>type<00 a3>nsp<a1>/<a4>data") + repeatElement(packed("<81 a1>a"), count: depth).joined()
                + packed("<c4 01 07>")
        }
        let packet = try #require(try messagePackPacket(auth(511)))
        #expect(packet.auth?.description.contains(#"{"a":[7]}"#) == true)
        #expect(throws: MessagePackError.tooDeep(limit: 512)) { try messagePackPacket(auth(512)) }
    }

    @Test("a packet may have 1000 binary values, not more")
    func attachments() throws {
        let list = { (count: Int) in
            [0xDC, UInt8(count >> 8), UInt8(count & 0xFF)] + repeatElement([0xC4, 0x00], count: count).joined()
        }
        #expect(try converted(list(1000)).attachments.count == 1000)
        #expect(throws: MessagePackError.tooManyAttachments(limit: 1000)) { try converted(list(1001)) }
    }

    @Test(
        "a message that is not a packet of a client is refused",
        arguments: [
            ("<90>", MessagePackError.notAMap), ("<01>", MessagePackError.notAMap), ("<80>", .invalidType),
            ("<81 01 02>", .invalidKey), ("<81 a3>nsp<a1>/", .invalidType),
            ("<82 a4>type<05 a3>nsp<a1>/", .invalidType),
            ("<82 a4>type<ff a3>nsp<a1>/", .invalidType), ("<82 a4>type<a1>0<a3>nsp<a1>/", .invalidType),
            ("<81 a4>type<00>", .invalidNamespace), ("<82 a4>type<00 a3>nsp<c0>", .invalidNamespace),
            ("<82 a4>type<00 a3>nsp<a2>/<ff>", .invalidText),
            ("<83 a4>type<02 a3>nsp<a1>/<a2>id<ff>", .invalidID), ("<83 a4>type<02 a3>nsp<a1>/<a2>id<a1>1", .invalidID),
            ("<83 a4>type<02 a3>nsp<a1>/<a2>id<cf 00 03 8d 7e a4 c6 80 00>", .invalidID),
            ("<82 a4>type<00 a3>nsp<a1>/<00>", .trailingBytes(1)), ("<82 a4>type<00 a3>nsp", .truncated),
        ] as [(String, MessagePackError)])
    func malformed(bytes: String, error: MessagePackError) {
        #expect(throws: error) { try messagePackPacket(packed(bytes)) }
        #expect(!error.description.isEmpty)
    }

    @Test(
        "a packet whose data does not fit its type is refused",
        arguments: [
            ("<83 a4>type<00 a4>data<90 a3>nsp<a1>/", .invalidPayload(.connect, .unexpectedByte(0x5B, offset: 0))),
            (
                "<83 a4>type<00 a4>data<c4 01 01 a3>nsp<a1>/",
                .invalidPayload(.connect, .unexpectedByte(0x5B, offset: 0))
            ),
            ("<83 a4>type<04 a4>data<81 a1>a<c4 01 01 a3>nsp<a1>/", .attachmentsNotAllowed(.connectError)),
            ("<83 a4>type<01 a4>data<80 a3>nsp<a1>/", .unexpectedPayload),
            ("<82 a4>type<02 a3>nsp<a1>/", .invalidPayload(.event, .unexpectedEnd)),
            ("<83 a4>type<02 a4>data<80 a3>nsp<a1>/", .invalidPayload(.event, .unexpectedByte(0x7B, offset: 0))),
            ("<83 a4>type<02 a4>data<90 a3>nsp<a1>/", .missingEventName),
            ("<83 a4>type<02 a4>data<91 01 a3>nsp<a1>/", .eventNameNotString),
            ("<83 a4>type<02 a4>data<91 c4 01 01 a3>nsp<a1>/", .eventNameNotString),
            (
                "<83 a4>type<02 a4>data<93 a1>m<c4 01 01 81 ac>_placeholder<c3 a3>nsp<a1>/",
                .invalidPlaceholder(attachments: 1)
            ),
            (
                "<83 a4>type<02 a4>data<93 a1>m<c4 01 01 82 ac>_placeholder<c3 a3>num<00 a3>nsp<a1>/",
                .invalidPlaceholder(attachments: 1)
            ),
            (
                "<83 a4>type<02 a4>data<92 a1>m<83 ac>_placeholder<c3 a3>num<00 a1>x<c4 01 01 a3>nsp<a1>/",
                .invalidPlaceholder(attachments: 1)
            ),
            ("<83 a4>type<02 a4>data<91 a1>m<a3>nsp<a1>x", .invalidNamespace("x")),
            ("<83 a4>type<02 a4>data<91 a1>m<a3>nsp<a4>/a,b", .invalidNamespace("/a,b")),
            ("<83 a4>type<02 a4>data<91 a1>m<a3>nsp<a0>", .invalidNamespace("")),
            ("<83 a4>type<02 a4>data<91 a1>m<a3>nsp<a4>/,<cc 81>", .invalidNamespace("/,\u{301}")),
        ] as [(String, PacketError)])
    func unfit(bytes: String, error: PacketError) {
        #expect(throws: error) { try messagePackPacket(packed(bytes)) }
        #expect(!error.description.isEmpty)
    }

    @Test("a text message is refused")
    func text() {
        var decoder = MessagePackParser().makeDecoder()
        #expect(throws: MessagePackError.textMessage) { try decoder.receive(.text("0")) }
        #expect(MessagePackError.textMessage.description == "a text message: this client does not use MessagePack")
    }
}
