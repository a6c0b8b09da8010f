import TestSupport
import Testing

@testable import Transport

@Suite("Tasks of an event loop stay on it")
struct LoopTaskTests {
    private actor Pinned {
        nonisolated let loop: EventLoop
        nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
        private var waiting: CheckedContinuation<Void, Never>?

        init(_ loop: EventLoop) {
            self.loop = loop
        }

        /// Returns, for each step of a task of this actor's loop, true if it ran on the loop.
        func everyStep() async -> [Bool] {
            var steps = [loop.isOnLoop]
            await withCheckedContinuation { continuation in
                waiting = continuation
                loop.execute { self.assumeIsolated { $0.resume() } }
            }
            steps.append(loop.isOnLoop)
            steps.append(await isOnLoopOutside())
            steps.append(loop.isOnLoop)
            async let other = isOnLoopOutside()
            steps.append(await other)
            return steps + (await childrenAreOnLoop())
        }

        private nonisolated func childrenAreOnLoop() async -> [Bool] {
            await withTaskGroup { group in
                for _ in 0..<4 { group.addTask { await self.isOnLoopOutside() } }
                return await group.reduce(into: []) { $0.append($1) }
            }
        }

        private func resume() {
            waiting?.resume()
        }

        private nonisolated func isOnLoopOutside() async -> Bool {
            let before = loop.isOnLoop
            await Task.yield()
            return before && loop.isOnLoop
        }

        func isOnLoop() -> Bool { loop.isOnLoop }
    }

    @Test("continuations, nonisolated functions, child tasks and task groups stay on the loop")
    func stays() async throws {
        try await EventLoopTests.withLoop { loop in
            let pinned = Pinned(loop)
            let steps = await withCheckedContinuation { continuation in
                loop.startTask { continuation.resume(returning: await pinned.everyStep()) }
            }
            #expect(steps == Array(repeating: true, count: 9))
        }
    }

    @Test("an actor of another loop runs there, and the task returns to its own loop")
    func comesBack() async throws {
        try await EventLoopTests.withLoop { loop in
            try await EventLoopTests.withLoop { otherLoop in
                let (pinned, other) = (Pinned(loop), Pinned(otherLoop))
                let steps = await withCheckedContinuation { continuation in
                    loop.startTask {
                        var steps = [loop.isOnLoop]
                        steps.append(await other.isOnLoop())
                        steps.append(loop.isOnLoop)
                        steps.append(await pinned.isOnLoop())
                        continuation.resume(returning: steps)
                    }
                }
                #expect(steps == [true, true, true, true])
            }
        }
    }

    private actor Plain {
        func isOn(_ loop: EventLoop) -> Bool { loop.isOnLoop }
    }

    /// Waits as long as a condition is true.
    private actor Waiting {
        nonisolated let loop: EventLoop
        nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
        private(set) var looks = 0

        init(_ loop: EventLoop) {
            self.loop = loop
        }

        func wait(atMost time: Duration, looks limit: Int = .max) async {
            await loop.wait(atMost: time) {
                looks += 1
                return looks < limit
            }
        }
    }

    @Test("a wait ends with its condition")
    func waitsForCondition() async throws {
        try await EventLoopTests.withLoop { loop in
            let waiting = Waiting(loop)
            await waiting.wait(atMost: .seconds(600), looks: 5)
            #expect(await waiting.looks == 5)
        }
    }

    @Test("a wait ends after its time, and has few looks")
    func waitsNotForever() async throws {
        try await EventLoopTests.withLoop { loop in
            let (waiting, start) = (Waiting(loop), ContinuousClock.now)
            await waiting.wait(atMost: .milliseconds(50))
            #expect(ContinuousClock.now - start >= .milliseconds(50))
            #expect((1...10).contains(await waiting.looks))
            await waiting.wait(atMost: .zero)
            #expect((1...10).contains(await waiting.looks))
        }
    }

    @Test("a wait on a loop that has ended has few looks, and is over soon")
    func waitsOnEndedLoop() async throws {
        let loop = try EventLoop.start(name: "test")
        let waiting = Waiting(loop)
        loop.stop()
        try await eventually { loop.hasEnded }
        await waiting.wait(atMost: .seconds(600))
        // The time of a loop that has ended may go on or stand still.
        #expect((1...120_000).contains(await waiting.looks))
    }

    @Test("a plain actor runs on the loop, unless the task prefers another executor")
    func longWork() async throws {
        try await EventLoopTests.withLoop { loop in
            let plain = Plain()
            let steps = await withCheckedContinuation { continuation in
                loop.startTask {
                    var steps = [await plain.isOn(loop)]
                    steps.append(
                        await withTaskExecutorPreference(globalConcurrentExecutor) { await plain.isOn(loop) })
                    steps.append(loop.isOnLoop)
                    continuation.resume(returning: steps)
                }
            }
            #expect(steps == [true, false, true])
        }
    }

    @Test("a task retains its loop until it ends")
    func keepsLoop() async throws {
        let steps = await withCheckedContinuation { continuation in
            let loop = try? EventLoop.start(name: "test")
            loop?.startTask {
                await Task.yield()
                continuation.resume(returning: true)
            }
            loop?.stop()
        }
        #expect(steps)
    }

    @Test("a task started after the end of the loop still runs")
    func afterTheEnd() async throws {
        let loop = try EventLoop.start(name: "test")
        let pinned = Pinned(loop)
        loop.stop()
        try await eventually { loop.hasEnded }
        let steps = await withCheckedContinuation { continuation in
            loop.startTask { continuation.resume(returning: await pinned.everyStep()) }
        }
        #expect(steps == Array(repeating: true, count: 9))
    }
}
