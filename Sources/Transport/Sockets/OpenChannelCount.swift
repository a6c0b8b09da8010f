/// Counts the open channels of a server.
final class OpenChannelCount {
    var open = 0 {
        didSet {
            guard open == 0 else { return }
            let ended = waiters
            waiters = []
            for waiter in ended { waiter.becameEmpty() }
        }
    }
    /// Notified when the last channel closes.
    var waiters: [ClosingWait] = []
}
