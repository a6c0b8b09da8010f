import Actors
import Transport

/// Observes the hub's decisions in order. A simulation compares what its clients receive with them.
package protocol HubObserver: AnyObject, Sendable {
    /// A worker has sent these requests. With a backplane, some are carried out later, or as messages to all hosts.
    func arrived(_ requests: [HubRequest], from incarnation: Incarnation, at now: ContinuousClock.Instant)
    /// The hub is about to order these requests.
    func received(_ requests: [HubRequest], from incarnation: Incarnation, at now: ContinuousClock.Instant)
    /// The hub has answered the claim with this number of this incarnation.
    func answered(
        _ answer: ClaimAnswer, to claim: UInt64, of incarnation: Incarnation, at now: ContinuousClock.Instant)
    /// The hub detaches an incarnation, after it has received everything that the incarnation sent.
    func lost(_ incarnation: Incarnation, at now: ContinuousClock.Instant)

    // MARK: Several hosts

    /// The hub is about to handle what its backplane has delivered.
    /// - Parameter lastPublished: the id of the last message that the hub has published.
    func handles(_ delivery: BackplaneDelivery, lastPublished: Int64, at now: ContinuousClock.Instant)
    /// The hub is about to apply a message.
    /// - Parameters:
    ///   - origin: the worker that sent it; nil if it comes from another host.
    ///   - entry: the name of the message at a broker that keeps messages.
    func applies(
        _ message: BackplaneMessage, of origin: Incarnation?, entry: EntryID?, at now: ContinuousClock.Instant)
    /// The hub has noted that events of other hosts may be missing here.
    func notedGap(at now: ContinuousClock.Instant)
    /// A session that this hub has asked for leaves its owner here. The hub has skipped a position.
    /// - Parameter question: the text of the question's name.
    func notedCut(of question: String, at now: ContinuousClock.Instant)
    /// The hub has come to the place where another host may take a session.
    /// - Parameters:
    ///   - id: the session that it gives; nil if it does not have the session, keeps it, or had to delete it.
    ///   - claim: the claim that stands for the question.
    ///   - question: the text of the question's name.
    ///   - time: the time at which the question arrived.
    func gave(
        _ id: SessionID?, for claim: Claim, to question: String, askedAt time: ContinuousClock.Instant,
        at now: ContinuousClock.Instant)
    /// A session of another host has arrived.
    /// - Parameter isTaken: true if the hub keeps it until its client claims it.
    func arrived(_ id: SessionID, by question: String, isTaken: Bool, at now: ContinuousClock.Instant)
    /// The hub has restored a session that it has taken from a broker.
    /// - Parameters:
    ///   - offset: the earliest offset of the claims that wait for it; nil if one has none.
    ///   - position: the position of the hub from which its log has the session's events.
    ///   - isTaken: true if the hub keeps it until its client claims it.
    func restored(
        _ id: SessionID, of privateID: SessionID, from offset: Offset?, upTo position: UInt64, isTaken: Bool,
        at now: ContinuousClock.Instant)
    /// The hub forgets a session, because another host has taken it from the broker.
    func forgot(_ id: SessionID, at now: ContinuousClock.Instant)
}
