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
            name: "5.3: two fragments",
            frames: [.text("frag", isFinal: false), .continuation("ment")],
            outcome: WebSocketOutcome(.text("fragment"))),
        Case(
            name: "5.6: a ping between two fragments is delivered at once",
            frames: [.text("frag", isFinal: false), .ping("ping"), .continuation("ment")],
            outcome: WebSocketOutcome(.ping("ping"), .text("fragment"))),
        Case(
            name: "5.9: continuation before any message, final",
            frames: [.continuation("late"), .text("Hello")],
            outcome: WebSocketOutcome(error: .unexpectedContinuation)),
        Case(
            name: "5.10: continuation before any message, not final",
            frames: [.continuation("late", isFinal: false), .text("Hello")],
            outcome: WebSocketOutcome(error: .unexpectedContinuation)),
        Case(
            name: "5.15: continuation after a finished message",
            frames: [
                .text("1", isFinal: false), .continuation("2"), .continuation("3", isFinal: false), .text("4"),
            ],
            outcome: WebSocketOutcome(.text("12"), error: .unexpectedContinuation)),
        Case(
            name: "5.18: text inside a fragmented text",
            frames: [.text("1", isFinal: false), .text("2")],
            outcome: WebSocketOutcome(error: .interleavedMessage)),
        Case(
            name: "binary inside a fragmented text",
            frames: [.text("1", isFinal: false), .binary([2])],
            outcome: WebSocketOutcome(error: .interleavedMessage)),
        Case(
            name: "5.19: five fragments with pings between",
            frames: [
                .text("1", isFinal: false), .continuation("2", isFinal: false), .ping("a"),
                .continuation("3", isFinal: false), .continuation("4", isFinal: false), .ping("b"), .continuation("5"),
            ],
            outcome: WebSocketOutcome(.ping("a"), .ping("b"), .text("12345"))),
        Case(
            name: "6.1: empty fragments around a text",
            frames: [.text("", isFinal: false), .continuation("x", isFinal: false), .continuation("")],
            outcome: WebSocketOutcome(.text("x"))),
        Case(
            name: "6.1: only empty fragments",
            frames: [.text("", isFinal: false), .continuation("", isFinal: false), .continuation("")],
            outcome: WebSocketOutcome(.text(""))),
        Case(
            name: "a fragmented message is followed by a new one of the other kind",
            frames: [
                .text("a", isFinal: false), .continuation("b"), .binary([1], isFinal: false), .continuation([0xFF]),
            ],
            outcome: WebSocketOutcome(.text("ab"), .binary([1, 0xFF]))),
        Case(
            name: "pong and close between fragments; the message is never finished",
            frames: [.binary([1], isFinal: false), .pong("p"), .close(1000), .continuation([2])],
            outcome: WebSocketOutcome(.pong("p"), .close(code: .normal, reason: []))),
    ]

    @Test("fragments", arguments: cases)
    func decodes(_ example: Case) {
        expectDecoding(example.frames, gives: example.outcome)
    }
}
