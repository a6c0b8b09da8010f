import Testing

@testable import Transport

@Suite("Pending limit: one piece may exceed it")
struct PendingLimitTests {
    /// Queues the pieces, while the peer reads nothing.
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
    func small(pieces: [Int], exceedsLimit: Bool) {
        #expect(isExceeded(after: pieces) == exceedsLimit)
    }

    @Test(
        "one large piece may exceed the limit, which still applies to the bytes before and after it",
        arguments: [
            ([1000], false), ([100, 1000], false), ([101, 1000], true), ([1000, 100], false), ([1000, 101], true),
            ([1000, 1000], true),
        ])
    func large(pieces: [Int], exceedsLimit: Bool) {
        #expect(isExceeded(after: pieces) == exceedsLimit)
    }

    @Test("once the peer has received the large piece, the usual limit applies")
    func taken() {
        var limit = PendingLimit(bytes: 100)
        limit.add(1000, toWaiting: 0)
        limit.add(60, toWaiting: 60)
        #expect(limit.isExceeded(by: 120))
    }
}
