/// Which web pages may use the server, and what their browsers are told (Fetch standard, "CORS protocol").
///
/// A browser lets every page open a WebSocket to any server and send it simple requests, with the `Origin` header as the
/// only trace. So a request with an origin that is not allowed is refused, whatever its transport. Programs that are no
/// browsers send no `Origin`, and no policy concerns them.
public enum OriginPolicy: Sendable, Equatable {
    /// Only pages of the host that the request came to. No CORS headers.
    case sameHost
    /// Also pages of these origins, which may send credentials.
    case sameHostAnd([WebOrigin])
    /// Every page, without credentials.
    case any

    /// Whether a page of this origin may use the server.
    ///
    /// Only authorities are compared, not schemes: a proxy that ends TLS in front of the server changes that of the host,
    /// which nobody tells the server. `null` and `file://` have no authority and must be listed.
    ///
    /// - Parameters:
    ///   - origin: the `Origin` header; nil when there is none.
    ///   - authority: the host and port that the request came to; nil when it names none.
    public func allows(origin: String?, authority: String?) -> Bool {
        guard self != .any, let origin else { return true }
        guard let origin = WebOrigin(header: origin) else { return false }
        if case .sameHostAnd(let listed) = self, listed.contains(origin) { return true }
        guard let authority, !origin.authority.isEmpty else { return false }
        // Behind TLS or not, the host may have either scheme's default port.
        return origin.authority == HTTPAuthority.normalized(authority, defaultPorts: ["80", "443"])
    }

    /// Whether browsers are to be told of the policy at all.
    var hasHeaders: Bool { self != .sameHost }

    /// The headers of every answer to a request that came from `origin`, a refusal included.
    func headers(origin: String?) -> [(String, String)] {
        switch self {
        case .sameHost:
            return []
        case .any:
            return [("Access-Control-Allow-Origin", "*")]
        case .sameHostAnd(let listed):
            guard let origin, let parsed = WebOrigin(header: origin), listed.contains(parsed) else {
                return [("Vary", "Origin")]
            }
            return [
                ("Access-Control-Allow-Origin", origin), ("Access-Control-Allow-Credentials", "true"),
                ("Vary", "Origin"),
            ]
        }
    }

    /// The headers that answer a preflight, beside those of every answer.
    /// - Parameter requestedHeaders: what the browser asks to send; nothing but a list of names is repeated to it.
    func preflightHeaders(requestedHeaders: [ArraySlice<UInt8>]) -> [(String, String)] {
        var headers = [("Access-Control-Allow-Methods", "GET,HEAD,PUT,PATCH,POST,DELETE")]
        let areNames = requestedHeaders.allSatisfy { !$0.isEmpty && $0.allSatisfy(HTTPGrammar.isTokenCharacter) }
        if areNames, !requestedHeaders.isEmpty {
            let names = requestedHeaders.map { String(decoding: $0, as: UTF8.self) }
            headers.append(("Access-Control-Allow-Headers", names.joined(separator: ",")))
        }
        return headers
    }
}
