import Testing

@testable import Transport

/// The events that a decoder made of a stream, and the error that ended it, if any.
struct WebSocketOutcome: Equatable {
    var events: [WebSocketDecoder.Event] = []
    var error: WebSocketError?

    /// Decodes `pieces` one after the other, and continues after an error as a careless owner would.
    init(
        decoding pieces: some Sequence<ArraySlice<UInt8>>, maxMessageSize: Int = 1 << 24, maxFragments: Int = 131_072
    ) {
        var decoder = WebSocketDecoder(maxMessageSize: maxMessageSize, maxFragments: maxFragments)
        for piece in pieces {
            do {
                var position = 0
                while let event = try decoder.next(in: piece.span.bytes, from: &position) { events.append(event) }
            } catch {
                #expect(self.error == nil, "a decoder throws once")
                self.error = error
            }
        }
    }

    init(_ events: WebSocketDecoder.Event..., error: WebSocketError? = nil) {
        self.events = events
        self.error = error
    }

    init(_ events: [WebSocketDecoder.Event], error: WebSocketError? = nil) {
        self.events = events
        self.error = error
    }
}

extension WebSocketDecoder.Event {
    static func text(_ bytes: [UInt8]) -> Self { .message(.text(bytes)) }
    static func binary(_ bytes: [UInt8]) -> Self { .message(.binary(bytes)) }
    static func text(_ text: String) -> Self { .text([UInt8](text.utf8)) }
    static func ping(_ text: String) -> Self { .ping([UInt8](text.utf8)) }
    static func pong(_ text: String) -> Self { .pong([UInt8](text.utf8)) }
}

/// Expects the same outcome of a stream in one piece, byte by byte, cut in two anywhere, and at random splits.
func expectDecoding(
    _ stream: [UInt8], gives expected: WebSocketOutcome, maxMessageSize: Int = 1 << 24, maxFragments: Int = 131_072,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    func expect(_ pieces: [ArraySlice<UInt8>], _ how: Comment) {
        let outcome = WebSocketOutcome(decoding: pieces, maxMessageSize: maxMessageSize, maxFragments: maxFragments)
        #expect(outcome == expected, how, sourceLocation: sourceLocation)
    }
    expect([stream[...]], "in one piece")
    expect(stream.indices.map { stream[$0...$0] }, "byte by byte")
    for cut in stream.indices.prefix(40) {
        expect([stream[..<cut], stream[cut...]], "cut at \(cut)")
    }
    for seed in 1...4 as ClosedRange<UInt64> {
        var generator = WebSocketTestGenerator(seed: seed)
        expect(generator.split(stream, longest: max(1, stream.count / 3)), "split with seed \(seed)")
    }
}

func expectDecoding(
    _ frames: [WebSocketClientFrame], gives expected: WebSocketOutcome, maxMessageSize: Int = 1 << 24,
    maxFragments: Int = 131_072, sourceLocation: SourceLocation = #_sourceLocation
) {
    expectDecoding(
        frames.bytes, gives: expected, maxMessageSize: maxMessageSize, maxFragments: maxFragments,
        sourceLocation: sourceLocation)
}

/// Returns the number of bytes that a decoder accepts, one at a time, until it throws; nil if it never does.
func bytesUntilError(in stream: [UInt8], maxMessageSize: Int = 1 << 24) -> Int? {
    var decoder = WebSocketDecoder(maxMessageSize: maxMessageSize)
    for index in stream.indices {
        let byte = [stream[index]]
        do {
            var position = 0
            _ = try decoder.next(in: byte.span.bytes, from: &position)
        } catch {
            return index + 1
        }
    }
    return nil
}
