import Persistence
import Testing

@testable import chatd

@Suite("Progress of a long command")
struct ProgressLineTests {
    private let start = ContinuousClock.now

    @Test("a terminal shows a bar at once, and then at most ten times a second")
    func terminal() {
        var progress = ProgressLine(isTerminal: true)
        #expect(
            progress.line(CopyStatus(.copying, done: 0, of: 4).progress, at: start)
                == "[..............................] copied 0 of 4 messages, 0 %")
        #expect(progress.line(CopyStatus(.copying, done: 1, of: 4).progress, at: start + .milliseconds(99)) == nil)
        #expect(
            progress.line(CopyStatus(.copying, done: 2, of: 4).progress, at: start + .milliseconds(100))
                == "[###############...............] copied 2 of 4 messages, 50 %")
        #expect(
            progress.line(CopyStatus(.copying, done: 4, of: 4).progress, at: start + .seconds(2))
                == "[##############################] copied 4 of 4 messages, 100 %, 2 a second")
    }

    @Test("a log gets a line every five seconds, with the speed of this step")
    func log() {
        var progress = ProgressLine(isTerminal: false)
        #expect(progress.line(CopyStatus(.checking, done: 0, of: 100).progress, at: start) == nil)
        #expect(progress.line(CopyStatus(.checking, done: 50, of: 100).progress, at: start + .seconds(4)) == nil)
        #expect(
            progress.line(CopyStatus(.checking, done: 60, of: 100).progress, at: start + .seconds(5))
                == "checked 60 of 100 messages, 60 %, 12 a second")
        #expect(progress.line(CopyStatus(.copying, done: 100, of: 300).progress, at: start + .seconds(6)) == nil)
        #expect(
            progress.line(CopyStatus(.copying, done: 120, of: 300).progress, at: start + .seconds(10))
                == "copied 120 of 300 messages, 40 %, 5 a second")
    }

    @Test("an empty source is done at once, and more rows than expected fill the bar")
    func extremes() {
        var progress = ProgressLine(isTerminal: true)
        #expect(progress.line(CopyStatus(.copying, done: 0, of: 0).progress, at: start)?.contains("100 %") == true)
        let more = progress.line(CopyStatus(.copying, done: 9, of: 3).progress, at: start + .seconds(1))
        #expect(more?.hasPrefix("[##############################] ") == true)
    }
}
