import CLinux

/// A set of readiness events of a descriptor.
package struct EventMask: OptionSet, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    package static let readable = EventMask(rawValue: UInt32(clinux_epollin))
    package static let writable = EventMask(rawValue: UInt32(clinux_epollout))
    /// The peer has ended its side of the connection.
    package static let peerClosed = EventMask(rawValue: UInt32(clinux_epollrdhup))
    /// An error or a hang-up (`EPOLLERR`, `EPOLLHUP`). Reported even if it was not requested.
    package static let failed = EventMask(rawValue: UInt32(clinux_epollerr | clinux_epollhup))
}

/// A watched descriptor that is ready.
package struct Readiness {
    /// The token that the descriptor was registered with.
    package let token: UInt64
    /// The events that the descriptor is ready for.
    package let events: EventMask

    package init(token: UInt64, events: EventMask) {
        self.token = token
        self.events = events
    }
}

/// Watches the descriptors of one event loop, level-triggered like epoll.
///
/// All methods except ``wake()`` are called by one thread at a time.
package protocol Poller: AnyObject, Sendable {
    /// Begins to watch a descriptor.
    /// - Parameter token: identifies the descriptor in the results of ``wait(until:into:)``.
    /// - Throws: ``SystemError`` if the kernel refuses.
    func watch(_ descriptor: CInt, for interest: EventMask, token: UInt64) throws(SystemError)
    /// Changes the events that are reported for a descriptor, from the next ``wait(until:into:)`` on.
    func setInterest(_ interest: EventMask, of descriptor: CInt, token: UInt64)
    func unwatch(_ descriptor: CInt)
    /// Waits until a descriptor is ready, the poller is woken, or `deadline` has passed. A nil deadline waits without a
    /// limit.
    /// - Parameter ready: set to the ready descriptors, in any order and not necessarily all of them.
    /// - Returns: true if the poller was woken.
    func wait(until deadline: ContinuousClock.Instant?, into ready: inout [Readiness]) -> Bool
    /// Ends the current ``wait(until:into:)``, or the next one. Any thread may call it.
    func wake()
}
