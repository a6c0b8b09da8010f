/// The application's decision about origins. Two rules are equal if they are copies of one rule.
public struct OriginRule: Sendable, Equatable {
    private final class Decision: Sendable {
        let allows: @Sendable (WebOrigin) -> Bool

        init(_ allows: @escaping @Sendable (WebOrigin) -> Bool) {
            self.allows = allows
        }
    }

    private let decision: Decision

    /// Makes a rule.
    /// - Parameter allows: returns true if pages of an origin may use the server; called on the server's loop.
    public init(_ allows: @escaping @Sendable (WebOrigin) -> Bool) {
        decision = Decision(allows)
    }

    func allows(_ origin: WebOrigin) -> Bool { decision.allows(origin) }

    public static func == (left: OriginRule, right: OriginRule) -> Bool { left.decision === right.decision }
}
