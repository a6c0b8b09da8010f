import Glibc
import Persistence
import Transport

/// Retries a start while an earlier process of the same server still holds a port or the database. After `kill -9` the
/// system needs time to close that process's connections, and its workers exit a little later.
struct StartPatience {
    /// The total time for retries of one start. After it, a port or database in use is assumed to belong to another
    /// server.
    static let limit = Duration.seconds(2)
    /// The time between attempts.
    static let pause = Duration.milliseconds(20)

    private let loop: EventLoop
    private let deadline: ContinuousClock.Instant

    /// Starts the time limit.
    init(on loop: EventLoop) {
        self.loop = loop
        deadline = loop.machine.now + Self.limit
    }

    /// Repeats `work` while it fails because a resource is in use, until the time limit. Called on the loop.
    /// - Parameter isStopping: true if the process was asked to stop, which ends the retries.
    /// - Throws: the last error of `work`.
    func attempt<Value>(
        unless isStopping: @autoclosure () -> Bool, isolation: isolated (any Actor)? = #isolation,
        _ work: () throws -> Value
    ) async throws -> Value {
        while true {
            do {
                return try work()
            } catch  where Self.isTransient(error) && loop.machine.now < deadline && !isStopping() {
                await loop.pause(for: Self.pause)
                guard !loop.hasEnded else { throw error }
            }
        }
    }

    private static func isTransient(_ error: any Error) -> Bool {
        switch error {
        // EAGAIN: another server starts in the same directory.
        case let error as ListeningSocket.BindError: [EADDRINUSE, EAGAIN].contains(error.cause.code)
        case StoreError.lockedByAnotherWriter: true
        default: false
        }
    }
}
