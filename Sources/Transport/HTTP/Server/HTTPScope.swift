/// What holds for all requests below a path, whatever handles them.
public protocol HTTPScope: HTTPRequestHandler {
    /// Header fields of every answer to such a request, also of one that no handler saw, such as 413.
    func headers(for head: HTTPRequestHead) -> [(String, String)]
    /// The answer to a request that another handler is to answer, in place of that handler's; nil: the handler answers.
    func preempt(_ head: HTTPRequestHead) -> HTTPResponse?
    /// The answer to a request for a host that the server does not answer to.
    func forbidden() -> HTTPResponse
}
