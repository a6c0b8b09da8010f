/// The running concurrent handlers of one socket.
final class ConcurrentHandlers {
    private let limit: Int
    private var count = 0
    /// The wait of the socket's next concurrent handler. The socket starts its handlers one after the other, so at most
    /// one waits.
    private var waiter: CheckedContinuation<Void, Never>?

    /// - Parameter limit: The maximum number of handlers that run at once.
    init(limit: Int) {
        self.limit = limit
    }

    /// True if the next handler has to wait.
    var isFull: Bool { count >= limit }

    func started() {
        count += 1
    }

    func returned() {
        count -= 1
        waiter?.resume()
        waiter = nil
    }

    /// Resumes a continuation when a handler may start.
    func resumeWhenFree(_ continuation: CheckedContinuation<Void, Never>) {
        guard isFull else { return continuation.resume() }
        waiter = continuation
    }
}
