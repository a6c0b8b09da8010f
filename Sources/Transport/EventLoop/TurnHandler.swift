/// Work that is gathered over a loop turn and done once at its end.
public protocol TurnHandler: AnyObject {
    /// Every event of this turn has been handled. Called on the loop, once for each request.
    func turnEnded()
}

/// The order in which a turn's gathered work is done.
public enum TurnPhase: Sendable {
    /// Work that others must have accepted before connections tell of it. It may give these more to write, and ask for
    /// either phase again.
    case beforeWrites
    /// Connections write what the turn gave them.
    case write
}
