import Dispatch
import Synchronization
import Transport

/// The result of a task for a thread that waits for it.
final class BlockingResult<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)
    private let semaphore = DispatchSemaphore(value: 0)

    /// Blocks the calling thread until `body` has run as a task of the loop.
    static func wait(on loop: EventLoop, _ body: @escaping @Sendable () async -> Value) -> Value {
        let result = BlockingResult()
        loop.startTask { result.end(await body()) }
        return result.wait()
    }

    private func end(_ result: Value) {
        value.withLock { $0 = result }
        semaphore.signal()
    }

    private func wait() -> Value {
        semaphore.wait()
        // ``end(_:)`` sets the result before it signals.
        guard let result = value.withLock({ $0 }) else { preconditionFailure("the task has ended without a result") }
        return result
    }
}
