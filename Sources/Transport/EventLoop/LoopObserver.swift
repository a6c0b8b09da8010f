/// Records rare incidents on a loop. Simulations count them to prove that each one occurs in some run.
package protocol LoopObserver: AnyObject, Sendable {
    func noted(_ incident: LoopIncident)
}

/// A rare incident on a loop.
package enum LoopIncident: CaseIterable, Sendable {
    /// A closing connection delivered everything to its peer, or was reset because the peer made no progress.
    case lingerEnded, lingerReset
    /// No descriptor was left for a new connection.
    case connectionRefused
    /// The bytes pending for a client exceeded the limit.
    case overflowed
    /// Reading from a client stopped. Its heartbeat deadline was suspended, unless reading stopped for the client's own
    /// output.
    case heartbeatSuspended
    /// A client did not answer a ping in time.
    case pingTimedOut
    /// The loop paused its connections: a pipe was full, and their output must not overtake the work that waits for it.
    case connectionsPaused
    /// A client read too slowly and left live delivery.
    case becameSlow
    /// A client had to wait for a page of the history, because of its rate.
    case historyPaused
    /// A client joined or rejoined live delivery.
    case becameLive
    /// Messages were read from memory, or a page of history did not hold all remaining messages.
    case pageFromMemory, pageTruncated
    /// The clients of a worker used up its credit.
    case creditExhausted
    /// A link became congested, and commits paused.
    case linkCongested
    /// A connection was passed on to the worker of its session, or to one with fewer sessions.
    case connectionPassedOn, newSessionPassedOn
    /// The kernel refused the message with a passed connection for a while.
    case passingDelayed
    /// A worker has received a connection from another one.
    case connectionTakenOver
    /// The worker of a passed connection has ended.
    case connectionNotPassedOn
}
