/// The phase in the life of a ``Channel``.
enum ChannelPhase {
    /// Accepted, but not watched by the loop yet.
    case accepted
    case open(Open)
    /// The handler is detached. The output that was queued before still goes to the peer.
    case closing(ClosingStage, LingerPeriod)
    case closed

    /// The state of an open channel.
    struct Open {
        var handler: any ChannelHandler
        /// True if the handler wants to read.
        var isReading = true
        /// True if reading waits until the loop resumes its connections.
        var isPaused = false
        var peer = PeerSide.open
        /// True if the queue was above the low-water mark and the handler has to be notified when it drains.
        var mustReportDrained = false
        /// True if the handler has to be notified when the queue is empty.
        var mustReportWritten = false

        /// The readiness events to watch for, not counting space for output.
        var interest: EventMask {
            if isReading { return isPaused ? [] : .readable }
            // Once the peer has ended its side, watch for nothing: the socket stays ready, so the loop would report it
            // in every turn and never sleep.
            return peer == .open ? .peerClosed : []
        }
    }

    /// The state of the peer's side of the connection.
    enum PeerSide {
        case open
        /// Ended; bytes that it sent before may be unread.
        case ended
        /// Ended, and all of its bytes have been read.
        case read
    }

    /// The stage of a closing channel.
    enum ClosingStage {
        /// The queued output is being written; nothing is read.
        case flushing
        /// Our side is shut down. Input is read and discarded, because closing with unread input would reset the
        /// connection before the peer gets our last bytes.
        case lingering
        /// Both sides have ended, and the kernel still holds bytes for the peer.
        case abandoned
    }

    /// The current period in which the peer must receive more of the remaining output.
    struct LingerPeriod {
        var linger: Linger
        var timer: EventLoop.TimerToken
    }

    var handler: (any ChannelHandler)? {
        if case .open(let open) = self { open.handler } else { nil }
    }

    /// The readiness events to watch for, not counting space for output.
    var interest: EventMask {
        switch self {
        case .open(let open): open.interest
        case .closing(.lingering, _): .readable
        case .accepted, .closing, .closed: []
        }
    }
}
