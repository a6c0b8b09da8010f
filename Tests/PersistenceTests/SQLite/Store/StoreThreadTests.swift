import Testing

@testable import Persistence

@Suite("Store thread: runs an actor")
struct StoreThreadTests {
    private actor Pinned {
        let thread: StoreThread
        var count = 0

        nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

        init(_ thread: StoreThread) {
            self.thread = thread
        }

        func bump() -> Bool {
            count += 1
            preconditionIsolated()
            assertIsolated()
            return thread.isIsolatingCurrentContext() == true
        }
    }

    @Test("the thread runs every job of its actor, and no other code runs on it")
    func isolation() async throws {
        let thread = try StoreThread(path: "test")
        defer { thread.stop() }
        let actor = Pinned(thread)
        #expect(thread.isIsolatingCurrentContext() == false)
        let onThread = await withTaskGroup(of: Bool.self) { tasks in
            for _ in 0..<1000 { tasks.addTask { await actor.bump() } }
            return await tasks.reduce(true) { $0 && $1 }
        }
        #expect(onThread)
        #expect(await actor.count == 1000)
        #expect(thread.isIsolatingCurrentContext() == false)
    }
}
