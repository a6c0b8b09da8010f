/// Answers requests. It is called on the server's loop, and may answer from any thread.
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

/// Rules for all requests below a path, independent of their handlers.
public protocol HTTPScope: HTTPRequestHandler {
    /// Header fields for every answer to such a request, including answers that no handler gave, such as 413.
    func headers(for head: HTTPRequestHead) -> [(String, String)]
    /// An answer that replaces the one of another handler; nil to let that handler answer.
    func preempt(_ head: HTTPRequestHead) -> HTTPResponse?
    /// The answer to a request for a host that the server does not serve. The server counts and reports it.
    func forbidden() -> HTTPResponse
}
