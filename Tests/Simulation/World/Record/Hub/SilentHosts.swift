import Cluster
import Transport

/// The hosts that have not answered a hub's question for a session in time.
///
/// For ten seconds afterwards, the hub does not wait for their answers to questions in the same namespace, so it may
/// refuse a claim although one of them has the session. It waits for them again once an owner lets a session go for it.
struct SilentHosts {
    /// How long silent hosts are not waited for. The hub notices the end when it polls, each second.
    private static let time = Duration.seconds(11)
    /// How much earlier than its time a question may end: by one timer tick.
    private static let tick = Duration.milliseconds(10)

    /// How long a question is open at most.
    let patience: Duration
    /// The times at which questions had waited too long, by namespace.
    private var overdue: [String: [ContinuousClock.Instant]] = [:]

    init(_ settings: Settings) {
        patience = max(settings.limits.sessionWait, settings.backplanePatience / 2)
    }

    /// A claim is answered.
    mutating func answered(_ claim: HubOracle.OpenClaim, at now: ContinuousClock.Instant) {
        if now - claim.time >= patience - Self.tick { overdue[claim.claim.namespace, default: []].append(now) }
    }

    /// The worker of a claim has ended. The question that the claim has caused stays open.
    mutating func abandoned(_ claim: HubOracle.OpenClaim) {
        overdue[claim.claim.namespace, default: []].append(claim.time + patience - Self.tick)
    }

    /// An owner lets a session go for this hub.
    mutating func cut(in namespace: String, at now: ContinuousClock.Instant) {
        overdue[namespace]?.removeAll { $0 <= now }
    }

    /// True if the hub may not wait for the answers of all hosts.
    func mayBeIgnored(in namespace: String, at now: ContinuousClock.Instant) -> Bool {
        overdue[namespace]?.contains { $0 <= now && now - $0 < Self.time } ?? false
    }
}
