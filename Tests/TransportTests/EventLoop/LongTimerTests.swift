import Testing

@testable import Transport

@Suite("Timers of any duration")
struct LongTimerTests {
    /// Sends its name when it is called.
    private final class Alarm: TimerTarget {
        private let name: String
        private let calls: AsyncStream<String>.Continuation

        init(_ name: String, _ calls: AsyncStream<String>.Continuation) {
            self.name = name
            self.calls = calls
        }

        func timerFired(at now: ContinuousClock.Instant) {
            calls.yield(name)
        }
    }

    @Test(
        "a duration beyond the range of the loop's ticks does not end, and a negative one ends at once",
        arguments: [Duration.seconds(Int.max), .seconds(Int.max) * 18])
    func range(duration: Duration) async throws {
        let loop = try EventLoop.start(name: "test")
        let (names, calls) = AsyncStream.makeStream(of: String.self)
        loop.execute {
            _ = loop.startTimer(after: duration, Alarm("long", calls))
            _ = loop.startTimer(at: loop.now + .seconds(Int.max), Alarm("far", calls))
            _ = loop.startTimer(after: .milliseconds(50), Alarm("near", calls))
            _ = loop.startTimer(after: .zero - duration, Alarm("negative", calls))
        }
        var iterator = names.makeAsyncIterator()
        var first: [String] = []
        for _ in 0..<2 { first.append(try #require(await iterator.next())) }
        #expect(first == ["negative", "near"])
        loop.stop()
    }
}
