/// Applies the ``OriginPolicy`` to Engine.IO requests, and to requests for files below the server's path.
extension EngineServer: HTTPScope {
    public func headers(for head: HTTPRequestHead) -> [(String, String)] {
        options.origins.headers(origin: head.headers["origin"], options.cors)
    }

    public func preempt(_ head: HTTPRequestHead) -> HTTPResponse? {
        allowsOrigin(of: head) ? preflight(head) : refuseOrigin()
    }

    /// The HTTP server counts the refusal of a host.
    public func forbidden() -> HTTPResponse {
        EngineError.forbidden.response()
    }

    private func refuseOrigin() -> HTTPResponse {
        counters.refused[.forbidden, default: 0] += 1
        return forbidden()
    }

    /// The answer to a CORS preflight request; nil if the request is not one.
    func preflight(_ head: HTTPRequestHead) -> HTTPResponse? {
        guard head.method == .options, options.origins.hasHeaders else { return nil }
        guard allowsOrigin(of: head) else { return refuseOrigin() }
        let requested = head.headers.listElements(of: "Access-Control-Request-Headers")
        return HTTPResponse(
            status: options.cors.preflightStatus,
            headers: options.origins.preflightHeaders(requestedHeaders: requested, options.cors))
    }

    func allowsOrigin(of head: HTTPRequestHead) -> Bool {
        let origin = head.headers["origin"]
        let authority = head.authority
        if options.origins.allows(origin: origin, authority: authority, defaultPorts: defaultPorts(of: head)) {
            return true
        }
        let occurrence = refusedOrigins.record(origin ?? "")
        if occurrence != .known {
            report(
                .originRefused(
                    LimitedReports.logSafe(origin ?? ""), host: authority.map(LimitedReports.logSafe),
                    isLast: occurrence == .last))
        }
        return false
    }

    /// The ports that the client may have omitted: either scheme's, unless a proxy has named the scheme.
    private func defaultPorts(of head: HTTPRequestHead) -> [String] {
        switch head.forwarding.isSecure {
        case true?: ["443"]
        case false?: ["80"]
        case nil: ["80", "443"]
        }
    }
}

/// Normalizes the path of Engine.IO requests for use as a route.
enum EnginePath {
    /// Returns the path with exactly one slash at each end.
    static func normalized(_ path: String) -> String {
        let bytes = path.utf8.drop { $0 == UInt8(ascii: "/") }
        guard let last = bytes.lastIndex(where: { $0 != UInt8(ascii: "/") }) else { return "/" }
        return "/" + String(Substring(bytes[...last])) + "/"
    }
}
