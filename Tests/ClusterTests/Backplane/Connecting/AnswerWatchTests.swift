import Testing
import Transport

@testable import Cluster

@Suite("The watch for the answers of a server")
struct AnswerWatchTests {
    private let start = ContinuousClock.now
    private var watch: AnswerWatch

    init() {
        watch = AnswerWatch(at: start)
    }

    /// Checks every second from the first one on.
    private mutating func firstOverdue(isReady: Bool, isWaiting: Bool, upTo last: Int = 60) -> Int? {
        (1...last).first { watch.isOverdue(at: start + .seconds($0), isReady: isReady, isWaiting: isWaiting) }
    }

    @Test("a session has five seconds until it is ready, however much the server sends")
    mutating func opening() {
        for second in 1...4 { watch.progressed(at: start + .seconds(second)) }
        #expect(firstOverdue(isReady: false, isWaiting: true) == 5)
    }

    @Test("an answer has three seconds")
    mutating func answering() {
        #expect(firstOverdue(isReady: true, isWaiting: true) == 3)
    }

    @Test("nothing is overdue while nothing is asked, or while the server sends")
    mutating func idle() {
        #expect(firstOverdue(isReady: true, isWaiting: false) == nil)
        for second in 61...90 {
            watch.progressed(at: start + .seconds(second) - .milliseconds(10))
            let isOverdue = watch.isOverdue(at: start + .seconds(second), isReady: true, isWaiting: true)
            #expect(!isOverdue)
        }
    }

    @Test("after a pause of this process, the server gets its time again")
    mutating func pause() {
        let overdue = [100, 101, 103].filter {
            watch.isOverdue(at: start + .seconds($0), isReady: true, isWaiting: true)
        }
        #expect(overdue == [103])
    }
}
