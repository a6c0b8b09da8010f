/// The reason why the endpoint of an ``HTTPIdentityProvider`` could not say who a client is.
public enum HTTPIdentityFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// There is no response: no connection, no time left, or bytes that are no response.
    case noResponse(String)
    /// The status is neither 200 nor one that refuses the client.
    case status(Int)
    /// The body of a response with status 200 is not the expected object.
    case invalidAnswer(String)
    /// Too many requests wait for the endpoint.
    case busy
    /// The handshake does not come from a connecting client of a running server.
    case noServer

    public var description: String {
        switch self {
        case .noResponse(let reason): reason
        case .status(let status): "it answers with status \(status)"
        case .invalidAnswer(let reason): "its answer cannot be used: \(reason)"
        case .busy: "too many requests wait for it"
        case .noServer: "there is no connecting client"
        }
    }
}
