import Actors
import Transport

/// Observes the hub's decisions in order. A simulation compares what its clients receive with them.
package protocol HubObserver: AnyObject, Sendable {
    /// The hub is about to order these requests.
    func received(_ requests: [HubRequest], from incarnation: Incarnation, at now: ContinuousClock.Instant)
    /// The hub answered the claim that this incarnation has sent with this number. Claims are answered in the order of
    /// their arrival if every link can be drained within a call, and no other host is asked.
    func answered(_ number: UInt64, of claimant: Incarnation, _ answer: ClaimAnswer)
    /// The hub detaches an incarnation, after it has received everything that the incarnation sent.
    func lost(_ incarnation: Incarnation, at now: ContinuousClock.Instant)
}
