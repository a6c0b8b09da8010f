import TestSupport
import Testing

@testable import Transport

@Suite("Input ledger: the connections that end when unfinished input exceeds its limit")
struct InputLedgerTests {
    /// A ledger and the bytes of each connection, as its owner records them.
    struct Book {
        var ledger: InputLedger
        var held: [UInt64: Int] = [:]

        init(limit: Int) { ledger = InputLedger(limit: limit) }

        mutating func set(_ number: UInt64, _ bytes: Int) {
            let counted = InputLedger.counted(bytes)
            ledger.change(number, from: held[number] ?? 0, to: counted)
            held[number] = counted == 0 ? nil : counted
        }

        /// Ends connections until the limit is kept, and returns them.
        mutating func settle() -> [InputLedger.Eviction] {
            var ended: [InputLedger.Eviction] = []
            while let eviction = ledger.nextEviction() {
                ended.append(eviction)
                switch eviction {
                case .reset(let number), .refuse(let number): set(number, 0)
                }
            }
            return ended
        }
    }

    static let kilobyte = 1024

    @Test("at the limit no connection is ended")
    func withinLimit() {
        var book = Book(limit: 200 * Self.kilobyte)
        book.set(1, 100 * Self.kilobyte)
        book.set(2, 100 * Self.kilobyte)
        #expect(book.ledger.total == 200 * Self.kilobyte)
        #expect(book.settle() == [])
    }

    @Test(
        "the largest connection is reset first; among equal ones, the newest",
        arguments: [
            ([100, 90, 80], 200, [1]), ([80, 100, 90], 200, [2]), ([90, 90, 90], 200, [3]), ([70, 300, 70], 150, [2]),
            ([100, 100, 100], 90, [3, 2, 1]), ([66, 70, 68], 70, [2, 3]),
        ])
    func largestFirst(sizes: [Int], limit: Int, expected: [UInt64]) {
        var book = Book(limit: limit * Self.kilobyte)
        for (index, size) in sizes.enumerated() { book.set(UInt64(index + 1), size * Self.kilobyte) }
        #expect(book.settle() == expected.map { .reset($0) })
        #expect(book.ledger.total <= book.ledger.limit)
    }

    @Test("if no connection has more than 64 KiB, the one that grew last is refused")
    func refused() {
        var book = Book(limit: 100 * Self.kilobyte)
        book.set(1, 60 * Self.kilobyte)
        book.set(2, 30 * Self.kilobyte)
        book.set(3, 20 * Self.kilobyte)
        #expect(book.settle() == [.refuse(3)])
        #expect(book.held == [1: 60 * Self.kilobyte, 2: 30 * Self.kilobyte])
    }

    @Test("a connection of exactly 64 KiB is not large, and one byte more is")
    func boundaryOfLarge() {
        var book = Book(limit: 70 * Self.kilobyte)
        book.set(1, InputLedger.largeSize)
        book.set(2, 10 * Self.kilobyte)
        #expect(book.settle() == [.refuse(2)])
        book.set(1, InputLedger.largeSize + 1)
        book.set(3, 10 * Self.kilobyte)
        #expect(book.settle() == [.reset(1)])
    }

    @Test("one message may use the whole budget")
    func oneFillsAll() {
        var book = Book(limit: 11_000_000)
        book.set(1, 11_000_000)
        #expect(book.settle() == [])
    }

    @Test("connections that hold at most one kilobyte are not counted, however many there are")
    func allowance() {
        var book = Book(limit: 1 << 20)
        for number in 1...20_000 { book.set(UInt64(number), InputLedger.allowance) }
        #expect(book.ledger.total == 0)
        book.set(20_001, InputLedger.allowance + 1)
        #expect(book.ledger.total == InputLedger.allowance + 1)
    }

    @Test("no connection ends if enough bytes are released before the check")
    func releasedInTime() {
        var book = Book(limit: 100 * Self.kilobyte)
        book.set(1, 90 * Self.kilobyte)
        book.set(2, 90 * Self.kilobyte)
        book.set(1, 0)
        #expect(book.settle() == [])
    }

    @Test(
        "for any changes the total is the sum of all connections, and the largest one is reset",
        arguments: 0..<200 as Range<UInt64>)
    func randomWalk(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var book = Book(limit: 1 << 20)
        for _ in 0..<400 {
            let number = UInt64.random(in: 1...40, using: &random)
            let size = [0, 500, 5_000, 64 << 10, 70 << 10, 300_000].randomElement(using: &random) ?? 0
            book.set(number, size + Int.random(in: 0...3, using: &random))
            let before = book.held
            for eviction in book.settle() {
                guard case .reset(let ended) = eviction else {
                    #expect(before.values.allSatisfy { $0 <= InputLedger.largeSize })
                    continue
                }
                #expect(before[ended] ?? 0 > InputLedger.largeSize)
                // No remaining connection is larger.
                #expect(book.held.values.allSatisfy { $0 <= before[ended] ?? 0 })
            }
            #expect(book.ledger.total == book.held.values.reduce(0, +))
            #expect(book.ledger.total <= book.ledger.limit)
            #expect(book.ledger.total >= 0)
        }
        for number in 1...40 { book.set(UInt64(number), 0) }
        #expect(book.ledger.total == 0)
    }
}
