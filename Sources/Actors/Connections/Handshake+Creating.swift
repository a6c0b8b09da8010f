import Transport

extension Handshake {
    /// Creates a handshake, for unit tests of middleware.
    /// - Parameters:
    ///   - url: The path and the query of the request.
    ///   - headers: The headers of the request.
    ///   - address: The client's numeric address.
    ///   - isSecure: True if the client's connection is encrypted.
    ///   - auth: The `auth` of the CONNECT packet, a JSON object.
    ///   - identity: Who the client is; nil if unknown.
    ///   - issued: The time at which the client joined the namespace, since 1970.
    /// - Throws: ``HTTPParserError`` if the URL or a header is malformed.
    public init(
        url: String = "/socket.io/?EIO=4&transport=websocket", headers: [(name: String, value: String)] = [],
        address: String = "127.0.0.1", isSecure: Bool = false, auth: JSONText? = nil, identity: ClientIdentity? = nil,
        issued: Duration = .zero
    ) throws(HTTPParserError) {
        let request = try HTTPRequestHead(.get, url, headers: headers, isSecure: isSecure)
        self.init(request: request, address: address, auth: auth, identity: identity, issued: issued)
    }
}
