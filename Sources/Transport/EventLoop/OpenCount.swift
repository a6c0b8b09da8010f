/// Counts what must end before a server is closed, such as its connections. Used on one loop.
package final class OpenCount {
    package var open = 0 {
        didSet {
            whole?.open += open - oldValue
            guard open == 0 else { return }
            let ended = waiters
            waiters = []
            for waiter in ended { waiter.becameEmpty() }
        }
    }
    /// The connections whose peers have ended, and whose sockets stay open because the kernel still holds output.
    package var abandoned = 0 {
        didSet { whole?.abandoned += abandoned - oldValue }
    }
    /// The number of open sockets.
    package var held: Int { open + abandoned }
    /// The bytes that its connections have received.
    package var receivedBytes = 0 {
        didSet { whole?.receivedBytes += receivedBytes - oldValue }
    }
    /// The bytes of its connections that the kernel has accepted.
    package var sentBytes = 0 {
        didSet { whole?.sentBytes += sentBytes - oldValue }
    }
    /// Notified when the count becomes 0.
    var waiters: [ClosingWait] = []

    /// A count that includes this one.
    private let whole: OpenCount?

    /// - Parameter whole: A count that includes this one; nil for none.
    package init(in whole: OpenCount? = nil) {
        self.whole = whole
    }

    /// Waits until the count is 0, the timeout has passed, or the loop has ended.
    /// - Parameters:
    ///   - loop: The loop on which the count is used.
    ///   - timeout: The longest time to wait.
    package func waitUntilEmpty(
        on loop: EventLoop, timeout: Duration, isolation: isolated (any Actor)? = #isolation
    ) async {
        await withCheckedContinuation { continuation in
            // Check inside the closure, because the last one may end while the task changes executors.
            guard open > 0, !loop.hasEnded else { return continuation.resume() }
            ClosingWait(continuation).start(for: self, on: loop, timeout: timeout)
        }
    }
}
