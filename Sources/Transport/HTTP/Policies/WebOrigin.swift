/// Where a web page comes from, as its browser says in an `Origin` header (RFC 6454): `https://chat.example`, `null`.
///
/// Two origins are the same when their normal forms are: lower case, no default port.
public struct WebOrigin: Hashable, Sendable, CustomStringConvertible {
    /// What a browser sends for pages that have no origin of their own, such as sandboxed frames and some local files.
    public static let null = WebOrigin(scheme: nil, authority: "")

    /// Nil for the origin `null`.
    let scheme: String?
    /// Host and port in lower case, without the scheme's default port; empty for `file://`.
    let authority: String

    private init(scheme: String?, authority: String) {
        self.scheme = scheme
        self.authority = authority
    }

    /// The origin that a header names; nil when it is no single origin.
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

    /// The scheme in lower case and what follows `://`.
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
    /// An origin that an operator wrote and that cannot be understood with certainty.
    public struct WrittenError: Error, Equatable, Sendable, CustomStringConvertible {
        public let description: String
    }

    /// The origin that an operator means: as in a header, but spaces around it, capital letters, a default port, a slash at the
    /// end and long forms of an IPv6 address do not matter.
    ///
    /// - Throws: ``WrittenError``, which says what to write instead, when it may mean several things or none.
    public init(written: String) throws(WrittenError) {
        let text = String(decoding: HTTPGrammar.trimmed(Array(written.utf8)[...]), as: UTF8.self)
        guard HTTPAuthority.lowercased(text) != "null" else {
            self = .null
            return
        }
        guard let (scheme, rest) = Self.split(text) else {
            throw WrittenError(
                description: "\"\(text)\" is no origin: it needs a scheme in front, as https://chat.example has")
        }
        if scheme == "ws" || scheme == "wss" {
            throw WrittenError(
                description: "\"\(text)\" is no origin: write the scheme of the page, http or https")
        }
        let authority = scheme == "file" && rest == "/" ? "" : rest.hasSuffix("/") ? String(rest.dropLast()) : rest
        guard !authority.isEmpty || scheme == "file" else {
            throw WrittenError(description: "\"\(text)\" is no origin: it has no host")
        }
        guard let port = Self.writtenPort(authority) else {
            throw WrittenError(
                description: "\"\(text)\" is no origin: after the scheme come a host and a port as browsers send them, "
                    + "no path and no pattern")
        }
        let host = HTTPAuthority.shortened(host: HTTPAuthority.split(authority).host)
        let exact = port.isEmpty ? host : "\(host):\(port)"
        self.init(scheme: scheme, authority: HTTPAuthority.normalized(exact, defaultPorts: Self.defaultPorts(scheme)))
    }

    /// The port of an authority that a browser could send, without zeros in front; nil for any other.
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
