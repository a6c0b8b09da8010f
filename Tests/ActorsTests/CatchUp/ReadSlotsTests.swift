import Testing
import Transport

@testable import Actors

@Suite("Slots of clients that scroll up")
struct ReadSlotsTests {
    private var slots = ReadSlots<String>(2)

    /// Readers whose names begin with the same letter read for the same socket.
    private mutating func take(_ readers: String...) throws -> [Bool] {
        try readers.map { reader in
            let socket = try #require(SessionID(String(repeating: reader.first ?? "?", count: 20)))
            return slots.take(reader, for: socket)
        }
    }

    private mutating func release(_ count: Int) -> [String?] {
        (0..<count).map { _ in slots.release() }
    }

    @Test("readers go on at once until the slots are taken, and a slot that is given back serves the next one")
    mutating func limit() throws {
        let first = try take("a1", "a2", "a3")
        #expect(first == [true, true, false])
        let released = release(3)
        #expect(released == ["a3", nil, nil])
        let second = try take("b1", "b2", "b3")
        #expect(second == [true, true, false])
    }

    @Test("sockets take turns, and the readers of each keep their order")
    mutating func turns() throws {
        _ = try take("x1", "x2", "a1", "a2", "a3", "b1", "b2")
        let first = release(1)
        #expect(first == ["a1"])
        _ = try take("c1")
        let others = release(6)
        #expect(others == ["b1", "a2", "c1", "b2", "a3", nil])
        // One slot is free. A socket that had its last turn waits at the end again.
        let free = try take("a4", "b3", "a5", "b4")
        #expect(free == [true, false, false, false])
        let last = release(4)
        #expect(last == ["b3", "a5", "b4", nil])
    }
}
