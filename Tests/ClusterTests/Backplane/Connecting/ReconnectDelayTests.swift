import Testing

@testable import Cluster

@Suite("The delay between attempts to connect")
struct ReconnectDelayTests {
    private static func delays(
        _ count: Int, random: UInt64, atMost limit: Duration = ReconnectDelay.longest
    ) -> [Duration] {
        var delay = ReconnectDelay()
        return (0..<count).map { _ in delay.next(random: random, atMost: limit) }
    }

    @Test("it doubles, with up to a half of it at random, up to the longest")
    func growing() {
        let shortest = Self.delays(9, random: 0)
        #expect(shortest.prefix(3) == [.milliseconds(50), .milliseconds(100), .milliseconds(200)])
        #expect(shortest.last == ReconnectDelay.longest / 2)
        for (short, long) in zip(shortest, Self.delays(9, random: 999)) {
            #expect(long > short * 1.9 && long < short * 2)
        }
    }

    @Test("a limit makes it shorter, and it grows again without one")
    func limited() {
        #expect(Self.delays(9, random: 0, atMost: .milliseconds(250)).last == .milliseconds(125))
        var delay = ReconnectDelay()
        for _ in 0..<9 { _ = delay.next(random: 0, atMost: .milliseconds(250)) }
        #expect(delay.next(random: 0) == .milliseconds(250))
    }
}
