import Testing

@testable import Cluster

@Suite("The notifications of PostgreSQL")
struct PostgresInboxTests {
    private var inbox = PostgresInbox()

    private mutating func append(_ text: String) -> Bool {
        inbox.append(PostgresInbox.Notification(channel: "c", payload: Array(text.utf8)))
    }

    private mutating func next() -> String? {
        inbox.next().map { String(decoding: $0.payload, as: UTF8.self) }
    }

    @Test("they are taken in their order")
    mutating func order() {
        for text in ["a", "b"] { #expect(append(text)) }
        #expect([next(), next(), next()] == ["a", "b", nil])
    }

    @Test("they wait while an attachment is fetched")
    mutating func held() {
        for text in ["a", "b"] { #expect(append(text)) }
        #expect(next() == "a")
        inbox.hold()
        #expect(append("c"))
        #expect(next() == nil)
        inbox.release()
        #expect([next(), next(), next()] == ["b", "c", nil])
    }

    @Test("the size of what waits is bounded, and small ones count too")
    mutating func bounded() {
        inbox.hold()
        var count = 0
        while append("") { count += 1 }
        #expect(count > 100_000 && count < 1_000_000)
        inbox.release()
        #expect(next() == "")
        #expect(append(""))
        #expect(!append(""))
    }
}
