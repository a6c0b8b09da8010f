/// What answers requests.
public protocol HTTPRequestHandler: AnyObject {
    /// The most bytes of a request's body, after decoding. Over it: 413. Nil: the server's own limit.
    var maxBody: Int? { get }
    /// A request's head has arrived and its body has not. The exchange may be answered at once, which drops the body.
    func bodyBegins(_ exchange: HTTPExchange)
    /// A request has arrived. The exchange is answered now or later.
    func handle(_ exchange: HTTPExchange)
}

extension HTTPRequestHandler {
    public var maxBody: Int? { nil }

    public func bodyBegins(_ exchange: HTTPExchange) {}
}
