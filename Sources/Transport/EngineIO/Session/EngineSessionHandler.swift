/// The receiver of an Engine.IO session's events. Called on the session's loop.
public protocol EngineSessionHandler: AnyObject {
    /// Handles messages, in order of arrival.
    func sessionReceived(_ messages: [ClientMessage])
    /// The session has ended. No call follows.
    func sessionEnded(_ reason: EngineCloseReason)
    /// The bytes that wait for the client were above 64 KiB and fell to or below it.
    func sessionDrained()
}
