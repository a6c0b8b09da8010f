import TestSupport
import Testing

@testable import Actors

@Suite("JSON round trips")
struct JSONRoundTripTests {
    @Test(
        "random values are valid and parse to the same values",
        arguments: 1...6 as ClosedRange<UInt64>)
    func values(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        for _ in 0..<60 {
            let value = JSONRandomValue.make(depth: 3, using: &generator)
            let text = value.text
            let validated = try JSONText(validating: Array(text.utf8))
            #expect(value.matches(text))
            #expect(validated == text)
        }
    }

    @Test("splitting an array returns the elements it was built from", arguments: 1...6 as ClosedRange<UInt64>)
    func splitAndJoin(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        for _ in 0..<60 {
            let count = Int.random(in: 0..<9, using: &generator)
            let parts = (0..<count).map { _ in JSONRandomValue.make(depth: 2, using: &generator).text }
            let whole = Array(JSONText(array: parts).utf8)
            let ranges = try JSONScanner.splitArray(whole, in: whole.indices)
            #expect(ranges.map { JSONText(validated: whole, in: $0) } == parts)
            #expect(JSONText(validated: whole).elements == parts)
        }
    }
}
