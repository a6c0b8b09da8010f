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
    /// Every page, without credentials.
    case any

    /// True if a page of this origin may use the server.
    ///
    /// Only authorities are compared, not schemes: behind a proxy that terminates TLS, the server does not know the
    /// scheme of its own host. `null` and `file://` have no authority and must be listed.
    ///
    /// - Parameters:
    ///   - origin: the `Origin` header; nil if there is none.
    ///   - authority: the host and port that the request names; nil if it names none.
    public func allows(origin: String?, authority: String?) -> Bool {
        guard self != .any, let origin else { return true }
        guard let origin = WebOrigin(header: origin) else { return false }
        if case .sameHostAnd(let listed) = self, listed.contains(origin) { return true }
        guard let authority, !origin.authority.isEmpty else { return false }
        // Either scheme's default port may be omitted, since the server may be behind TLS.
        return origin.authority == HTTPAuthority.normalized(authority, defaultPorts: ["80", "443"])
    }

    /// True if answers contain CORS headers.
    var hasHeaders: Bool { self != .sameHost }

    /// The CORS headers of every answer to a request from `origin`, including rejections.
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

    /// The additional headers of the answer to a preflight request.
    /// - Parameter requestedHeaders: the headers that the page wants to send. They are echoed only if all are header
    ///   names.
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
