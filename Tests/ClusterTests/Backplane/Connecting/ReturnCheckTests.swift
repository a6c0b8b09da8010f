import Testing

@testable import Cluster

@Suite("Whether a message still comes back")
struct ReturnCheckTests {
    private var check = ReturnCheck()

    private mutating func asks(about number: UInt64) -> Bool { check.ask(about: number) }
    private mutating func isLost() -> Bool { check.answered() }

    @Test("nothing is asked until the broker has taken a later message too")
    mutating func slowUpload() {
        check.took(5)
        #expect(!asks(about: 5), "a later one may come back")
        check.took(6)
        #expect(asks(about: 5))
        #expect(!asks(about: 5), "a request is under way")
    }

    @Test("a message that is there when the answer comes was only slow")
    mutating func slowDownload() {
        check.took(6)
        #expect(asks(about: 5))
        check.returned(5)
        check.returned(6)
        #expect(!isLost())
        #expect(!asks(about: 5), "it has come back")
        check.took(8)
        #expect(asks(about: 7))
    }

    @Test("a single message may be lost, when a later one comes back")
    mutating func dropped() {
        check.took(6)
        #expect(asks(about: 5))
        check.returned(6)
        #expect(!isLost())
        #expect(!asks(about: 5))
    }

    @Test("if nothing is there when the answer comes, nothing comes back")
    mutating func lost() {
        check.took(6)
        check.returned(4)
        #expect(asks(about: 5))
        #expect(isLost())
        #expect(asks(about: 5), "another check may begin")
    }
}
