/// What lives on top of an Engine.IO session. Called on the session's loop.
public protocol EngineSessionHandler: AnyObject {
    /// Messages arrived, in order.
    func sessionReceived(_ messages: [ClientMessage])
    /// The session is over; nothing follows.
    func sessionEnded(_ reason: EngineCloseReason)
    /// What waits for the client fell below 64 KiB after it had been above.
    func sessionDrained()
}
