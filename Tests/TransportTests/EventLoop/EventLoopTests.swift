import Synchronization
import TestSupport
import Testing

@testable import Transport

@Suite("Event loop: one thread, one order")
struct EventLoopTests {
    /// An actor that runs on the loop.
    actor Pinned {
        nonisolated let loop: EventLoop
        private(set) var lines: [String] = []

        nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

        init(_ loop: EventLoop) { self.loop = loop }

        var isOnLoop: Bool { loop.isOnLoop }

        func add(_ line: String) { lines.append(line) }

        /// Calls another actor of the loop by `await` and by `assumeIsolated`.
        func visit(_ other: Pinned) async -> Bool {
            let inline = enter(other)
            let awaited = await other.isOnLoop
            return inline && awaited && loop.isOnLoop
        }

        private func enter(_ other: Pinned) -> Bool {
            other.assumeIsolated { $0.loop.isOnLoop }
        }

        func startTimers(_ milliseconds: [Int]) {
            for time in milliseconds {
                _ = loop.startTimer(at: loop.now + .milliseconds(time), Alarm(time: time, owner: self))
            }
        }

        func startEndingTimer(after duration: Duration) {
            _ = loop.startTimer(at: loop.now + duration, Ending(owner: self))
        }

        func startTimerAtEnd() {
            loop.atEnd { self.assumeIsolated { $0.startEndingTimer(after: .seconds(100)) } }
        }

        /// Starts two timers for the same time. The first one to fire cancels the other one.
        func startRivals() {
            let rivals = [Rival(owner: self), Rival(owner: self)]
            (rivals[0].other, rivals[1].other) = (rivals[1], rivals[0])
            for rival in rivals { rival.timer = loop.startTimer(at: loop.now + .milliseconds(10), rival) }
        }

        func addEndClosure() {
            loop.atEnd { self.assumeIsolated { $0.add("over") } }
        }

        func requestTurnEndWork() {
            loop.atEndOfTurn(.write, Gathered(name: "write", loop: loop, owner: self, requestedPhase: .beforeWrites))
            loop.atEndOfTurn(.beforeWrites, Gathered(name: "before", loop: loop, owner: self, requestedPhase: nil))
        }
    }

    final class Alarm: TimerTarget {
        let time: Int
        let owner: Pinned
        let start = ContinuousClock.now

        init(time: Int, owner: Pinned) {
            self.time = time
            self.owner = owner
        }

        func timerFired(at now: ContinuousClock.Instant) {
            let isEarly = ContinuousClock.now < start + .milliseconds(time - 1)
            owner.assumeIsolated { [time] in $0.add(isEarly ? "early \(time)" : "\(time)") }
        }
    }

    final class Rival: TimerTarget {
        let owner: Pinned
        weak var other: Rival?
        var timer: EventLoop.TimerToken?

        init(owner: Pinned) { self.owner = owner }

        func timerFired(at now: ContinuousClock.Instant) {
            if let timer = other?.timer { owner.loop.cancelTimer(timer) }
            owner.assumeIsolated { $0.add("rival") }
        }
    }

    final class Gathered: TurnHandler {
        let name: String
        let loop: EventLoop
        let owner: Pinned
        let requestedPhase: TurnPhase?

        init(name: String, loop: EventLoop, owner: Pinned, requestedPhase: TurnPhase?) {
            (self.name, self.loop, self.owner, self.requestedPhase) = (name, loop, owner, requestedPhase)
        }

        func turnEnded() {
            owner.assumeIsolated { [name] in $0.add(name) }
            guard let requestedPhase else { return }
            loop.atEndOfTurn(requestedPhase, Gathered(name: "requested", loop: loop, owner: owner, requestedPhase: nil))
        }
    }

    /// Records whether its timer fired or the loop ended.
    final class Ending: TimerTarget {
        let owner: Pinned

        init(owner: Pinned) { self.owner = owner }

        func timerFired(at now: ContinuousClock.Instant) {
            owner.assumeIsolated { $0.add("fired") }
        }

        func loopEnded() {
            owner.assumeIsolated { $0.add("ended") }
        }
    }

    static func withLoop(_ test: (EventLoop) async throws -> Void) async throws {
        let loop = try EventLoop.start(name: "test")
        defer { loop.stop() }
        try await test(loop)
    }

    @Test("actors of one loop call each other without leaving it")
    func isolation() async throws {
        try await Self.withLoop { loop in
            let (one, two) = (Pinned(loop), Pinned(loop))
            #expect(!loop.isOnLoop)
            #expect(await one.isOnLoop)
            #expect(await one.visit(two))
        }
    }

    @Test("closures from another thread run in the order of the calls")
    func order() async throws {
        try await Self.withLoop { loop in
            let pinned = Pinned(loop)
            for number in 0..<1000 { loop.execute { pinned.assumeIsolated { $0.add("\(number)") } } }
            await withCheckedContinuation { continuation in loop.execute { continuation.resume() } }
            #expect(await pinned.lines == (0..<1000).map { "\($0)" })
        }
    }

    @Test("timers fire in order and not early")
    func timers() async throws {
        try await Self.withLoop { loop in
            let pinned = Pinned(loop)
            await pinned.startTimers([60, 20, 40])
            try await eventually { await pinned.lines.count == 3 }
            #expect(await pinned.lines == ["20", "40", "60"])
        }
    }

    @Test("a timer cancels another one that is due in the same turn")
    func cancelledInTheSameTurn() async throws {
        try await Self.withLoop { loop in
            let pinned = Pinned(loop)
            await pinned.startRivals()
            await pinned.startTimers([20])
            try await eventually { await pinned.lines.last == "20" }
            #expect(await pinned.lines == ["rival", "20"])
        }
    }

    @Test("at the end of a turn, work before writes runs first, then the writes, then work that the writes requested")
    func turnEnd() async throws {
        try await Self.withLoop { loop in
            let pinned = Pinned(loop)
            await pinned.requestTurnEndWork()
            try await eventually { await pinned.lines.count == 3 }
            #expect(await pinned.lines == ["before", "write", "requested"])
        }
    }

    // MARK: The end of the loop

    @Test("an actor of a stopped loop still answers, one call at a time, and its timers are notified of the end")
    func answersAfterTheEnd() async throws {
        let loop = try EventLoop.start(name: "test")
        let pinned = Pinned(loop)
        await pinned.startEndingTimer(after: .seconds(3600))
        loop.stop()
        try await eventually { loop.hasEnded }
        #expect(await pinned.isOnLoop)
        #expect(await pinned.lines == ["ended"])
        await withTaskGroup { group in
            for number in 0..<200 { group.addTask { await pinned.add("\(number)") } }
        }
        #expect(await pinned.lines.count == 201)
        // A timer started after the end is notified when the pending jobs have run.
        await pinned.startEndingTimer(after: .zero)
        try await eventually { await pinned.lines.last == "ended" }
        #expect(!loop.isOnLoop)
    }

    @Test("closures registered for the end of the loop run once, after the timers are notified")
    func worksAtTheEnd() async throws {
        let loop = try EventLoop.start(name: "test")
        let pinned = Pinned(loop)
        await pinned.addEndClosure()
        await pinned.startEndingTimer(after: .seconds(3600))
        loop.stop()
        try await eventually { loop.hasEnded }
        await pinned.add("called")
        #expect(await pinned.lines == ["ended", "over", "called"])
    }

    @Test("a stopped loop releases its pending work and is then released itself")
    func freed() async throws {
        weak let loop = try await Self.stoppedLoop()
        for _ in 0..<10_000 where loop != nil { try await Task.sleep(for: .milliseconds(1)) }
        #expect(loop == nil)
    }

    /// Returns a stopped loop with a running timer, one that is started at the end, and work requested for the end of a
    /// turn.
    private static func stoppedLoop() async throws -> EventLoop {
        let loop = try EventLoop.start(name: "test")
        let pinned = Pinned(loop)
        await pinned.startEndingTimer(after: .seconds(3600))
        await pinned.startTimerAtEnd()
        loop.stop()
        loop.execute { pinned.assumeIsolated { $0.requestTurnEndWork() } }
        return loop
    }
}
