import Actors
import Transport

/// Observes the hub's decisions in order. A simulation compares what its clients receive with them.
package protocol HubObserver: AnyObject, Sendable {
    /// A worker has sent these requests. With a backplane, some are carried out later, or as messages to all hosts.
    func arrived(_ requests: [HubRequest], from incarnation: Incarnation, at now: ContinuousClock.Instant)
    /// The hub is about to order these requests.
    func received(_ requests: [HubRequest], from incarnation: Incarnation, at now: ContinuousClock.Instant)
    /// The hub has answered the claim with this number of this incarnation.
    func answered(_ answer: ClaimAnswer, to claim: UInt64, of incarnation: Incarnation)
    /// The hub detaches an incarnation, after it has received everything that the incarnation sent.
    func lost(_ incarnation: Incarnation, at now: ContinuousClock.Instant)

    // MARK: Several hosts

    /// The hub is about to handle what its backplane has delivered.
    /// - Parameter lastPublished: the id of the last message that the hub has published.
    func handles(_ delivery: BackplaneDelivery, lastPublished: Int64, at now: ContinuousClock.Instant)
    /// The hub is about to apply a message.
    /// - Parameter origin: the worker that sent it; nil if it comes from another host.
    func applies(_ message: BackplaneMessage, of origin: Incarnation?, at now: ContinuousClock.Instant)
    /// The hub has noted that events of other hosts may be missing here.
    func notedGap(at now: ContinuousClock.Instant)
}
