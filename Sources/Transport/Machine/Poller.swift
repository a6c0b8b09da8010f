import CLinux

/// What a descriptor is ready for, and what its owner wants to know.
package struct EventMask: OptionSet, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    package static let readable = EventMask(rawValue: UInt32(clinux_epollin))
    package static let writable = EventMask(rawValue: UInt32(clinux_epollout))
    package static let peerClosed = EventMask(rawValue: UInt32(clinux_epollrdhup))
    /// Reported whether it was asked for or not.
    package static let failed = EventMask(rawValue: UInt32(clinux_epollerr | clinux_epollhup))
}

/// A watched descriptor that is ready.
package struct Readiness {
    /// What it was watched with.
    package let token: UInt64
    package let events: EventMask

    package init(token: UInt64, events: EventMask) {
        self.token = token
        self.events = events
    }
}

/// Watches the descriptors of one event loop, level-triggered as epoll does.
///
/// All but ``wake()`` is called by one thread at a time.
package protocol Poller: AnyObject, Sendable {
    /// - Parameter token: names the descriptor in what ``wait(until:into:)`` reports.
    func watch(_ descriptor: CInt, for interest: EventMask, token: UInt64) throws(SystemError)
    /// Takes effect with the next ``wait(until:into:)``.
    func setInterest(_ interest: EventMask, of descriptor: CInt, token: UInt64)
    func unwatch(_ descriptor: CInt)
    /// Waits until a descriptor is ready, or the poller is woken, or `deadline` has passed; nil is no deadline.
    /// - Parameter ready: becomes the descriptors that are ready, in any order and not necessarily all of them.
    /// - Returns: whether it was woken.
    func wait(until deadline: ContinuousClock.Instant?, into ready: inout [Readiness]) -> Bool
    /// Ends ``wait(until:into:)``, or the next one if there is none now. May be called by any thread.
    func wake()
}
