import Actors
import Transport

/// Observes the hub's decisions in order. A simulation compares what its clients receive with them.
package protocol HubObserver: AnyObject, Sendable {
    /// The hub is about to order these requests.
    func received(_ requests: [HubRequest], from incarnation: Incarnation, at now: ContinuousClock.Instant)
    /// The hub answered a claim: the oldest one, if every link can be drained within a call.
    func answered(_ answer: ClaimAnswer)
    /// The hub detaches an incarnation, after it has received everything that the incarnation sent.
    func lost(_ incarnation: Incarnation, at now: ContinuousClock.Instant)
}
