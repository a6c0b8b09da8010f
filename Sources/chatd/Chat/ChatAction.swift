import Actors

/// What an identity may allow a client to do. Without an identity, or if it names no actions, everything is allowed.
enum ChatAction: String {
    /// Sending messages.
    case send
    /// Reading messages from before the client's session.
    case history

    func isAllowed(to identity: ClientIdentity?) -> Bool {
        identity?.allows(rawValue) ?? true
    }
}

extension Refusal {
    static let notAllowed = Refusal(description: "not allowed")
}
