import Testing

@testable import Cluster

@Suite("Idle time: the other side's silence, not one's own absence")
struct IdleTimeTests {
    private var idle = IdleTime(limit: .seconds(10))

    /// The answers of so many looks.
    private mutating func looks(_ count: Int) -> [Bool] {
        var answers: [Bool] = []
        for _ in 0..<count { answers.append(idle.isOver()) }
        return answers
    }

    @Test("it is over at the first look behind the limit")
    mutating func over() {
        let answers = looks(11)
        #expect(idle.interval == .seconds(1))
        #expect(answers == [Bool](repeating: false, count: 10) + [true])
    }

    @Test("it begins anew when the other side did something")
    mutating func anew() {
        let before = looks(10)
        idle.end()
        let after = looks(11)
        #expect(!before.contains(true) && after.firstIndex(of: true) == 10)
    }
}
