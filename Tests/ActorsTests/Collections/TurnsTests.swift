import TestSupport
import Testing
import Transport

@_spi(Collections) @testable import Actors

@Suite("Turns of sockets")
struct TurnsTests {
    private var turns = Turns<String>()

    private static func socket(_ name: Character) throws -> SessionID {
        try #require(SessionID(String(repeating: name, count: 20)))
    }

    /// Entries whose names begin with the same letter belong to the same socket.
    private mutating func append(_ entries: String...) throws {
        for entry in entries { turns.append(entry, of: try Self.socket(entry.first ?? "?")) }
    }

    private mutating func removeFirst(_ count: Int) -> [String?] {
        (0..<count).map { _ in
            let first = turns.first
            let removed = turns.removeFirst()
            #expect(first == removed)
            return removed
        }
    }

    @Test("each socket has a turn before the second one of any")
    mutating func order() throws {
        try append("a1", "a2", "a3", "b1", "c1", "b2")
        let removed = removeFirst(7)
        #expect(removed == ["a1", "b1", "c1", "a2", "b2", "a3", nil])
        #expect(turns.isEmpty)
    }

    @Test("the entries of a socket that is gone are removed, and its turn is skipped")
    mutating func gone() throws {
        try append("a1", "b1", "a2", "c1")
        var entries = turns.removeAll(of: try Self.socket("a"))
        let gone = (0..<3).map { _ in entries.removeFirst() }
        #expect(gone == ["a1", "a2", nil])
        let others = turns.removeAll(of: try Self.socket("z"))
        #expect(others.isEmpty)
        let removed = removeFirst(3)
        #expect(removed == ["b1", "c1", nil])
        try append("a3", "b2", "b3", "c2")
        _ = turns.removeAll(of: try Self.socket("a"))
        try append("a4", "a5", "a6")
        let returned = removeFirst(7)
        #expect(returned == ["b2", "c2", "a4", "b3", "a5", "a6", nil], "a socket that comes back has one turn")
        try append("d1")
        _ = turns.removeAll(of: try Self.socket("d"))
        let first = turns.first
        #expect(turns.isEmpty && first == nil)
    }

    @Test("every entry is returned once, in the order of its socket", arguments: 0..<50)
    func everyEntry(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var turns = Turns<(Character, Int)>()
        var expected: [Character: [Int]] = [:]
        for number in 0..<200 {
            let name = try #require("abcde".randomElement(using: &random))
            switch Int.random(in: 0..<20, using: &random) {
            case 0..<11:
                turns.append((name, number), of: try Self.socket(name))
                expected[name, default: []].append(number)
            case 11..<19:
                guard let (name, number) = turns.removeFirst() else {
                    let isDone = expected.values.allSatisfy(\.isEmpty)
                    #expect(isDone)
                    continue
                }
                let next = expected[name]?.removeFirst()
                #expect(next == number)
            default:
                _ = turns.removeAll(of: try Self.socket(name))
                expected[name] = nil
            }
            let isDone = expected.values.allSatisfy(\.isEmpty)
            #expect(turns.isEmpty == isDone)
        }
    }
}
