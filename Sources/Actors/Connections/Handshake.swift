import Transport

/// What a client brought when it connected.
public struct Handshake: Sendable {
    /// The request that opened the connection.
    public let request: HTTPRequestHead
    /// The client's numeric address.
    public let address: String
    /// The `auth` of its CONNECT packet: a JSON object, or nil.
    public let auth: JSONText?
}
