import Testing

@testable import Transport

@Suite("WebSocket decoder with random input")
struct WebSocketFuzzTests {
    @Test(
        "an encoded stream is decoded, with any fragments, control frames and splits",
        arguments: 1...60 as ClosedRange<UInt64>)
    func roundTrip(seed: UInt64) {
        var generator = WebSocketTestGenerator(seed: seed)
        var session = RandomSession()
        for _ in 0..<8 { session.addMessage(using: &generator) }
        let expected = WebSocketOutcome(session.events)
        #expect(WebSocketOutcome(decoding: [session.stream[...]]) == expected)
        for longest in [1, 3, 17, 500] {
            #expect(WebSocketOutcome(decoding: generator.split(session.stream, longest: longest)) == expected)
        }
    }

    @Test(
        "a valid stream with some bytes changed has the same result in any split",
        arguments: 1...400 as ClosedRange<UInt64>)
    func mutated(seed: UInt64) {
        var generator = WebSocketTestGenerator(seed: seed)
        var session = RandomSession()
        for _ in 0..<3 { session.addMessage(using: &generator) }
        var stream = session.stream
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            let index = Int.random(in: stream.indices, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: stream[index] = UInt8.random(in: .min ... .max, using: &generator)
            case 1: stream[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 2: stream.insert(UInt8.random(in: .min ... .max, using: &generator), at: index)
            default: stream.removeSubrange(index...)
            }
            if stream.isEmpty { break }
        }
        expectOneOutcome(stream, using: &generator)
    }

    @Test("random bytes have the same result in any split", arguments: 1...400 as ClosedRange<UInt64>)
    func random(seed: UInt64) {
        var generator = WebSocketTestGenerator(seed: seed)
        var stream: [UInt8] = []
        while stream.count < 200 {
            // Make the first byte plausible and set the mask bit, because otherwise nearly every stream would end
            // there.
            stream.append(
                [0x01, 0x81, 0x82, 0x02, 0x00, 0x80, 0x88, 0x89, 0x8A, 0xF3].randomElement(using: &generator) ?? 0)
            stream.append(0x80 | UInt8.random(in: 0...127, using: &generator))
            stream += generator.bytes(Int.random(in: 0...140, using: &generator))
        }
        expectOneOutcome(stream, using: &generator)
    }

    private func expectOneOutcome(_ stream: [UInt8], using generator: inout WebSocketTestGenerator) {
        let whole = WebSocketOutcome(decoding: [stream[...]], maxMessageSize: 500, maxFragments: 4)
        for longest in [1, 2, 7, 64] {
            let pieces = generator.split(stream, longest: longest)
            let outcome = WebSocketOutcome(decoding: pieces, maxMessageSize: 500, maxFragments: 4)
            #expect(outcome == whole)
        }
    }
}

/// A stream of valid frames and the events that it encodes.
private struct RandomSession {
    var stream: [UInt8] = []
    var events: [WebSocketDecoder.Event] = []

    mutating func addMessage(using generator: inout WebSocketTestGenerator) {
        let isText = Bool.random(using: &generator)
        let size = [0, 1, 20, 125, 126, 300].randomElement(using: &generator) ?? 0
        let payload = isText ? text(size, using: &generator) : generator.bytes(size)
        let fragments = generator.split(payload, longest: [5, 64, 1000].randomElement(using: &generator) ?? 1)
        for (index, fragment) in fragments.enumerated() {
            add(isText ? 1 : 2, fragment, index == 0, index == fragments.count - 1, using: &generator)
        }
        if fragments.isEmpty {
            add(isText ? 1 : 2, [], true, true, using: &generator)
        }
        events.append(isText ? .text(payload) : .binary(payload))
    }

    private mutating func add(
        _ opcode: UInt8, _ payload: ArraySlice<UInt8>, _ isFirst: Bool, _ isLast: Bool,
        using generator: inout WebSocketTestGenerator
    ) {
        if Int.random(in: 0..<4, using: &generator) == 0 {
            let control = generator.bytes(Int.random(in: 0...125, using: &generator))
            let isPing = Bool.random(using: &generator)
            stream += WebSocketClientFrame(opcode: isPing ? 9 : 10, payload: control, key: generator.bytes(4)).bytes
            events.append(isPing ? .ping(control) : .pong(control))
        }
        stream +=
            WebSocketClientFrame(
                opcode: isFirst ? opcode : 0, payload: [UInt8](payload), isFinal: isLast, key: generator.bytes(4)
            ).bytes
    }

    private func text(_ characters: Int, using generator: inout WebSocketTestGenerator) -> [UInt8] {
        let alphabet = ["a", "Z", "ß", "κ", "€", "語", "𝄞", "😀"]
        return (0..<characters).flatMap { _ in [UInt8]((alphabet.randomElement(using: &generator) ?? "").utf8) }
    }
}
