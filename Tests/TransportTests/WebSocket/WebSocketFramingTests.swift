import Testing

@testable import Transport

@Suite("WebSocket framing (Autobahn 1, 9, 10)")
struct WebSocketFramingTests {
    @Test("1.1: a text of every length encoding arrives complete", arguments: [0, 1, 124, 125, 126, 127, 128, 129])
    func text(count: Int) {
        let payload = [UInt8](repeating: UInt8(ascii: "*"), count: count)
        expectDecoding([.text(payload)], gives: WebSocketOutcome(.text(payload)))
    }

    @Test("1.2: a binary message of each length encoding arrives complete", arguments: [0, 1, 125, 126, 127, 128, 129])
    func binary(count: Int) {
        let payload = [UInt8](repeating: 0xFE, count: count)
        expectDecoding([.binary(payload)], gives: WebSocketOutcome(.binary(payload)))
    }

    @Test(
        "1.1.6–1.1.8: lengths around 64 KiB work in one piece and in reads of 997 bytes", arguments: [65_535, 65_536])
    func long(count: Int) {
        let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7) }
        let stream = WebSocketClientFrame.binary(payload).bytes
        let pieces = stride(from: 0, to: stream.count, by: 997).map { stream[$0..<min($0 + 997, stream.count)] }
        #expect(WebSocketOutcome(decoding: [stream[...]]) == WebSocketOutcome(.binary(payload)))
        #expect(WebSocketOutcome(decoding: pieces) == WebSocketOutcome(.binary(payload)))
    }

    @Test("the frames of one read are delivered in order")
    func several() {
        expectDecoding(
            [.text("one"), .ping("two"), .binary([3]), .text("")],
            gives: WebSocketOutcome(.text("one"), .ping("two"), .binary([3]), .text("")))
    }

    @Test(
        "a length in a longer form than needed is accepted",
        arguments: [[0xFE, 0, 2], [0xFF, 0, 0, 0, 0, 0, 0, 0, 2]])
    func longForm(length: [UInt8]) {
        expectDecoding([0x82] + length + [0, 0, 0, 0, 7, 8], gives: WebSocketOutcome(.binary([7, 8])))
    }

    @Test("every byte of the masking key is applied in turn, for any payload length", arguments: 0...40)
    func masking(count: Int) {
        let payload = [UInt8](repeating: 0, count: count)
        let frame = WebSocketClientFrame(opcode: 2, payload: payload, key: [1, 2, 3, 4])
        expectDecoding([frame], gives: WebSocketOutcome(.binary(payload)))
    }

    @Test("the masked Hello of RFC 6455 section 5.7 is decoded")
    func example() {
        expectDecoding(
            [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58], gives: WebSocketOutcome(.text("Hello")))
    }

    @Test("9.7: a megabyte in reads of one byte arrives complete")
    func byteByByte() {
        let payload = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
        let stream = WebSocketClientFrame.text(payload).bytes
        let outcome = WebSocketOutcome(decoding: stream.indices.lazy.map { stream[$0...$0] })
        #expect(outcome == WebSocketOutcome(.text(payload)))
    }

    @Test(
        "9.3, 10.1: a message in many fragments arrives complete",
        arguments: [(262_144, 64), (65_536, 1300), (5_000, 1)])
    func fragments(count: Int, size: Int) {
        let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var frames: [WebSocketClientFrame] = []
        for start in stride(from: 0, to: count, by: size) {
            let end = min(start + size, count)
            frames.append(
                WebSocketClientFrame(
                    opcode: start == 0 ? 2 : 0, payload: [UInt8](payload[start..<end]), isFinal: end == count))
        }
        #expect(WebSocketOutcome(decoding: [frames.bytes[...]]) == WebSocketOutcome(.binary(payload)))
    }

    @Test("a decoder takes less than 120 bytes")
    func size() {
        #expect(MemoryLayout<WebSocketDecoder>.size < 120)
        #expect(MemoryLayout<WebSocketStateMachine>.size < 120)
    }
}
