/// Records rare incidents on a loop. Simulations count them to prove that each one occurs in some run.
package protocol LoopObserver: AnyObject, Sendable {
    func noted(_ incident: LoopIncident)
}

/// A rare incident on a loop.
package enum LoopIncident: CaseIterable, Sendable {
    /// A closing connection got everything to its peer, or gave up and was reset.
    case lingerEnded, lingerReset
    /// No descriptor was left for a new connection.
    case connectionRefused
    /// The bytes pending for a client exceeded the limit.
    case overflowed
    /// Reading from a client stopped, and its heartbeat deadline was suspended.
    case heartbeatSuspended
    /// A client did not answer a ping in time.
    case pingTimedOut
    /// The loop paused its connections, because the hub could not accept the operations before their output.
    case writesHeld
    /// A client read too slowly and left live delivery.
    case becameSlow
    /// A client joined or rejoined live delivery.
    case becameLive
    /// Messages were read from the recent messages in memory, or a page of history did not hold all that were left.
    case recentGiven, pageCut
    /// The clients of a worker used up its credit for requests to the hub.
    case creditExhausted
    /// A link became congested, and commits paused.
    case linkCongested
}
