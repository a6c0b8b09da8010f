/// How long a connection that is being closed waits for its peer.
///
/// The peer may take what is queued as slowly as it likes while it takes something; then it has one term to close.
struct Linger {
    enum Verdict: Equatable {
        /// Another term.
        case wait
        /// The peer has everything.
        case close
        /// Nobody waits for what is left, and the kernel need not keep it.
        case reset
    }

    /// How many bytes had been acknowledged when the term began.
    private var acknowledged: Int

    init(acknowledged: Int) {
        self.acknowledged = acknowledged
    }

    /// A term is over.
    /// - Parameters:
    ///   - acknowledged: how many bytes the peer's TCP has acknowledged since the beginning.
    ///   - waiting: how many bytes it has not, here and in the kernel.
    ///   - least: how many it must have acknowledged in the term to get another one.
    mutating func termEnded(acknowledged: Int, waiting: Int, least: Int = Limits().leastProgress) -> Verdict {
        guard waiting > 0 else { return .close }
        guard acknowledged - self.acknowledged >= least else { return .reset }
        self.acknowledged = acknowledged
        return .wait
    }
}
