import Glibc

/// The parts of an URL that names several servers: `SCHEME://USER:PASSWORD@HOST:PORT,HOST:PORT/PATH?QUERY`.
/// They are decoded but for the query.
package struct URLParts: Sendable {
    /// Why a text cannot be divided into parts.
    package enum Failure: Error, Equatable, Sendable {
        /// There is no `://`.
        case badScheme
        /// A percent sign without two hexadecimal digits, a zero byte, or text that is not UTF-8.
        case badEncoding
        /// The host with this number, counted from 1, is malformed.
        case badHost(Int)
    }

    /// A host, which may be empty, and the digits of its port, which may be empty too.
    package struct Host: Sendable {
        /// The name or numeric address, without brackets.
        package let name: String
        /// What follows the colon. It may be anything.
        package let port: [UInt8]
    }

    private static let schemeEnd = "://"

    /// Nil without an at sign.
    package private(set) var user: String?
    /// Nil without a colon after the user.
    package private(set) var password: String?
    /// At least one.
    package private(set) var hosts: [Host] = []
    /// What follows the authority, without the first slash; nil without a slash.
    package let path: String?
    /// What follows the question mark, with its percent-encoding. Empty without one.
    package let query: ArraySlice<UInt8>

    /// Divides an URL into its parts.
    package init(_ text: String) throws(Failure) {
        guard let scheme = Self.scheme(of: text) else { throw .badScheme }
        let rest = Array(text.utf8.dropFirst(scheme.utf8.count + Self.schemeEnd.utf8.count))
        let (beforeQuery, query) = Self.cut(rest[...], at: UInt8(ascii: "?"))
        self.query = query ?? []
        let (authority, path) = Self.cut(beforeQuery, at: UInt8(ascii: "/"))
        self.path = if let path { try Self.decode(path) } else { nil }
        var hosts = authority
        // An at sign that is not encoded belongs to the password.
        if let sign = authority.lastIndex(of: UInt8(ascii: "@")) {
            let (user, password) = Self.cut(authority[..<sign], at: UInt8(ascii: ":"))
            self.user = try Self.decode(user)
            if let password { self.password = try Self.decode(password) }
            hosts = authority[(sign + 1)...]
        }
        for host in hosts.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            self.hosts.append(try Self.host(host, number: self.hosts.count + 1))
        }
    }

    /// What precedes `://`; nil for a text without it.
    package static func scheme(of text: String) -> String? {
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")),
            text.utf8[colon...].starts(with: schemeEnd.utf8)
        else { return nil }
        return String(text[..<colon])
    }

    /// Parses `HOST`, `HOST:PORT`, `[ADDRESS]` or `[ADDRESS]:PORT`. Only a path of a socket may have an encoded colon.
    private static func host(_ text: ArraySlice<UInt8>, number: Int) throws(Failure) -> Host {
        let colon = UInt8(ascii: ":")
        if text.first == UInt8(ascii: "[") {
            guard let end = text.firstIndex(of: UInt8(ascii: "]")) else { throw .badHost(number) }
            let address = try decode(text[..<end].dropFirst())
            let rest = text[(end + 1)...]
            guard isIPv6(address), rest.isEmpty || rest.first == colon else { throw .badHost(number) }
            return Host(name: address, port: Array(rest.dropFirst()))
        }
        let (name, port) = cut(text, at: colon)
        // An IPv6 address needs brackets.
        guard port?.contains(colon) != true else { throw .badHost(number) }
        let host = try decode(name)
        guard !host.utf8.contains(colon) || host.hasPrefix("/") else { throw .badHost(number) }
        return Host(name: host, port: Array(port ?? []))
    }

    /// True for an address, after which the interface of a link-local address may follow a percent sign.
    private static func isIPv6(_ host: String) -> Bool {
        let address = String(decoding: host.utf8.prefix { $0 != UInt8(ascii: "%") }, as: UTF8.self)
        var number = in6_addr()
        return inet_pton(AF_INET6, address, &number) == 1
    }

    private static func decode(_ text: ArraySlice<UInt8>) throws(Failure) -> String {
        guard let decoded = PercentEncoding.decode(text) else { throw .badEncoding }
        return decoded
    }

    /// The parts before and after the first occurrence of a byte; the second is nil if there is none.
    package static func cut(
        _ text: ArraySlice<UInt8>, at byte: UInt8
    ) -> (before: ArraySlice<UInt8>, after: ArraySlice<UInt8>?) {
        guard let index = text.firstIndex(of: byte) else { return (text, nil) }
        return (text[..<index], text[(index + 1)...])
    }
}
