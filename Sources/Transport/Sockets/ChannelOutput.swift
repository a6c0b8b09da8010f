/// The condition for the next write of a ``Channel``.
enum ChannelOutput {
    /// Nothing is queued.
    case idle
    /// Write at the end of this turn, or earlier if much is queued.
    case scheduled
    /// Write at the end of this turn and no earlier.
    case deferred
    /// Write once the socket is writable.
    case blocked
    /// Write at the end of this turn. The kernel has refused bytes before, and may have space again by then.
    case retrying

    /// True if the kernel has refused bytes.
    var isRefused: Bool { self == .blocked || self == .retrying }
}
