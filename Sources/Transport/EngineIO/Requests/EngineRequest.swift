/// A request to an Engine.IO server, in the form that the hooks in ``EngineOptions`` get.
public struct EngineRequest: Sendable {
    /// The request line and the headers.
    public let head: HTTPRequestHead
    /// The client's numeric address.
    public let address: String
    /// Header fields for the answer, in addition to the server's own. Every answer to the request has them, also a
    /// refusal and the answer to a WebSocket handshake.
    public var responseHeaders: HTTPFields

    /// The id of the session that the request names; nil for a request that opens a session.
    public var sessionID: SessionID? { head.queryParameters["sid"].flatMap { SessionID($0) } }

    /// The transport that the request names; nil if it names none that exists.
    public var transport: EngineTransport? { head.queryParameters["transport"].flatMap(EngineTransport.init) }
}

extension EngineRequest {
    init(_ exchange: HTTPExchange) {
        self.init(head: exchange.request.head, address: exchange.peer, responseHeaders: exchange.fields)
    }
}
