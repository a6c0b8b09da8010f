import Testing

@testable import Transport

@Suite("WebSocket fragmentation (Autobahn 5)")
struct WebSocketFragmentationTests {
    struct Case: CustomTestStringConvertible {
        var name: String
        var frames: [WebSocketClientFrame]
        var outcome: WebSocketOutcome

        var testDescription: String { name }
    }

    static let cases = [
        Case(
            name: "5.3: two fragments are one message",
            frames: [.text("frag", isFinal: false), .continuation("ment")],
            outcome: WebSocketOutcome(.text("fragment"))),
        Case(
            name: "5.6: a ping between two fragments is delivered at once",
            frames: [.text("frag", isFinal: false), .ping("ping"), .continuation("ment")],
            outcome: WebSocketOutcome(.ping("ping"), .text("fragment"))),
        Case(
            name: "5.9: a final continuation without a message is an error",
            frames: [.continuation("late"), .text("Hello")],
            outcome: WebSocketOutcome(error: .unexpectedContinuation)),
        Case(
            name: "5.10: a continuation without a message is an error",
            frames: [.continuation("late", isFinal: false), .text("Hello")],
            outcome: WebSocketOutcome(error: .unexpectedContinuation)),
        Case(
            name: "5.15: a continuation after a finished message is an error",
            frames: [
                .text("1", isFinal: false), .continuation("2"), .continuation("3", isFinal: false), .text("4"),
            ],
            outcome: WebSocketOutcome(.text("12"), error: .unexpectedContinuation)),
        Case(
            name: "5.18: a new text inside a fragmented text is an error",
            frames: [.text("1", isFinal: false), .text("2")],
            outcome: WebSocketOutcome(error: .interleavedMessage)),
        Case(
            name: "a binary message inside a fragmented text is an error",
            frames: [.text("1", isFinal: false), .binary([2])],
            outcome: WebSocketOutcome(error: .interleavedMessage)),
        Case(
            name: "5.19: five fragments with pings between them are one message",
            frames: [
                .text("1", isFinal: false), .continuation("2", isFinal: false), .ping("a"),
                .continuation("3", isFinal: false), .continuation("4", isFinal: false), .ping("b"), .continuation("5"),
            ],
            outcome: WebSocketOutcome(.ping("a"), .ping("b"), .text("12345"))),
        Case(
            name: "6.1: empty fragments around a text are accepted",
            frames: [.text("", isFinal: false), .continuation("x", isFinal: false), .continuation("")],
            outcome: WebSocketOutcome(.text("x"))),
        Case(
            name: "6.1: empty fragments alone are an empty message",
            frames: [.text("", isFinal: false), .continuation("", isFinal: false), .continuation("")],
            outcome: WebSocketOutcome(.text(""))),
        Case(
            name: "a fragmented message may be followed by one of the other type",
            frames: [
                .text("a", isFinal: false), .continuation("b"), .binary([1], isFinal: false), .continuation([0xFF]),
            ],
            outcome: WebSocketOutcome(.text("ab"), .binary([1, 0xFF]))),
        Case(
            name: "a pong and a close may arrive between fragments, and the message is never finished",
            frames: [.binary([1], isFinal: false), .pong("p"), .close(1000), .continuation([2])],
            outcome: WebSocketOutcome(.pong("p"), .close(code: .normal, reason: []))),
    ]

    @Test("a sequence of fragments gives its events or its error", arguments: cases)
    func decodes(_ example: Case) {
        expectDecoding(example.frames, gives: example.outcome)
    }
}
