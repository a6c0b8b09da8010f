import Testing

@testable import Transport

@Suite("WebSocket state machine: answers pings and closes once")
struct WebSocketStateMachineTests {
    typealias Action = WebSocketStateMachine.Action

    var machine = WebSocketStateMachine(maxMessageSize: 1000)

    @Test("messages are delivered and pongs ignored")
    mutating func messages() {
        #expect(receive(.text("a"), .binary([1]), .pong("x")) == [.receive(.text([97])), .receive(.binary([1]))])
        #expect(machine.isOpen)
    }

    @Test(
        "2.1–2.4: a ping is answered with its payload",
        arguments: ["", "Hello, world!", String(repeating: "p", count: 125)])
    mutating func ping(payload: String) {
        #expect(receive(.ping(payload)) == [.send(frame(0x8A, [UInt8](payload.utf8)))])
    }

    @Test("2.10: ten pings in one read are answered in order")
    mutating func pings() {
        let actions = receive((0..<10).map { .ping("payload-\($0)") })
        #expect(actions == (0..<10).map { .send(frame(0x8A, [UInt8]("payload-\($0)".utf8))) })
    }

    @Test("2.7–2.9: unsolicited pongs are ignored")
    mutating func pongs() {
        #expect(receive(.pong(), .pong("unsolicited"), .ping("p")) == [.send(frame(0x8A, [0x70]))])
    }

    @Test(
        "the client's close is answered with its code, and the connection ends",
        arguments: WebSocketCloseTests.validCodes)
    mutating func closedByPeer(code: UInt16) {
        let echo = frame(0x88, [UInt8(code >> 8), UInt8(code & 0xFF)])
        let ending = WebSocketStateMachine.Ending.closedByPeer(code: WebSocketCloseCode(rawValue: code), reason: "bye")
        #expect(receive(.close(code, [UInt8]("bye".utf8))) == [.finish(ending, closeFrame: echo)])
        #expect(!machine.isOpen)
    }

    @Test("7.3.1: an empty close is answered with an empty close")
    mutating func emptyClose() {
        #expect(
            receive(WebSocketClientFrame(opcode: 8)) == [
                .finish(.closedByPeer(code: nil, reason: ""), closeFrame: frame(0x88, []))
            ])
    }

    @Test("after the end, input and close have no effect")
    mutating func afterEnd() {
        _ = receive(.close(1000))
        #expect(receive(.text("t"), .ping("p"), .close(1000)) == [])
        #expect(machine.close(code: .goingAway) == nil)
    }

    @Test("our close is sent once, and the client's close ends the connection without another frame")
    mutating func closedByUs() {
        #expect(machine.close(code: .serviceRestart, reason: "drain") == frame(0x88, [0x03, 0xF4] + "drain".utf8))
        #expect(machine.close(code: .goingAway) == nil)
        #expect(!machine.isOpen)
        #expect(receive(.close(1012)) == [.finish(.closedByUs(code: .serviceRestart), closeFrame: nil)])
    }

    @Test("after our close, messages are dropped and pings not answered")
    mutating func closing() {
        _ = machine.close(code: .normal)
        #expect(receive(.text("t"), .ping("p"), .pong(), .binary([1])) == [])
        #expect(receive(WebSocketClientFrame(opcode: 8)) == [.finish(.closedByUs(code: nil), closeFrame: nil)])
    }

    @Test("an error closes with its code and description, after the actions before it")
    mutating func failure() {
        let error = WebSocketError.messageTooBig(size: 1001, limit: 1000)
        let actions = receive(.text("t"), .ping("p"), .binary([UInt8](repeating: 0, count: 1001)), .text("u"))
        let close = frame(0x88, [0x03, 0xF1] + "message of 1001 bytes is over the limit of 1000".utf8)
        #expect(
            actions == [
                .receive(.text([0x74])), .send(frame(0x8A, [0x70])), .finish(.failed(error), closeFrame: close),
            ])
        #expect(receive(.text("v")) == [])
        #expect(machine.close(code: .normal) == nil)
    }

    @Test("an error after our close ends the connection without a second close frame")
    mutating func failureWhileClosing() {
        _ = machine.close(code: .normal)
        #expect(
            receive(WebSocketClientFrame(opcode: 3)) == [.finish(.failed(.reservedOpcode(opcode: 3)), closeFrame: nil)])
    }

    @Test("the actions do not depend on how the stream is split")
    func splits() {
        let frames: [WebSocketClientFrame] = [
            .text("ab", isFinal: false), .ping("p"), .continuation("c"), .binary([9]), .close(1001), .text("late"),
        ]
        let stream = frames.bytes
        var whole = WebSocketStateMachine(maxMessageSize: 1000)
        let expected = whole.actions(for: [stream[...]])
        #expect(expected.count == 4)
        for seed in 1...20 as ClosedRange<UInt64> {
            var generator = WebSocketTestGenerator(seed: seed)
            var machine = WebSocketStateMachine(maxMessageSize: 1000)
            #expect(machine.actions(for: generator.split(stream, longest: Int(seed))) == expected)
        }
    }

    private mutating func receive(_ frames: WebSocketClientFrame...) -> [Action] {
        receive(frames)
    }

    private mutating func receive(_ frames: [WebSocketClientFrame]) -> [Action] {
        machine.actions(for: [frames.bytes[...]])
    }

    /// A server frame with a payload of at most 125 bytes.
    private func frame(_ first: UInt8, _ payload: [UInt8]) -> [UInt8] {
        [first, UInt8(payload.count)] + payload
    }
}

extension WebSocketStateMachine {
    /// Returns the machine's actions for these pieces.
    mutating func actions(for pieces: [ArraySlice<UInt8>]) -> [Action] {
        var actions: [Action] = []
        for piece in pieces {
            var position = 0
            while let action = next(in: piece.span.bytes, from: &position) { actions.append(action) }
        }
        return actions
    }
}
