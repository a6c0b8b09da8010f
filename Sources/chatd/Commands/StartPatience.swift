import Glibc
import Persistence
import Transport

/// Waits at the start for what an earlier process of the same server may hold a little longer: after `kill -9` the system needs
/// time to close its connections, and its workers end after it.
struct StartPatience {
    /// How long the start may take altogether until a port or the database that is taken counts as somebody else's.
    static let limit = Duration.seconds(2)
    static let pause = Duration.milliseconds(20)

    private let deadline: ContinuousClock.Instant
    private let now: () -> ContinuousClock.Instant
    private let sleep: (Duration) -> Void
    private let isOver: () -> Bool

    /// - Parameters:
    ///   - isOver: whether there is no use in waiting any more, because the process is to stop.
    ///   - now: the clock.
    ///   - sleep: waits, on the thread that calls ``attempt(_:)``. No loop runs on it yet.
    init(
        isOver: @escaping () -> Bool,
        now: @escaping () -> ContinuousClock.Instant = { .now },
        sleep: @escaping (Duration) -> Void = { usleep(UInt32($0 / .microseconds(1))) }
    ) {
        self.isOver = isOver
        self.now = now
        self.sleep = sleep
        deadline = now() + Self.limit
    }

    /// Repeats `work` while what it needs is taken and the time is not over.
    /// - Throws: what `work` threw last.
    func attempt<Value>(_ work: () throws -> Value) throws -> Value {
        while true {
            do {
                return try work()
            } catch  where Self.mayPass(error) && now() < deadline && !isOver() {
                sleep(Self.pause)
            }
        }
    }

    private static func mayPass(_ error: any Error) -> Bool {
        switch error {
        case let error as ListeningSocket.BindError: error.cause.code == EADDRINUSE
        case StoreError.lockedByAnotherWriter: true
        default: false
        }
    }
}
