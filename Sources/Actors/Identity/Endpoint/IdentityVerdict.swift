/// What the operator's endpoint says about a client.
enum IdentityVerdict: Sendable {
    case identity(ClientIdentity)
    case refused(ConnectError)
    /// There is no answer, or none that can be understood. The client does not enter, and comes
    /// back.
    case unavailable(HTTPIdentityFailure)
}
