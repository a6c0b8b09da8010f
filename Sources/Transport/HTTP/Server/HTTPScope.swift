/// Rules for all requests below a path, independent of their handlers.
public protocol HTTPScope: HTTPRequestHandler {
    /// Header fields for every answer to such a request, including answers that no handler gave, such as 413.
    func headers(for head: HTTPRequestHead) -> [(String, String)]
    /// An answer that replaces the one of another handler; nil to let that handler answer.
    func preempt(_ head: HTTPRequestHead) -> HTTPResponse?
    /// The answer to a request for a host that the server does not serve.
    func forbidden() -> HTTPResponse
}
