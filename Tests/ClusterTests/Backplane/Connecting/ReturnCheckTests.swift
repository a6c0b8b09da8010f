import Testing

@testable import Cluster

@Suite("Whether a message still comes back")
struct ReturnCheckTests {
    private var check = ReturnCheck()

    private mutating func asks(about number: UInt64) -> Bool { check.ask(about: number) }
    private mutating func isLost() -> Bool { check.answered() }

    @Test("nothing is asked until the broker has taken the message")
    mutating func slowUpload() {
        check.took(4)
        #expect(!asks(about: 5))
        check.took(5)
        #expect(asks(about: 5))
        #expect(!asks(about: 5), "a request is under way")
    }

    @Test("a message that is there when the answer comes was only slow")
    mutating func slowDownload() {
        check.took(5)
        #expect(asks(about: 5))
        check.returned(5)
        #expect(!isLost())
        #expect(!asks(about: 5), "it has come back")
        check.took(6)
        #expect(asks(about: 6))
    }

    @Test("a message that is not there when the answer comes is lost")
    mutating func lost() {
        check.took(5)
        check.returned(4)
        #expect(asks(about: 5))
        #expect(isLost())
        #expect(asks(about: 5), "another check may begin")
    }
}
