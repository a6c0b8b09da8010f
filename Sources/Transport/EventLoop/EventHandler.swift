/// The owner of a descriptor that is registered with an ``EventLoop``.
protocol EventHandler: AnyObject {
    /// Handles the `events` that the descriptor is ready for. Called on the loop.
    func ready(for events: EventMask)
    /// The loop has stopped and no longer watches the descriptor. Called on the loop's thread.
    func loopEnded()
}

extension EventHandler {
    func loopEnded() {}
}

/// Work that is deferred to the end of a loop turn and done once.
public protocol TurnHandler: AnyObject {
    /// Does the deferred work, once the events of this turn are handled. Called on the loop, once for each call of
    /// ``EventLoop/atEndOfTurn(_:_:)``.
    func turnEnded()
}

/// The phases at the end of a turn, in their order.
public enum TurnPhase: Sendable {
    /// Work that must be done before clients learn of its cause, such as sending it to another process. It may queue
    /// output for connections and request either phase again.
    case beforeWrites
    /// Connections write the output of this turn.
    case write
}
