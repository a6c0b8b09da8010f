import Testing
import Transport

@testable import Actors

@Suite("The conversion of a worker's output to the format of a parser", .overDirectLink)
struct ParserOutputTests {
    private static func frames(_ text: String, attachments: [[UInt8]] = []) -> Frames {
        Frames(utf8: Array("4\(text)".utf8), attachments: attachments)
    }

    private static func output(
        _ parser: LineParser, on server: TestServer, failed: @escaping @Sendable (any Error) -> Void = { _ in }
    ) throws -> ParserOutput {
        let output = ParserOutput(parser, loop: server.loop, failed: failed)
        return try #require(output)
    }

    @Test("at most two conversions are kept, also if the parser converts others, and none after the turn")
    func kept() async throws {
        try await TestServer.run { server in
            _ = server.main
        } test: { server in
            let nested = NestedConversions((1...4).map { Self.frames("2[\"nested\",\($0)]") })
            let output = try Self.output(LineParser { nested.next() }, on: server)
            nested.output = output
            let frames = (1...3).map { Self.frames("2[\"m\",\($0)]") }
            #expect(await output.keptCounts(converting: frames) == [2, 2, 2])
            #expect(nested.frames.isEmpty)
            try await eventually { await output.recent.isEmpty }
            // The next turn ends in the same way.
            #expect(await output.keptCounts(converting: [frames[0]]) == [1])
            try await eventually { await output.recent.isEmpty }
            nested.output = nil
        }
    }

    @Test("frames that are converted again in the same turn are not encoded again")
    func shared() async throws {
        try await TestServer.run { server in
            _ = server.main
        } test: { server in
            let encodings = Notes()
            let output = try Self.output(LineParser { encodings.add("encoded") }, on: server)
            let (shared, own) = (Self.frames(#"2["a"]"#), Self.frames(#"2["b"]"#))
            #expect(await output.keptCounts(converting: [shared, own, shared, own]) == [1, 2, 2, 2])
            #expect(encodings.all.count == 2)
        }
    }

    @Test("a packet with an invalid header is reported once, and its attachments are dropped")
    func invalid() async throws {
        try await TestServer.run { server in
            _ = server.main
        } test: { server in
            let failures = Notes()
            let output = try Self.output(LineParser(), on: server) { failures.add("\($0)") }
            var builder = FramesBuilder()
            builder.append(Array(#"452-1000000000000000["a"]"#.utf8), isBinary: false)
            builder.append([1], isBinary: true)
            builder.append([2], isBinary: true)
            builder.append(Array(#"42["b"]"#.utf8), isBinary: false)
            let converted = await output.convert(builder.finish())
            #expect(converted.texts == [#"42 / - ["b"]"#])
            #expect(failures.all == ["an acknowledgement id of more than 15 digits"])
        }
    }
}

/// Frames that a parser converts while it encodes others, which it must not do.
///
/// Safety of `@unchecked Sendable`: a test runs on one thread.
private final class NestedConversions: @unchecked Sendable {
    var output: ParserOutput?
    private(set) var frames: [Frames]

    init(_ frames: [Frames]) {
        self.frames = frames
    }

    func next() {
        guard let frames = frames.popLast() else { return }
        output?.assumeIsolated { _ = $0.convert(frames) }
    }
}

extension ParserOutput {
    /// Converts frames in one turn.
    /// - Returns: The number of conversions that are kept after each.
    fileprivate func keptCounts(converting frames: [Frames]) -> [Int] {
        frames.map { source in
            _ = convert(source)
            return recent.count
        }
    }
}
