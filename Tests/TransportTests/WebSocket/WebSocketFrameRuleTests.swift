import Testing

@testable import Transport

@Suite("WebSocket frames that clients must not send (Autobahn 3, 4)")
struct WebSocketFrameRuleTests {
    @Test(
        "3: a reserved bit ends the connection, after the message before it is delivered",
        arguments: 1...7 as ClosedRange<UInt8>)
    func reservedBits(bits: UInt8) {
        expectDecoding(
            [.text("before"), WebSocketClientFrame(opcode: 1, payload: [65], reservedBits: bits), .text("after")],
            gives: WebSocketOutcome(.text("before"), error: .reservedBits(bits: bits)))
    }

    @Test("4: a reserved opcode ends the connection", arguments: [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] as [UInt8])
    func reservedOpcode(opcode: UInt8) {
        expectDecoding(
            [.text("before"), WebSocketClientFrame(opcode: opcode, payload: [65]), .ping()],
            gives: WebSocketOutcome(.text("before"), error: .reservedOpcode(opcode: opcode)))
    }

    @Test("an unmasked frame ends the connection", arguments: [0, 1, 2, 8, 9, 10] as [UInt8])
    func unmasked(opcode: UInt8) {
        expectDecoding(
            [WebSocketClientFrame(opcode: opcode, payload: [65], key: nil)],
            gives: WebSocketOutcome(error: .unmaskedFrame))
    }

    @Test("a 64-bit length with the high bit set ends the connection", arguments: [0x80, 0xFF] as [UInt8])
    func highBit(first: UInt8) {
        let stream: [UInt8] = [0x82, 0xFF, first, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 9]
        expectDecoding(stream, gives: WebSocketOutcome(error: .invalidLength))
        #expect(bytesUntilError(in: stream) == 3)
    }

    @Test("2.5, 7.3.6: a control frame over 125 bytes ends the connection", arguments: [8, 9, 10] as [UInt8])
    func oversizedControl(opcode: UInt8) throws {
        let kind = try #require(WebSocketOpcode(rawValue: opcode))
        expectDecoding(
            [WebSocketClientFrame(opcode: opcode, payload: [UInt8](repeating: 0xFE, count: 126))],
            gives: WebSocketOutcome(error: .oversizedControlFrame(kind)))
    }

    @Test("5.1, 5.2: a fragmented control frame ends the connection", arguments: [8, 9, 10] as [UInt8])
    func fragmentedControl(opcode: UInt8) throws {
        let kind = try #require(WebSocketOpcode(rawValue: opcode))
        expectDecoding(
            [WebSocketClientFrame(opcode: opcode, payload: [65], isFinal: false), .continuation("B")],
            gives: WebSocketOutcome(error: .fragmentedControlFrame(kind)))
    }

    @Test("an invalid header is reported at its first invalid byte, before the header is complete")
    func early() {
        #expect(bytesUntilError(in: [0xC1, 0x80]) == 1)
        #expect(bytesUntilError(in: [0x83, 0x80]) == 1)
        #expect(bytesUntilError(in: [0x09, 0x80]) == 1)
        #expect(bytesUntilError(in: [0x81, 0x05]) == 2)
        #expect(bytesUntilError(in: [0x89, 0xFE]) == 2)
    }

    @Test("every error has the close code of its kind")
    func closeCodes() {
        let protocolErrors: [WebSocketError] = [
            .reservedBits(bits: 4), .reservedOpcode(opcode: 3), .fragmentedControlFrame(.ping),
            .oversizedControlFrame(.close), .unmaskedFrame, .invalidLength, .unexpectedContinuation,
            .interleavedMessage, .truncatedCloseCode, .invalidCloseCode(code: 1005),
        ]
        #expect(protocolErrors.allSatisfy { $0.closeCode == .protocolError })
        #expect(WebSocketError.invalidText.closeCode == .invalidPayload)
        #expect(WebSocketError.invalidCloseReason.closeCode == .invalidPayload)
        #expect(WebSocketError.messageTooBig(size: 11, limit: 10).closeCode == .messageTooBig)
        #expect(WebSocketError.tooManyFragments(limit: 3).closeCode == .policyViolation)
    }

    @Test("a description names the violation and the limit")
    func descriptions() {
        #expect("\(WebSocketError.messageTooBig(size: 11, limit: 10))" == "message of 11 bytes is over the limit of 10")
        #expect("\(WebSocketError.tooManyFragments(limit: 3))" == "message has more than 3 fragments")
        #expect("\(WebSocketError.oversizedControlFrame(.ping))" == "ping frame is longer than 125 bytes")
        #expect("\(WebSocketError.invalidCloseCode(code: 1005))" == "close code 1005 must not be sent")
    }
}
