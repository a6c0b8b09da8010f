/// The web pages that may use the server, and the CORS headers for their browsers (Fetch standard, "CORS protocol").
///
/// Browsers let every page open a WebSocket to any server and send it simple requests. Only the `Origin` header shows
/// which page sent a request. A request with an origin that is not allowed is therefore rejected on every transport.
/// Programs other than browsers send no `Origin` and are always allowed.
public enum OriginPolicy: Sendable, Equatable {
    /// Only pages of the host that the request names. No CORS headers are sent.
    case sameHost
    /// Also pages of these origins, which may send credentials.
    case sameHostAnd([WebOrigin])
    /// Also pages whose origin the rule allows, which may send credentials. See ``matching(_:)``.
    case sameHostOr(OriginRule)
    /// Every page, without credentials.
    case any

    /// Also pages whose origin passes a test, which may send credentials.
    /// - Parameter allows: returns true if pages of an origin may use the server; called on the server's loop.
    public static func matching(_ allows: @escaping @Sendable (WebOrigin) -> Bool) -> OriginPolicy {
        .sameHostOr(OriginRule(allows))
    }

    /// True if a page of this origin may use the server.
    ///
    /// Only authorities are compared, not schemes: behind a proxy that terminates TLS, the server may not know the
    /// scheme of its own host. `null` and `file://` have no authority and must be listed.
    ///
    /// - Parameters:
    ///   - origin: the `Origin` header; nil if there is none.
    ///   - authority: the host and port that the request names; nil if it names none.
    public func allows(origin: String?, authority: String?) -> Bool {
        // Either scheme's default port may be omitted, since the server may be behind TLS.
        allows(origin: origin, authority: authority, defaultPorts: ["80", "443"])
    }

    /// - Parameter defaultPorts: the ports that may be omitted in `authority`.
    func allows(origin: String?, authority: String?, defaultPorts: [String]) -> Bool {
        guard self != .any, let origin else { return true }
        guard let origin = WebOrigin(header: origin) else { return false }
        if lists(origin) { return true }
        guard let authority, !origin.authority.isEmpty else { return false }
        return origin.authority == HTTPAuthority.normalized(authority, defaultPorts: defaultPorts)
    }

    /// True if the policy allows an origin on every host.
    private func lists(_ origin: WebOrigin) -> Bool {
        switch self {
        case .sameHost: false
        case .sameHostAnd(let listed): listed.contains(origin)
        case .sameHostOr(let rule): rule.allows(origin)
        case .any: true
        }
    }

    /// True if answers contain CORS headers.
    var hasHeaders: Bool { self != .sameHost }

    /// The CORS headers of every answer to a request from `origin`, including rejections.
    func headers(origin: String?, _ cors: CORSOptions = .standard) -> [(String, String)] {
        guard hasHeaders else { return [] }
        let parsed = origin.flatMap(WebOrigin.init(header:))
        guard self != .any else { return cors.headers(origin: parsed == nil ? nil : origin, isAny: true) }
        guard let parsed, lists(parsed) else { return [("Vary", "Origin")] }
        return cors.headers(origin: origin, isAny: false)
    }

    /// The additional headers of the answer to a preflight request.
    /// - Parameter requestedHeaders: the headers that the page wants to send. They are echoed only if all are header
    ///   names.
    func preflightHeaders(
        requestedHeaders: [ArraySlice<UInt8>], _ cors: CORSOptions = .standard
    ) -> [(String, String)] {
        let areNames = requestedHeaders.allSatisfy { !$0.isEmpty && $0.allSatisfy(HTTPGrammar.isTokenCharacter) }
        let names = requestedHeaders.map { String(decoding: $0, as: UTF8.self) }
        return cors.preflightHeaders(requested: areNames ? names : nil)
    }
}
