/// Where a ``Channel`` is between its first byte and its last.
enum ChannelPhase {
    /// The loop does not watch the socket yet.
    case accepted
    case open(Open)
    /// Nobody above is left; what was queued before still goes to the peer.
    case closing(ClosingStage, ClosingTerm)
    case closed

    /// Reading, and what is told to the handler.
    struct Open {
        var handler: any ChannelHandler
        /// Whether the handler wants to read.
        var isReading = true
        /// Reading waits until the loop resumes its connections.
        var isPaused = false
        var peer = PeerSide.open
        /// More than the low-water mark has waited, and the handler has not been told of its end.
        var owesDrained = false

        /// What the loop watches the socket for, apart from space for output.
        var interest: EventMask {
            if isReading { return isPaused ? [] : .readable }
            // Told in every turn that the peer has ended its side, the loop would never sleep.
            return peer == .open ? .peerClosed : []
        }
    }

    /// The peer's side of the connection.
    enum PeerSide {
        case open
        /// Ended; what it sent before may be unread.
        case ended
        /// Ended, and all it sent has been read.
        case read
    }

    enum ClosingStage {
        /// Everything queued is written first; nothing is read.
        case flushing
        /// Our side is shut; what still arrives is dropped, so that the peer gets our last bytes and not a reset.
        case lingering
        /// Both sides are shut, and the peer has not taken everything that the kernel holds for it.
        case abandoned
    }

    /// How long the peer may take for what is left.
    struct ClosingTerm {
        var linger: Linger
        var timer: EventLoop.TimerToken
    }

    var handler: (any ChannelHandler)? {
        if case .open(let open) = self { open.handler } else { nil }
    }

    /// What the loop watches the socket for, apart from space for output.
    var interest: EventMask {
        switch self {
        case .open(let open): open.interest
        case .closing(.lingering, _): .readable
        case .accepted, .closing, .closed: []
        }
    }
}
