import Testing

@testable import Transport

@Suite("WebSocket close frames (Autobahn 7)")
struct WebSocketCloseTests {
    static let validCodes =
        [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999] as [UInt16]
    static let invalidCodes =
        [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535] as [UInt16]

    @Test("7.7: a valid code is delivered", arguments: validCodes)
    func valid(code: UInt16) {
        expectDecoding(
            [.close(code)], gives: WebSocketOutcome(.close(code: WebSocketCloseCode(rawValue: code), reason: [])))
    }

    @Test("7.9, 7.13: an invalid code ends the connection", arguments: invalidCodes)
    func invalid(code: UInt16) {
        expectDecoding([.close(code)], gives: WebSocketOutcome(error: .invalidCloseCode(code: code)))
    }

    @Test("only the registered codes and the two open ranges are valid")
    func codes() {
        let codes = (0...UInt16.max).filter { WebSocketCloseCode(rawValue: $0) != nil }
        #expect(codes == [UInt16](1000...1003) + [UInt16](1007...1014) + [UInt16](3000...4999))
    }

    @Test("7.3.1: a close frame may have no payload")
    func empty() {
        expectDecoding(
            [WebSocketClientFrame(opcode: 8)], gives: WebSocketOutcome(.close(code: nil, reason: [])))
    }

    @Test("7.3.2: a payload of one byte ends the connection")
    func oneByte() {
        expectDecoding(
            [WebSocketClientFrame(opcode: 8, payload: [3])], gives: WebSocketOutcome(error: .truncatedCloseCode))
    }

    @Test("7.3.4, 7.3.5: a reason has up to 123 bytes", arguments: [1, 5, 123])
    func reason(count: Int) {
        let reason = [UInt8](repeating: UInt8(ascii: "r"), count: count)
        expectDecoding(
            [.close(1000, reason)], gives: WebSocketOutcome(.close(code: .normal, reason: reason)))
    }

    @Test(
        "7.5.1: a reason that is not UTF-8 ends the connection",
        arguments: [
            [0xCE, 0xBA, 0xED, 0xA0, 0x80], [0xCE], [0xFF],
        ] as [[UInt8]])
    func badReason(reason: [UInt8]) {
        expectDecoding([.close(1000, reason)], gives: WebSocketOutcome(error: .invalidCloseReason))
    }

    @Test("an invalid code is reported before an invalid reason")
    func badBoth() {
        expectDecoding([.close(1005, [0xFF])], gives: WebSocketOutcome(error: .invalidCloseCode(code: 1005)))
    }

    @Test("7.1.3–7.1.5: any input after a close frame is ignored")
    func afterClose() {
        let close = WebSocketOutcome(.close(code: .normal, reason: []))
        expectDecoding([.close(1000), .ping("p"), .text("t"), .close(1001)], gives: close)
        expectDecoding(WebSocketClientFrame.close(1000).bytes + [0xFF, 0xFF, 0xFF], gives: close)
    }
}
