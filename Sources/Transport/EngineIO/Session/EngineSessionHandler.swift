/// The receiver of an Engine.IO session's events. Called on the session's loop.
public protocol EngineSessionHandler: AnyObject {
    /// Handles messages, in order of arrival.
    func sessionReceived(_ messages: [ClientMessage])
    /// The session has ended. No call follows.
    func sessionEnded(_ reason: EngineCloseReason)
    /// More than 64 KiB were waiting for the client, and now at most 64 KiB are.
    func sessionDrained()
}
