/// Rules for all requests below a path, whichever handler answers them.
public protocol HTTPScope: HTTPRequestHandler {
    /// Header fields for every answer to such a request, including answers that no handler gave, such as 413.
    func headers(for head: HTTPRequestHead) -> [(String, String)]
    /// An answer in place of the one that another handler would give; nil to let the handler answer.
    func preempt(_ head: HTTPRequestHead) -> HTTPResponse?
    /// The answer to a request for a host that the server does not serve.
    func forbidden() -> HTTPResponse
}
