import Glibc
import Persistence
import Transport

/// Waits at the start for what an earlier process of the same server may hold a little longer: after `kill -9` the system needs
/// time to close its connections, and its workers end after it.
struct StartPatience {
    /// How long the start may take altogether until a port or the database that is taken counts as somebody else's.
    static let limit = Duration.seconds(2)
    static let pause = Duration.milliseconds(20)

    private let loop: EventLoop
    private let deadline: ContinuousClock.Instant

    /// The time runs from now on.
    init(on loop: EventLoop) {
        self.loop = loop
        deadline = loop.machine.now + Self.limit
    }

    /// Repeats `work` while what it needs is taken and the time is not over. Called on the loop.
    /// - Parameter isOver: whether there is no use in waiting any more, because the process is to stop.
    /// - Throws: what `work` threw last.
    func attempt<Value>(
        unless isOver: @autoclosure () -> Bool, isolation: isolated (any Actor)? = #isolation,
        _ work: () throws -> Value
    ) async throws -> Value {
        while true {
            do {
                return try work()
            } catch  where Self.mayPass(error) && loop.machine.now < deadline && !isOver() {
                await loop.pause(for: Self.pause)
                guard !loop.hasEnded else { throw error }
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
