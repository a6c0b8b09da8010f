import Testing

@testable import Transport

@Suite("WebSocket limits")
struct WebSocketLimitTests {
    @Test("a message of exactly the limit is accepted, whole and in fragments")
    func atLimit() {
        let payload = [UInt8](repeating: 1, count: 300)
        expectDecoding([.binary(payload)], gives: WebSocketOutcome(.binary(payload)), maxMessageSize: 300)
        expectDecoding(
            [.binary([UInt8](payload.prefix(100)), isFinal: false), .continuation([UInt8](payload.prefix(200)))],
            gives: WebSocketOutcome(.binary(payload)), maxMessageSize: 300)
    }

    @Test("a message over the limit is refused at its header, before its payload")
    func overLimit() {
        let stream = WebSocketClientFrame.binary([UInt8](repeating: 1, count: 301)).bytes
        expectDecoding(
            stream, gives: WebSocketOutcome(error: .messageTooBig(size: 301, limit: 300)), maxMessageSize: 300)
        #expect(bytesUntilError(in: stream, maxMessageSize: 300) == 8)
    }

    @Test("the sizes of fragments are added up")
    func fragmentsOverLimit() {
        expectDecoding(
            [.binary([1, 2, 3], isFinal: false), .ping("p"), .continuation([4, 5])],
            gives: WebSocketOutcome(.ping("p"), error: .messageTooBig(size: 5, limit: 4)), maxMessageSize: 4)
    }

    @Test("the largest length that a header can announce is refused, also in a later fragment")
    func hugeLength() {
        let claim: [UInt8] = [0xFF, 0x7F] + [UInt8](repeating: 0xFF, count: 7) + [0, 0, 0, 0]
        expectDecoding(
            [0x82] + claim, gives: WebSocketOutcome(error: .messageTooBig(size: .max, limit: 10)), maxMessageSize: 10)
        expectDecoding(
            WebSocketClientFrame.binary([1], isFinal: false).bytes + [0x80] + claim,
            gives: WebSocketOutcome(error: .messageTooBig(size: .max, limit: 10)), maxMessageSize: 10)
    }

    @Test("control frames do not count towards the size, and the limit does not apply to them")
    func controlFrames() {
        expectDecoding(
            [.ping("longer than two"), .binary([1, 2])],
            gives: WebSocketOutcome(.ping("longer than two"), .binary([1, 2])), maxMessageSize: 2)
    }

    @Test("one fragment too many ends the connection, and the fragments of each message are counted anew")
    func fragments() {
        let message: [WebSocketClientFrame] = [
            .binary([1], isFinal: false), .continuation([2], isFinal: false), .ping("p"), .continuation([3]),
        ]
        expectDecoding(
            message + message,
            gives: WebSocketOutcome(.ping("p"), .binary([1, 2, 3]), .ping("p"), .binary([1, 2, 3])), maxFragments: 3)
        expectDecoding(
            message, gives: WebSocketOutcome(.ping("p"), error: .tooManyFragments(limit: 2)), maxFragments: 2)
    }

    @Test("endless empty fragments end the connection at the default of 131 072")
    func endlessFragments() {
        let fragment = WebSocketClientFrame.continuation([], isFinal: false).bytes
        let start = WebSocketClientFrame.binary([], isFinal: false).bytes
        let rest = repeatElement(fragment, count: 131_071).flatMap { $0 }
        #expect(WebSocketOutcome(decoding: [(start + rest)[...]]).error == nil)
        #expect(
            WebSocketOutcome(decoding: [(start + rest + fragment)[...]])
                == WebSocketOutcome(error: .tooManyFragments(limit: 131_072)))
    }

    @Test("an announced length allocates nothing, and a complete frame allocates exactly its size")
    func memory() throws {
        var bytes: [UInt8] = []
        var key = WebSocketMaskingKey()
        Array("x".utf8).withUnsafeBytes { bytes.append(unmasking: $0, with: &key, expected: 1 << 24) }
        #expect(bytes.capacity <= 1024)

        let payload = [UInt8](repeating: 7, count: 5000)
        var whole: [UInt8] = []
        payload.withUnsafeBytes { whole.append(unmasking: $0, with: &key, expected: 5000) }
        #expect(whole.capacity < 5100)
    }
}
