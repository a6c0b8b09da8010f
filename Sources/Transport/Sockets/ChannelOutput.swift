/// When a ``Channel`` writes next.
enum ChannelOutput {
    /// When something is queued.
    case idle
    /// At the end of this turn, or earlier when much is queued.
    case scheduled
    /// At the end of this turn and no earlier.
    case deferred
    /// When the kernel has space again.
    case blocked
    /// At the end of this turn, because the kernel has space again or was full only just now.
    case retrying

    /// Whether the kernel has refused bytes.
    var isRefused: Bool { self == .blocked || self == .retrying }
}
