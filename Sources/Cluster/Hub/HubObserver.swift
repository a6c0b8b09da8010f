import Actors

/// Is told what the hub decides, in its order, to judge it: simulated servers compare what clients get with it.
package protocol HubObserver: AnyObject, Sendable {
    /// These requests are about to be ordered.
    func received(_ requests: [HubRequest], from incarnation: Incarnation, at now: ContinuousClock.Instant)
    /// The claim that came first is answered.
    func answered(_ answer: ClaimAnswer)
    /// A worker's process is gone, and everything that it sent was received.
    func lost(_ incarnation: Incarnation, at now: ContinuousClock.Instant)
}
