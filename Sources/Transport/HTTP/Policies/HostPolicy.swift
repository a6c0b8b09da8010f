/// The host names that a server answers to.
///
/// In a DNS rebinding attack, the name `evil.example` starts to resolve to 127.0.0.1 while its page is open. The page
/// then reaches a server on the visitor's machine as if that server were the page's own host. Only the `Host` header,
/// which still contains that name, reveals the attack. `localhost` and addresses are always allowed, because no
/// attacker can make them resolve to another machine. A request without a host is allowed too, since no browser sends
/// one.
public enum HostPolicy: Sendable, Equatable {
    /// Every name if the server listens on an address that other machines can reach, or on Unix domain sockets only;
    /// otherwise only the names that are always allowed.
    case automatic
    /// Every name.
    case any
    /// These names, in addition to those that are always allowed.
    case names([HostPattern])

    /// True if a request may be answered.
    /// - Parameters:
    ///   - authority: the host and port that the request names; nil if it names none. The port is ignored.
    ///   - isLoopbackOnly: true if only programs on this machine can reach the server.
    public func allows(authority: String?, isLoopbackOnly: Bool) -> Bool {
        if self == .any || self == .automatic && !isLoopbackOnly { return true }
        guard let authority, !authority.isEmpty else { return true }
        let host = HostPattern.normalized(authority)
        if HTTPAuthority.isAddress(host) || Self.local.contains(where: { $0.matches(host) }) { return true }
        guard case .names(let patterns) = self else { return false }
        return patterns.contains { $0.matches(host) }
    }

    /// True if an authority names the machine that it is sent from: `localhost`, a name below it, or a loopback
    /// address.
    static func isLocal(authority: String) -> Bool {
        let host = HostPattern.normalized(authority)
        let literal = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        return IPAddress(literal.utf8)?.isLoopback ?? local.contains { $0.matches(host) }
    }

    private static let local = [
        HostPattern(suffix: "localhost", hasSubdomains: false), HostPattern(suffix: "localhost", hasSubdomains: true),
    ]
}

/// A host name, or, with `*.` in front, all names below it.
public struct HostPattern: Hashable, Sendable, CustomStringConvertible {
    private let suffix: String
    private let hasSubdomains: Bool

    fileprivate init(suffix: String, hasSubdomains: Bool) {
        self.suffix = suffix
        self.hasSubdomains = hasSubdomains
    }

    /// Parses a pattern written by an operator. Surrounding spaces, letter case, a port and a trailing dot are ignored.
    /// The result is nil if the text is not a host name.
    public init?(_ written: String) {
        let text = String(decoding: HTTPGrammar.trimmed(Array(written.utf8)[...]), as: UTF8.self)
        guard HTTPAuthority.split(text).port?.utf8.allSatisfy(HTTPGrammar.isDigit) != false else { return nil }
        hasSubdomains = text.hasPrefix("*.")
        suffix = Self.normalized(hasSubdomains ? String(text.dropFirst(2)) : text)
        guard !suffix.isEmpty, !suffix.hasPrefix("."), !suffix.utf8.contains(UInt8(ascii: "*")),
            suffix.utf8.allSatisfy(HTTPGrammar.isHostCharacter), HTTPAuthority.isWellFormed(host: suffix)
        else { return nil }
    }

    public var description: String { hasSubdomains ? "*.\(suffix)" : suffix }

    /// - Parameter host: a result of ``normalized(_:)``.
    fileprivate func matches(_ host: String) -> Bool {
        hasSubdomains ? host.hasSuffix(".\(suffix)") && host.utf8.count > suffix.utf8.count + 1 : host == suffix
    }

    /// The host of an authority in lower case, without the port and without a trailing dot.
    fileprivate static func normalized(_ authority: String) -> String {
        let host = HTTPAuthority.split(HTTPAuthority.lowercased(authority)).host
        return host.hasSuffix(".") ? String(host.dropLast()) : host
    }
}
