import Testing

@testable import Transport

@Suite("WebSocket text is UTF-8 (Autobahn 6)")
struct WebSocketTextTests {
    @Test("6.2: text beyond ASCII is accepted in any split, even inside a character")
    func valid() {
        let bytes = [UInt8]("Hello-µ@ßöäüàá-UTF-8!! κόσμε 𝄞".utf8)
        expectDecoding([.text(bytes)], gives: WebSocketOutcome(.text(bytes)))
        for cut in bytes.indices {
            let frames: [WebSocketClientFrame] = [
                .text([UInt8](bytes[..<cut]), isFinal: false), .continuation([UInt8](bytes[cut...])),
            ]
            #expect(WebSocketOutcome(decoding: [frames.bytes[...]]) == WebSocketOutcome(.text(bytes)))
        }
    }

    @Test("6.2.4: one character may arrive in four fragments with a ping inside")
    func pingInsideCharacter() {
        expectDecoding(
            [
                .text([0xF0], isFinal: false), .continuation([0x9D], isFinal: false), .ping("p"),
                .continuation([0x84], isFinal: false), .continuation([0x9E]),
            ],
            gives: WebSocketOutcome(.ping("p"), .text("𝄞")))
    }

    @Test("6.3: invalid UTF-8 ends the connection, whole and in fragments of one byte")
    func invalid() {
        let bytes: [UInt8] = [
            0xCE, 0xBA, 0xE1, 0xBD, 0xB9, 0xCF, 0x83, 0xCE, 0xBC, 0xCE, 0xB5, 0xED, 0xA0, 0x80, 0x65, 0x64,
        ]
        expectDecoding([.text(bytes)], gives: WebSocketOutcome(error: .invalidText))
        var frames = bytes.map { WebSocketClientFrame.continuation([$0], isFinal: false) }
        frames[0].opcode = 1
        expectDecoding(frames, gives: WebSocketOutcome(error: .invalidText))
    }

    @Test("6.4: invalid UTF-8 ends the connection at its first wrong byte")
    func failFast() {
        let good = [UInt8]("κόσμε".utf8)
        let bad: [UInt8] = [0xF4, 0x90]
        let frame = WebSocketClientFrame.text(good + bad + [0x80, 0x80] + good)
        #expect(bytesUntilError(in: frame.bytes) == 6 + good.count + 2)

        let fragments: [WebSocketClientFrame] = [
            .text(good, isFinal: false), .continuation(bad + [0x80, 0x80], isFinal: false), .continuation(good),
        ]
        #expect(bytesUntilError(in: fragments.bytes) == 6 + good.count + 6 + 2)
    }

    @Test(
        "a text that ends inside a character ends the connection at its last byte",
        arguments: [
            [0xCE], [0xE1, 0xBD], [0xF0, 0x9D, 0x84], [0x61, 0xF4, 0x8F, 0xBF],
        ] as [[UInt8]])
    func truncated(bytes: [UInt8]) {
        expectDecoding([.text(bytes), .text("x")], gives: WebSocketOutcome(error: .invalidText))
        expectDecoding(
            [.text(bytes, isFinal: false), .continuation([])], gives: WebSocketOutcome(error: .invalidText))
    }

    @Test("an incomplete character does not affect the next message")
    func messagesAreApart() {
        expectDecoding([.text([0xCE]), .text([0xBA])], gives: WebSocketOutcome(error: .invalidText))
        expectDecoding([.text("κ"), .text([0xBA])], gives: WebSocketOutcome(.text("κ"), error: .invalidText))
    }

    @Test("binary messages and pings need not be UTF-8")
    func otherKinds() {
        let bytes: [UInt8] = [0xFF, 0xFE, 0xC0, 0x80]
        expectDecoding(
            [.binary(bytes), WebSocketClientFrame(opcode: 9, payload: bytes)],
            gives: WebSocketOutcome(.binary(bytes), .ping(bytes)))
    }
}
