import Testing

@testable import Cluster

@Suite("The messages that wait for a broker")
struct OutboxTests {
    private var outbox = Outbox<RedisPublication>()

    private mutating func append(_ byteCount: Int) {
        outbox.append(RedisPublication(channel: "c", payload: [UInt8](repeating: 1, count: byteCount)))
    }

    @Test("messages leave in their order, and count until the server has taken them")
    mutating func order() throws {
        for byteCount in 1...3 { append(byteCount) }
        let all = outbox.byteCount
        var sizes: [Int] = []
        for command in [UInt64(10), 20, 30] {
            let next = outbox.next()
            let message = try #require(next)
            outbox.sent(message, as: command)
            sizes.append(message.payload.count)
        }
        #expect(sizes == [1, 2, 3] && outbox.isEmpty && outbox.byteCount == all)
        outbox.answered(9)
        #expect(outbox.byteCount == all)
        outbox.answered(20)
        #expect(outbox.byteCount > 0 && outbox.byteCount < all / 2)
        outbox.answered(30)
        #expect(outbox.byteCount == 0)
    }

    @Test("beyond the limit there is no room for another question or answer until the server has taken some")
    mutating func limit() throws {
        while outbox.hasRoom { append(1 << 20) }
        let limit = Outbox<RedisPublication>.limit
        #expect(outbox.byteCount >= limit && outbox.byteCount < limit + 2 << 20)
        let next = outbox.next()
        outbox.sent(try #require(next), as: 1)
        #expect(!outbox.hasRoom)
        outbox.answered(1)
        #expect(outbox.hasRoom)
    }

    @Test("small messages count too")
    mutating func small() {
        for _ in 0..<200_000 where outbox.hasRoom { append(0) }
        #expect(!outbox.hasRoom)
    }

    @Test("a message waits, and later ones behind it")
    mutating func subscription() {
        append(1)
        outbox.append(RedisPublication(channel: "c", payload: [2], subscription: (connection: 1, command: 7)))
        append(3)
        #expect(outbox.next { $0.subscription == nil }?.payload == [1])
        #expect(outbox.next { $0.subscription == nil } == nil)
        #expect(outbox.next { $0.subscription?.command == 7 }?.payload == [2])
        #expect(outbox.next()?.payload.count == 3)
    }
}
