/// A cookie with the session id, for load balancers that keep a client's requests at one server. It is set by the
/// answer that opens a polling session (RFC 6265).
public struct SessionCookie: Sendable {
    /// The value of the attribute `SameSite`.
    public enum SameSite: String, Sendable {
        /// With links to this site, but not with other requests from other sites.
        case lax = "Lax"
        /// Only with requests from this site.
        case strict = "Strict"
        /// With all requests; browsers then require `isSecure`.
        case none = "None"
    }

    private let name: String
    private let attributes: String

    /// Makes a cookie. The defaults are those of the official server.
    /// - Parameters:
    ///   - name: the name of the cookie.
    ///   - path: the path below which browsers send the cookie; nil for that of the request.
    ///   - domain: the domain to whose hosts browsers send the cookie; nil for only the host of the request.
    ///   - maxAge: the time after which browsers delete the cookie; nil for the end of the browser's session.
    ///   - isHTTPOnly: true if scripts of the page cannot read the cookie.
    ///   - isSecure: true if browsers send the cookie only over HTTPS.
    ///   - sameSite: the requests from other sites with which browsers send the cookie; nil for the browser's default.
    /// - Throws: ``HTTPFields/FieldError`` if the name is not a token, or the path or the domain has a semicolon or a
    ///   character that is not visible ASCII.
    public init(
        name: String = "io", path: String? = "/", domain: String? = nil, maxAge: Duration? = nil,
        isHTTPOnly: Bool = true, isSecure: Bool = false, sameSite: SameSite? = .lax
    ) throws(HTTPFields.FieldError) {
        try HTTPFields.check(name: name)
        for value in [path, domain].compactMap({ $0 }) {
            guard value.utf8.allSatisfy({ HTTPGrammar.isVisible($0) && $0 != UInt8(ascii: ";") }) else {
                throw HTTPFields.FieldError(description: "\"\(LimitedReports.logSafe(value))\" cannot be in a cookie")
            }
        }
        self.name = name
        var attributes = ""
        if let maxAge { attributes += "; Max-Age=\(maxAge.components.seconds)" }
        if let domain { attributes += "; Domain=\(domain)" }
        if let path { attributes += "; Path=\(path)" }
        if isHTTPOnly { attributes += "; HttpOnly" }
        if isSecure { attributes += "; Secure" }
        if let sameSite { attributes += "; SameSite=\(sameSite.rawValue)" }
        self.attributes = attributes
    }

    /// The value of the `Set-Cookie` header for a session.
    func header(_ id: SessionID) -> String { "\(name)=\(id)\(attributes)" }
}
