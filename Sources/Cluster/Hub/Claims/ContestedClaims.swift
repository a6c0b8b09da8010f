import Transport

/// Ends a fight over a session: of two live clients with one secret, such as a browser tab and its copy, each would take the session
/// from the other as soon as it has come back.
///
/// A claim is contested when the session's owner was still connected. After ``limit`` of them within ``window`` the next one is
/// damped: its client gets a session of its own, and the owner keeps the contested one. A client that comes back to a session without
/// an owner is never damped, however often it does.
///
/// A value in bounded memory; time is an argument and never goes back.
struct ContestedClaims {
    /// So many contested claims of one session are carried out within ``window``.
    static let limit = 8
    static let window = Duration.seconds(30)
    /// So many contested claims are remembered. Beyond, the oldest are forgotten, and their sessions damped later.
    static let maxRemembered = 50_000

    enum Verdict: Equatable {
        case carriedOut
        case damped
        /// Damped, as another one of this fight was before.
        case dampedAgain
    }

    private struct Fight {
        var claims = 0
        var wasDamped = false
    }

    /// The contested claims that were carried out within the window, in their order; `dropped` of them at the front have been removed.
    private var claims: [(session: SessionID, time: ContinuousClock.Instant)] = []
    private var dropped = 0
    private var fights: [SessionID: Fight] = [:]

    var count: Int { claims.count - dropped }

    /// A session whose owner is still connected is claimed.
    mutating func claim(_ session: SessionID, at now: ContinuousClock.Instant) -> Verdict {
        forget(at: now)
        if let fight = fights[session], fight.claims >= Self.limit {
            fights[session]?.wasDamped = true
            return fight.wasDamped ? .dampedAgain : .damped
        }
        claims.append((session, now))
        fights[session, default: Fight()].claims += 1
        return .carriedOut
    }

    private mutating func forget(at now: ContinuousClock.Instant) {
        while dropped < claims.count, count >= Self.maxRemembered || now - claims[dropped].time >= Self.window {
            let session = claims[dropped].session
            dropped += 1
            guard var fight = fights[session] else { continue }
            fight.claims -= 1
            fights[session] = fight.claims > 0 ? fight : nil
        }
        if dropped == claims.count || dropped > 64 && dropped > claims.count / 2 {
            claims.removeFirst(dropped)
            dropped = 0
        }
    }
}
