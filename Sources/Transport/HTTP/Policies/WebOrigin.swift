/// The origin of a web page, as its browser states it in an `Origin` header (RFC 6454): `https://chat.example`, `null`.
///
/// Two origins are equal if their normal forms are equal: lower case, no default port.
public struct WebOrigin: Hashable, Sendable, CustomStringConvertible {
    /// The origin that browsers send for sandboxed frames, some local files and other pages without an origin.
    public static let null = WebOrigin(scheme: nil, authority: "")

    /// The scheme in lower case; nil for the origin `null`.
    public let scheme: String?
    /// Host and port in lower case, without the scheme's default port. Empty for `file://`.
    public let authority: String
    /// The host in lower case, an IPv6 address in brackets. Empty for `null` and `file://`.
    public var host: String { HTTPAuthority.split(authority).host }

    private init(scheme: String?, authority: String) {
        self.scheme = scheme
        self.authority = authority
    }

    /// Parses an `Origin` header; nil if it is not a single origin.
    public init?(header: String) {
        guard header != "null" else {
            self = .null
            return
        }
        guard let (scheme, rest) = Self.split(header), rest.utf8.allSatisfy(HTTPGrammar.isHostCharacter) else {
            return nil
        }
        self.init(scheme: scheme, authority: HTTPAuthority.normalized(rest, defaultPorts: Self.defaultPorts(scheme)))
    }

    public var description: String { scheme.map { "\($0)://\(authority)" } ?? "null" }

    /// Returns the scheme in lower case, and the text after `://`.
    static func split(_ text: String) -> (scheme: String, rest: String)? {
        let bytes = text.utf8
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), text[colon...].hasPrefix("://"),
            let first = bytes.first, HTTPGrammar.isAlphanumeric(first), !HTTPGrammar.isDigit(first),
            bytes[..<colon].allSatisfy(isSchemeCharacter)
        else { return nil }
        return (HTTPAuthority.lowercased(String(text[..<colon])), String(text[colon...].dropFirst(3)))
    }

    private static func isSchemeCharacter(_ byte: UInt8) -> Bool {
        HTTPGrammar.isAlphanumeric(byte) || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: ".")
    }

    private static func defaultPorts(_ scheme: String) -> [String] {
        switch scheme {
        case "http": ["80"]
        case "https": ["443"]
        default: []
        }
    }
}

extension WebOrigin {
    /// The error for an invalid or ambiguous origin in the operator's configuration.
    public struct WrittenError: Error, Equatable, Sendable, CustomStringConvertible {
        public let description: String
    }

    /// Parses an origin written by an operator. Surrounding spaces, letter case, a default port, a trailing slash and
    /// long forms of an IPv6 address are ignored.
    ///
    /// - Throws: ``WrittenError``, whose description says what to write instead, if the text is invalid or ambiguous.
    public init(_ written: String) throws(WrittenError) {
        let text = String(decoding: HTTPGrammar.trimmed(Array(written.utf8)[...]), as: UTF8.self)
        guard HTTPAuthority.lowercased(text) != "null" else {
            self = .null
            return
        }
        guard let (scheme, rest) = Self.split(text) else {
            throw WrittenError(
                description: "\"\(text)\" is not an origin: it must begin with a scheme, as in https://chat.example")
        }
        if scheme == "ws" || scheme == "wss" {
            throw WrittenError(
                description: "\"\(text)\" is not an origin: use the scheme of the page, http or https")
        }
        let authority = scheme == "file" && rest == "/" ? "" : rest.hasSuffix("/") ? String(rest.dropLast()) : rest
        guard !authority.isEmpty || scheme == "file" else {
            throw WrittenError(description: "\"\(text)\" is not an origin: it has no host")
        }
        guard let port = Self.writtenPort(authority) else {
            throw WrittenError(
                description: "\"\(text)\" is not an origin: after the scheme, write a host and optionally a port, "
                    + "without a path or pattern")
        }
        let host = HTTPAuthority.shortened(host: HTTPAuthority.split(authority).host)
        let exact = port.isEmpty ? host : "\(host):\(port)"
        self.init(scheme: scheme, authority: HTTPAuthority.normalized(exact, defaultPorts: Self.defaultPorts(scheme)))
    }

    /// The port of an authority that a browser could send, without leading zeros, or empty text if there is no port.
    /// nil for any other authority.
    private static func writtenPort(_ authority: String) -> String? {
        let (host, port) = HTTPAuthority.split(authority)
        guard authority.isEmpty || !host.isEmpty, authority.utf8.allSatisfy(HTTPGrammar.isHostCharacter),
            !authority.utf8.contains(UInt8(ascii: "*")), HTTPAuthority.isWellFormed(host: host)
        else { return nil }
        guard let port, !port.isEmpty else { return "" }
        guard port.utf8.allSatisfy(HTTPGrammar.isDigit), let number = UInt16(port), number > 0 else { return nil }
        return String(number)
    }
}
