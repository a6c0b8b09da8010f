import Synchronization

/// The waits for the moment at which a server has nothing left to do.
final class IdleWaits: Sendable {
    private let waiting = Mutex<[CheckedContinuation<Void, Never>]>([])

    func add(_ continuation: CheckedContinuation<Void, Never>) {
        waiting.withLock { $0.append(continuation) }
    }

    /// Ends all waits.
    /// - Returns: True if there were any.
    func resumeAll() -> Bool {
        let waits = waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
        for wait in waits { wait.resume() }
        return !waits.isEmpty
    }
}
