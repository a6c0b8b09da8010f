/// Work that is deferred to the end of a loop turn and done once.
public protocol TurnHandler: AnyObject {
    /// Does the deferred work, after every event of this turn. Called on the loop, once for each request.
    func turnEnded()
}

/// The phases at the end of a turn, in their order.
public enum TurnPhase: Sendable {
    /// Work that must be handed over before clients learn of it. It may queue output for connections and request either
    /// phase again.
    case beforeWrites
    /// Connections write the output of this turn.
    case write
}
