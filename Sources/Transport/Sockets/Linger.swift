/// Limits how long a closing connection waits for its peer.
///
/// A peer may receive the remaining output slowly as long as it makes progress in every period. Once it has received
/// everything, it has one period to close its side.
struct Linger {
    enum Decision: Equatable {
        /// Wait for another period.
        case wait
        /// The peer has received everything.
        case close
        /// The peer makes no progress, so discard what is left.
        case reset
    }

    /// The number of bytes acknowledged when the period began.
    private var acknowledged: Int

    init(acknowledged: Int) {
        self.acknowledged = acknowledged
    }

    /// Decides what to do at the end of a period.
    /// - Parameters:
    ///   - acknowledged: the number of bytes that the peer's TCP has acknowledged since the connection began.
    ///   - waiting: the number of unacknowledged bytes, here and in the kernel.
    ///   - minimum: the number of bytes that the peer must have acknowledged in the period to get another period.
    mutating func periodEnded(acknowledged: Int, waiting: Int, minimum: Int = Limits().minimumProgress) -> Decision {
        guard waiting > 0 else { return .close }
        guard acknowledged - self.acknowledged >= minimum else { return .reset }
        self.acknowledged = acknowledged
        return .wait
    }
}
