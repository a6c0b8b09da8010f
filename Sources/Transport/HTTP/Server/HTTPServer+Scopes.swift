/// Decisions about requests before a handler sees them.
extension HTTPServer {
    /// Applies `scope` to every request below a path.
    /// - Parameters:
    ///   - scope: checks the requests, and adds headers to the answers.
    ///   - path: the path. One without a slash at its end stands only for itself.
    public func addScope(_ scope: any HTTPScope, below path: String) {
        scopes.append((path, scope))
    }

    private func scope(for head: HTTPRequestHead) -> (any HTTPScope)? {
        let path = head.path
        return scopes.first { $0.path.hasSuffix("/") ? path.hasPrefix($0.path) : path == $0.path }?.scope
    }

    /// The header fields that the scope adds to every answer to this request.
    func scopeHeaders(for head: HTTPRequestHead) -> [(String, String)] {
        scope(for: head)?.headers(for: head) ?? []
    }

    /// The answer to a request for a host that this server does not serve; nil if it serves the host.
    func refusal(of head: HTTPRequestHead) -> HTTPResponse? {
        guard let authority = refusedAuthority(of: head) else { return nil }
        counters.refusals += 1
        counters.hostRefusals += 1
        let host = HTTPAuthority.split(HTTPAuthority.lowercased(authority)).host
        let occurrence = refusedHosts.record(host)
        if occurrence != .known { report(.hostRefused(LimitedReports.logSafe(host), isLast: occurrence == .last)) }
        return scope(for: head)?.forbidden() ?? .text(.forbidden, "this server does not serve that host")
    }

    /// The host and port of a request that the ``HostPolicy`` does not allow. The request's own host is checked even if
    /// a proxy names another: a page that reached this server by DNS rebinding can send `X-Forwarded-Host`, and its
    /// browser's address may be a trusted one.
    private func refusedAuthority(of head: HTTPRequestHead) -> String? {
        let hosts = changingHosts?() ?? hosts
        let received = head.receivedAuthority
        if !hosts.allows(authority: received, isLoopbackOnly: isLoopbackOnly) { return received }
        guard let forwarded = head.forwardedAuthority else { return nil }
        return hosts.allows(authority: forwarded, isLoopbackOnly: isLoopbackOnly) ? nil : forwarded
    }

    /// The answer to a request in place of its handler's; nil to let the handler answer.
    func preemption(of head: HTTPRequestHead, handledBy handler: (any HTTPRequestHandler)?) -> HTTPResponse? {
        if let refusal = refusal(of: head) { return refusal }
        if let scope = scope(for: head) { return scope === handler ? nil : scope.preempt(head) }
        // Proxies send this as a health check.
        guard head.method == .options, head.path == "/" || head.path == "*" else { return nil }
        return HTTPResponse(status: .noContent, headers: [("Allow", "GET, HEAD, OPTIONS")])
    }
}
