import Transport

/// What a client brought when it connected.
public struct Handshake: Sendable {
    /// The request that opened the connection. Without ``ServerOptions/keepsHandshakes`` its headers and its query are gone.
    public internal(set) var request: HTTPRequestHead
    /// The client's numeric address.
    public let address: String
    /// The `auth` of its CONNECT packet: a JSON object, or nil. Without ``ServerOptions/keepsHandshakes`` it is gone when the
    /// connection handler has returned.
    public internal(set) var auth: JSONText?

    var authBytes: Int { auth?.utf8.count ?? 0 }
}
