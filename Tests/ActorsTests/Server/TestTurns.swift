import Synchronization

/// Bounds how many tests have servers at the same time.
///
/// All tests begin at once. With hundreds of servers in one process each waits for the others between any two of its steps,
/// longer than heartbeats and lingers allow on a busy machine.
enum TestTurns {
    private struct State {
        var free = 24
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private static let state = Mutex(State())
    /// A test that has its turn may start another server.
    @TaskLocal private static var hasTurn = false

    nonisolated(nonsending) static func withTurn(_ body: () async throws -> Void) async throws {
        guard !hasTurn else { return try await body() }
        await begin()
        defer { end() }
        try await $hasTurn.withValue(true) { try await body() }
    }

    private nonisolated(nonsending) static func begin() async {
        await withCheckedContinuation { continuation in
            let mayBegin = state.withLock { state in
                guard state.free > 0 else {
                    state.waiting.append(continuation)
                    return false
                }
                state.free -= 1
                return true
            }
            if mayBegin { continuation.resume() }
        }
    }

    private static func end() {
        let next = state.withLock { state in
            guard state.waiting.isEmpty else { return Optional(state.waiting.removeFirst()) }
            state.free += 1
            return nil
        }
        next?.resume()
    }
}
