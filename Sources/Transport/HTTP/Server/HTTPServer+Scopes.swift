/// What is decided about requests before any handler sees them.
extension HTTPServer {
    /// Lets `scope` judge every request below a path, and add to every answer there.
    /// - Parameter path: ends in a slash.
    public func addScope(_ scope: any HTTPScope, below path: String) {
        scopes.append((path, scope))
    }

    private func scope(for head: HTTPRequestHead) -> (any HTTPScope)? {
        let path = head.path
        return scopes.first { path.hasPrefix($0.path) }?.scope
    }

    /// What every answer to this request carries.
    func scopeHeaders(for head: HTTPRequestHead) -> [(String, String)] {
        scope(for: head)?.headers(for: head) ?? []
    }

    /// The answer to a request for a host that this server does not answer to.
    func refusal(of head: HTTPRequestHead) -> HTTPResponse? {
        let authority = head.authority
        guard !hosts.allows(authority: authority, isLoopbackOnly: isLoopbackOnly), let authority else { return nil }
        counters.refusals += 1
        let host = HTTPAuthority.split(HTTPAuthority.lowercased(authority)).host
        let sighting = refusedHosts.see(host)
        if sighting != .known { report(.hostRefused(FirstSightings.cut(host), isLast: sighting == .last)) }
        return scope(for: head)?.forbidden() ?? .text(.forbidden, "this server does not answer to that host")
    }

    /// The answer to a request that its handler does not get to see.
    func preemption(of head: HTTPRequestHead, handledBy handler: (any HTTPRequestHandler)?) -> HTTPResponse? {
        if let refusal = refusal(of: head) { return refusal }
        if let scope = scope(for: head) { return scope === handler ? nil : scope.preempt(head) }
        // Proxies ask this to learn whether the server is there.
        guard head.method == .options, head.path == "/" || head.path == "*" else { return nil }
        return HTTPResponse(status: .noContent, headers: [("Allow", "GET, HEAD, OPTIONS")])
    }
}
