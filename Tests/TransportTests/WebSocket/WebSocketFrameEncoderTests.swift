import Testing

@testable import Transport

@Suite("WebSocket frames of a server: final, unmasked, with the shortest length")
struct WebSocketFrameEncoderTests {
    @Test(
        "the header has the shortest form",
        arguments: [
            (0, [0x82, 0]), (125, [0x82, 125]), (126, [0x82, 126, 0, 126]), (65_535, [0x82, 126, 0xFF, 0xFF]),
            (65_536, [0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
        ] as [(Int, [UInt8])])
    func header(count: Int, header: [UInt8]) {
        let payload = [UInt8](repeating: 0xAB, count: count)
        #expect(WebSocketFrameEncoder.frame(opcode: .binary, payload: payload) == header + payload)
        #expect(WebSocketFrameEncoder.headerLength(payloadCount: count) == header.count)
    }

    @Test(
        "each type has its opcode",
        arguments: [
            (WebSocketOpcode.text, 0x81), (.binary, 0x82), (.close, 0x88), (.ping, 0x89), (.pong, 0x8A),
        ] as [(WebSocketOpcode, UInt8)])
    func opcode(opcode: WebSocketOpcode, first: UInt8) {
        #expect(WebSocketFrameEncoder.frame(opcode: opcode, payload: "x".utf8) == [first, 1, 0x78])
    }

    @Test("frames are appended to the existing bytes")
    func append() {
        var output: [UInt8] = [1]
        WebSocketFrameEncoder.append(opcode: .text, payload: "Hello".utf8, to: &output)
        WebSocketFrameEncoder.append(opcode: .pong, payload: [], to: &output)
        #expect(output == [1, 0x81, 5] + "Hello".utf8 + [0x8A, 0])
    }

    @Test("a close frame has a code and a reason, or no payload")
    func close() {
        #expect(WebSocketFrameEncoder.closeFrame(nil, reason: "ignored") == [0x88, 0])
        #expect(WebSocketFrameEncoder.closeFrame(.goingAway) == [0x88, 2, 0x03, 0xE9])
        #expect(WebSocketFrameEncoder.closeFrame(.goingAway, reason: "ok") == [0x88, 4, 0x03, 0xE9] + "ok".utf8)
    }

    @Test(
        "a reason is cut to 123 bytes, between characters",
        arguments: [
            (String(repeating: "r", count: 500), 123), (String(repeating: "κ", count: 100), 122),
            (String(repeating: "𝄞", count: 100), 120),
        ])
    func longReason(reason: String, kept: Int) {
        let frame = WebSocketFrameEncoder.closeFrame(.goingAway, reason: reason)
        #expect(frame == [0x88, UInt8(kept + 2), 0x03, 0xE9] + reason.utf8.prefix(kept))
    }
}
