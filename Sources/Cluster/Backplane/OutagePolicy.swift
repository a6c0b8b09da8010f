/// What a host does with the events for clients of all hosts while it is cut off from the others.
public enum OutagePolicy: String, Sendable, CaseIterable {
    /// They reach the clients of the host itself, as with the official adapters.
    case local
    /// They reach nobody, so that no client has an event that others lack. The host counts them. Volatile events, which
    /// anyone may miss, still reach the host's own clients.
    case fail
}
