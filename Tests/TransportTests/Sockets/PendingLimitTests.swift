import Testing

@testable import Transport

@Suite("Pending limit: one piece may be larger than all that may wait")
struct PendingLimitTests {
    /// Queues pieces one after the other; nothing is taken.
    private func isExceeded(after pieces: [Int]) -> Bool {
        var limit = PendingLimit(bytes: 100)
        var waiting = 0
        for piece in pieces {
            limit.add(piece, toWaiting: waiting)
            waiting += piece
        }
        return limit.isExceeded(by: waiting)
    }

    @Test("small pieces may wait up to the limit", arguments: [([100], false), ([50, 50], false), ([50, 51], true)])
    func small(pieces: [Int], isOver: Bool) {
        #expect(isExceeded(after: pieces) == isOver)
    }

    @Test(
        "a large piece may wait, with as much in front of it and behind it as without it",
        arguments: [
            ([1000], false), ([100, 1000], false), ([101, 1000], true), ([1000, 100], false), ([1000, 101], true),
            ([1000, 1000], true),
        ])
    func large(pieces: [Int], isOver: Bool) {
        #expect(isExceeded(after: pieces) == isOver)
    }

    @Test("when the peer has taken the large piece, the limit is what it was")
    func taken() {
        var limit = PendingLimit(bytes: 100)
        limit.add(1000, toWaiting: 0)
        limit.add(60, toWaiting: 60)
        #expect(limit.isExceeded(by: 120))
    }
}
