import Transport

/// Limits how often live clients with the same secret take one session from each other. A browser tab and its copy, for
/// example, would each claim the session again as soon as they lost it.
///
/// A claim is contested if the session's owner is still connected. After ``limit`` contested claims of one session
/// within ``window`` the next one is refused: its client gets a new session, and the owner keeps the contested one. A
/// claim of a session without a connected owner is never refused by this rule.
///
/// A value with bounded memory. Time is an argument. A claim that waited for a drain may be older than the claim before
/// it; it is forgotten together with that claim.
struct ContestedClaims {
    /// The number of contested claims of one session that are carried out within ``window``.
    static let limit = 8
    static let window = Duration.seconds(30)
    /// The maximum number of contested claims that are remembered. Beyond it, the oldest claims are forgotten, so that
    /// their sessions can be claimed more often than ``limit`` before a claim is refused.
    static let maxRemembered = 50_000

    enum Verdict: Equatable {
        case carriedOut
        case refused
        /// Refused, like an earlier claim of this contest.
        case refusedAgain
    }

    private struct Contest {
        var claims = 0
        var wasRefused = false
    }

    /// The contested claims carried out within the window, in order. The first `dropped` entries have expired.
    private var claims: [(session: SessionID, time: ContinuousClock.Instant)] = []
    private var dropped = 0
    private var contests: [SessionID: Contest] = [:]

    var count: Int { claims.count - dropped }

    /// Decides about a claim of a session whose owner is connected.
    mutating func claim(_ session: SessionID, at now: ContinuousClock.Instant) -> Verdict {
        forget(at: now)
        if let contest = contests[session], contest.claims >= Self.limit {
            contests[session]?.wasRefused = true
            return contest.wasRefused ? .refusedAgain : .refused
        }
        claims.append((session, now))
        contests[session, default: Contest()].claims += 1
        return .carriedOut
    }

    private mutating func forget(at now: ContinuousClock.Instant) {
        while dropped < claims.count, count >= Self.maxRemembered || now - claims[dropped].time >= Self.window {
            let session = claims[dropped].session
            dropped += 1
            guard var contest = contests[session] else { continue }
            contest.claims -= 1
            contests[session] = contest.claims > 0 ? contest : nil
        }
        if dropped == claims.count || dropped > 64 && dropped > claims.count / 2 {
            claims.removeFirst(dropped)
            dropped = 0
        }
    }
}
