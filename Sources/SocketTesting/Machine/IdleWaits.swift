import Synchronization

/// The waits for the moment at which a server has nothing left to do.
final class IdleWaits: Sendable {
    private let waiting = Mutex<[Wait<Void>]>([])

    /// The present waits.
    var all: [Wait<Void>] { waiting.withLock { $0 } }

    func add(_ wait: Wait<Void>) {
        waiting.withLock { $0.append(wait) }
    }

    func remove(_ wait: Wait<Void>) {
        waiting.withLock { $0.removeAll { $0 === wait } }
    }

    /// Ends waits.
    /// - Returns: True if one of them was still waiting.
    func end(_ waits: [Wait<Void>]) -> Bool {
        var hasEnded = false
        for wait in waits {
            remove(wait)
            if wait.end(.success(())) { hasEnded = true }
        }
        return hasEnded
    }
}
