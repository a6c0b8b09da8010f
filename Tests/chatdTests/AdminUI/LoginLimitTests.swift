import Testing

@testable import chatd

@Suite("The limit of failed logins")
struct LoginLimitTests {
    private let start = ContinuousClock.now

    /// Whether attempts at these seconds are allowed.
    private func allowed(_ limit: inout LoginLimit, _ address: String, at seconds: Int...) -> [Bool] {
        seconds.map { limit.begin(address, at: start + .seconds($0)) }
    }

    @Test("an address has five failures a minute, and others have their own")
    func failures() {
        var limit = LoginLimit()
        let first = allowed(&limit, "a", at: 0, 1, 2, 3, 4, 59)
        #expect(first == [true, true, true, true, true, false])
        let other = allowed(&limit, "b", at: 59)
        #expect(other == [true])
        let later = allowed(&limit, "a", at: 60, 60, 61)
        #expect(later == [true, false, true], "the first one is a minute old, then the second")
    }

    @Test("a success does not count")
    func success() {
        var limit = LoginLimit()
        for _ in 0..<100 {
            let isAllowed = limit.begin("a", at: start)
            #expect(isAllowed)
            limit.succeed("a")
        }
        #expect(limit.count == 0)
        limit.succeed("nobody")
    }

    @Test("the attempts at other workers count")
    func noted() {
        var limit = LoginLimit()
        for _ in 0..<10 { limit.note("a", at: start) }
        let before = allowed(&limit, "a", at: 0)
        limit.succeed("a")
        let after = allowed(&limit, "a", at: 0, 0)
        #expect(before == [false] && after == [false, false])
    }

    @Test("very many addresses take bounded memory, and the further ones share an allowance")
    func capacity() {
        var limit = LoginLimit()
        let own = (0..<LoginLimit.capacity).map { limit.begin("\($0)", at: start) }
        #expect(own.allSatisfy { $0 })
        let further = (0..<6).map { limit.begin("further \($0)", at: start) }
        #expect(further == [true, true, true, true, true, false])
        let known = allowed(&limit, "7", at: 0)
        #expect(known == [true], "known addresses keep theirs")
        #expect(limit.count == LoginLimit.capacity + 1)
        let later = allowed(&limit, "later", at: 60)
        #expect(later == [true] && limit.count == 1, "old entries are removed")
    }

    @Test("attempts that begin at several workers at once are too many when they are known")
    func atOnce() {
        var limit = LoginLimit()
        _ = allowed(&limit, "a", at: 0, 0, 0, 0, 0)
        #expect(limit.admits("a", at: start))
        limit.note("a", at: start)
        #expect(!limit.admits("a", at: start) && limit.admits("b", at: start))
        #expect(limit.admits("a", at: start + .seconds(60)))
    }
}
