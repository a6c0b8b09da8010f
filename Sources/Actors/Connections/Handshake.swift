import Transport

/// The data from a client's connection requests.
public struct Handshake: Sendable {
    /// The HTTP request that opened the connection. Without ``ServerOptions/keepsHandshakes`` it lacks the headers and
    /// the query.
    public internal(set) var request: HTTPRequestHead
    /// The client's numeric address.
    public let address: String
    /// The `auth` of the client's CONNECT packet: a JSON object, or nil. Without ``ServerOptions/keepsHandshakes`` it
    /// is nil after the connection handler has returned.
    public internal(set) var auth: JSONText?

    var authBytes: Int { auth?.utf8.count ?? 0 }
}
