/// Answers requests.
public protocol HTTPRequestHandler: AnyObject {
    /// The largest body of a request in bytes, after decoding. Larger bodies are refused with 413. nil means the
    /// server's limit.
    var maxBody: Int? { get }
    /// Handles the head of a request whose body is still to come. A handler that answers now gets no body, and the
    /// connection closes.
    func bodyBegins(_ exchange: HTTPExchange)
    /// Handles a complete request. The exchange may be answered now or later.
    func handle(_ exchange: HTTPExchange)
}

extension HTTPRequestHandler {
    public var maxBody: Int? { nil }

    public func bodyBegins(_ exchange: HTTPExchange) {}
}
