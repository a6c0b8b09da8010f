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
    /// - Parameter acknowledged: how much has arrived after so many seconds.
    private mutating func firstOverdue(
        isReady: Bool, isWaiting: Bool, upTo last: Int = 60, acknowledged: (Int) -> Int = { _ in 0 }
    ) -> Int? {
        (1...last).first {
            watch.isOverdue(
                at: start + .seconds($0), isReady: isReady, isWaiting: isWaiting, acknowledged: acknowledged($0))
        }
    }

    @Test("a session has five seconds until it is ready, however much the server sends")
    mutating func opening() {
        for second in 1...4 { watch.progressed(at: start + .seconds(second), sent: 0) }
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
            watch.progressed(at: start + .seconds(second) - .milliseconds(10), sent: 0)
            let isOverdue = watch.isOverdue(
                at: start + .seconds(second), isReady: true, isWaiting: true, acknowledged: 0)
            #expect(!isOverdue)
        }
    }

    @Test("after a pause of this process, the server gets its time again")
    mutating func pause() {
        let overdue = [100, 101, 103].filter {
            watch.isOverdue(at: start + .seconds($0), isReady: true, isWaiting: true, acknowledged: 0)
        }
        #expect(overdue == [103])
    }

    @Test("a long request may take as long as more of it arrives, and then its answer has three seconds")
    mutating func upload() {
        watch.progressed(at: start, sent: 1000)
        #expect(firstOverdue(isReady: true, isWaiting: true) { min(1000, 50 * $0) } == 23)
    }

    @Test("an upload that stalls is overdue")
    mutating func stalledUpload() {
        watch.progressed(at: start, sent: 1000)
        #expect(firstOverdue(isReady: true, isWaiting: true) { min(500, 50 * $0) } == 13)
    }

    @Test("requests that were sent after the last answer give no delay")
    mutating func laterRequests() {
        watch.progressed(at: start, sent: 100)
        #expect(firstOverdue(isReady: true, isWaiting: true) { 100 + 50 * $0 } == 4)
    }
}
