/// Is told what seldom happens on a loop: simulations count it, so that no rule holds only because nothing happened.
package protocol LoopObserver: AnyObject, Sendable {
    func noted(_ incident: LoopIncident)
}

/// What seldom happens.
package enum LoopIncident: CaseIterable, Sendable {
    /// A connection that is being closed waited for its peer in vain, or not.
    case lingerEnded, lingerReset
    /// No descriptor was left for a connection.
    case connectionRefused
    /// More waited for a client than may.
    case overflowed
    /// A client was not read, and its heartbeat not judged.
    case heartbeatSuspended
    /// A client fell silent.
    case pingTimedOut
    /// The loop wrote nothing to clients, because the hub could not hear of it.
    case writesHeld
    /// A client took too little, and follows the messages no longer.
    case becameSlow
    /// It follows them again, or for the first time.
    case becameLive
    /// Messages were given out of memory, or a page of them had more behind it.
    case recentGiven, pageCut
    /// The clients that sent had used up their worker's credit.
    case creditExhausted
    /// A link took too little, and commits paused.
    case linkCongested
}
