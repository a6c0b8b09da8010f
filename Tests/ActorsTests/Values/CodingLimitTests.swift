import Testing

@testable import Actors

/// Quadratic work on a megabyte would take hours, so the time limit of one minute distinguishes it from linear work
/// without a measurement.
@Suite("Limits and sizes of coded values", .timeLimit(.minutes(1)))
struct CodingLimitTests {
    /// A value that is nested in arrays as deep as its text.
    private struct Nested: Codable, Equatable {
        var depth: Int

        init(depth: Int) { self.depth = depth }

        init(from decoder: any Decoder) throws {
            var container = try decoder.unkeyedContainer()
            depth = container.isAtEnd ? 1 : try container.decode(Nested.self).depth + 1
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.unkeyedContainer()
            if depth > 1 { try container.encode(Nested(depth: depth - 1)) }
        }
    }

    @Test("512 levels encode and decode; the packet's own array counts as one")
    func depth() throws {
        let text = try JSONText(encoding: Nested(depth: 512))
        #expect(try JSONText(validating: Array(text.utf8)).decode(Nested.self).depth == 512)
        #expect(throws: EncodingError.self) { try JSONText(encoding: Nested(depth: 513)) }
        let arguments = try Arguments(encoding: Nested(depth: 511))
        #expect(try Arguments(slice: Array(arguments.slice)).decode(Nested.self).depth == 511)
        #expect(throws: EncodingError.self) { try Arguments(encoding: Nested(depth: 512)) }
    }

    @Test("the depth of an unchanged JSON text counts too")
    func passengerDepth() throws {
        let text = try JSONText(encoding: Nested(depth: 510))
        #expect(try Arguments(encoding: [text]).count == 1)
        #expect(throws: EncodingError.self) { try Arguments(encoding: [[text]]) }
        #expect(throws: EncodingError.self) { try Arguments(encoding: ["]\"": ["[": text]]) }
        #expect(try JSONText(encoding: [[text]]).kind == .array)
    }

    @Test("a built text that is too deep does not decode")
    func builtTooDeep() {
        var text = JSONText.null
        for _ in 0..<513 { text = [text] }
        #expect(throws: DecodingError.self) { try text.decode(JSONText.self) }
    }

    @Test("a type that encodes itself without end is an error")
    func endless() {
        struct Endless: Encodable {
            func encode(to encoder: any Encoder) throws {
                var container = encoder.singleValueContainer()
                try container.encode(Endless())
            }
        }
        #expect(throws: EncodingError.self) { try JSONText(encoding: Endless()) }
    }

    @Test("arrays of a megabyte are coded in linear time")
    func longArrays() throws {
        let numbers = Array(0..<150_000)
        #expect(try Arguments(encoding: numbers).decode([Int].self) == numbers)
        let objects = Array(repeating: ["key": ["a", "b"]], count: 50_000)
        let arguments = try Arguments(encoding: objects)
        #expect(arguments.slice.count > 800_000)
        #expect(try arguments.decode([[String: [String]]].self) == objects)
        #expect(try arguments.decode(JSONText.self)[49_999]["key"][1] == "b")
    }

    @Test("an object of a megabyte is coded in linear time")
    func longObject() throws {
        let object = Dictionary(uniqueKeysWithValues: (0..<60_000).map { ("member\($0)", $0) })
        let arguments = try Arguments(encoding: object)
        #expect(arguments.slice.count > 800_000)
        #expect(try arguments.decode([String: Int].self) == object)
        let same = "{" + Array(repeating: "\"a\":1", count: 150_000).joined(separator: ",") + "}"
        #expect(try JSONText(validating: Array(same.utf8)).decode([String: Int].self) == ["a": 1])
    }

    @Test("a megabyte inside 500 levels is coded in linear time, with attachments or without")
    func deepValues() throws {
        struct Level: Codable {
            var inner: [Level]
            var last: [String: [Int]]
            var data: [UInt8]
        }
        let lists = Dictionary(uniqueKeysWithValues: (0..<30_000).map { ("\($0)", [$0, $0]) })
        for data in [[], [1]] as [[UInt8]] {
            var value = Level(inner: [], last: lists, data: data)
            for _ in 0..<250 { value = Level(inner: [value], last: [:], data: data) }
            let arguments = try Arguments(encoding: value)
            var decoded = try arguments.decode(Level.self)
            while let inner = decoded.inner.first { decoded = inner }
            #expect(decoded.last == lists)
        }
    }

    @Test("long numbers decode in linear time")
    func longNumbers() throws {
        let digits = String(repeating: "7", count: 1_000_000)
        let text = try JSONText(validating: Array("[0.\(digits)]".utf8))
        #expect(try text.decode([Double].self) == [7.0 / 9])
        #expect(throws: DecodingError.self) { try text.decode([Int].self) }
        let whole = try JSONText(validating: Array(digits.utf8))
        #expect(whole.integer == nil && whole.number == nil)
    }
}
