/// Under which names a server may be asked for.
///
/// A page of `evil.example` whose name begins to mean 127.0.0.1 while the page is open (DNS rebinding) speaks to a server
/// on the visitor's own machine as to its own host. Only the name in `Host` gives it away. `localhost` and addresses are
/// always allowed, because nobody can make them mean another machine, and so is a request that names no host, which no
/// browser sends.
public enum HostPolicy: Sendable, Equatable {
    /// Every name when the server listens on an address that others reach, else none beyond those always allowed.
    case automatic
    /// Every name.
    case any
    /// These names too.
    case names([HostPattern])

    /// Whether a request may be answered.
    ///
    /// - Parameters:
    ///   - authority: the host and port that the request came to; nil when it names none. The port does not matter.
    ///   - isLoopbackOnly: whether only programs of this machine reach the server.
    public func allows(authority: String?, isLoopbackOnly: Bool) -> Bool {
        if self == .any || self == .automatic && !isLoopbackOnly { return true }
        guard let authority, !authority.isEmpty else { return true }
        let host = HostPattern.normalized(authority)
        if HTTPAuthority.isAddress(host) || Self.local.contains(where: { $0.matches(host) }) { return true }
        guard case .names(let patterns) = self else { return false }
        return patterns.contains { $0.matches(host) }
    }

    private static let local = [
        HostPattern(suffix: "localhost", hasSubdomains: false), HostPattern(suffix: "localhost", hasSubdomains: true),
    ]
}

/// A host's name, or with `*.` in front all names below it.
public struct HostPattern: Hashable, Sendable, CustomStringConvertible {
    private let suffix: String
    private let hasSubdomains: Bool

    fileprivate init(suffix: String, hasSubdomains: Bool) {
        self.suffix = suffix
        self.hasSubdomains = hasSubdomains
    }

    /// The pattern that an operator means; spaces around it, capital letters, a port and a dot at the end do not matter. Nil
    /// for what is no name of a host.
    public init?(written: String) {
        let text = String(decoding: HTTPGrammar.trimmed(Array(written.utf8)[...]), as: UTF8.self)
        guard HTTPAuthority.split(text).port?.utf8.allSatisfy(HTTPGrammar.isDigit) != false else { return nil }
        hasSubdomains = text.hasPrefix("*.")
        suffix = Self.normalized(hasSubdomains ? String(text.dropFirst(2)) : text)
        guard !suffix.isEmpty, !suffix.hasPrefix("."), !suffix.utf8.contains(UInt8(ascii: "*")),
            suffix.utf8.allSatisfy(HTTPGrammar.isHostCharacter), HTTPAuthority.isWellFormed(host: suffix)
        else { return nil }
    }

    public var description: String { hasSubdomains ? "*.\(suffix)" : suffix }

    /// - Parameter host: in the form of ``normalized(_:)``.
    fileprivate func matches(_ host: String) -> Bool {
        hasSubdomains ? host.hasSuffix(".\(suffix)") && host.utf8.count > suffix.utf8.count + 1 : host == suffix
    }

    /// An authority's host in lower case, without port and without the dot that ends a complete name.
    fileprivate static func normalized(_ authority: String) -> String {
        let host = HTTPAuthority.split(HTTPAuthority.lowercased(authority)).host
        return host.hasSuffix(".") ? String(host.dropLast()) : host
    }
}
