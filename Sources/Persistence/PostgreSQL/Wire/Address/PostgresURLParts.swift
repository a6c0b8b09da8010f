import Glibc

/// The parts of an URL before they get their meaning.
struct PostgresURLParts {
    /// A host, which may be empty, and the digits of its port, which may be empty too.
    struct Server {
        let host: String
        let port: [UInt8]
    }

    private(set) var user: String?
    private(set) var password: String?
    private(set) var servers: [Server] = []
    /// Empty if the URL has none.
    let database: String
    /// What follows the question mark.
    let query: ArraySlice<UInt8>

    init(_ text: String) throws(PostgresURLError) {
        let bytes = Array(text.utf8)
        let schemes = ["postgres://", "postgresql://"].map { Array($0.utf8) }
        guard let scheme = schemes.first(where: { bytes.starts(with: $0) }) else { throw .badScheme }
        let (beforeQuery, query) = Self.cut(bytes.dropFirst(scheme.count), at: UInt8(ascii: "?"))
        self.query = query ?? []
        let (authority, path) = Self.cut(beforeQuery, at: UInt8(ascii: "/"))
        database = try PostgresURLText.decode(path ?? [])
        var hosts = authority
        // An at sign that is not encoded belongs to the password.
        if let sign = authority.lastIndex(of: UInt8(ascii: "@")) {
            let (user, password) = Self.cut(authority[..<sign], at: UInt8(ascii: ":"))
            self.user = try PostgresURLText.decode(user)
            if let password { self.password = try PostgresURLText.decode(password) }
            hosts = authority[(sign + 1)...]
        }
        for host in hosts.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            servers.append(try Self.server(host, number: servers.count + 1))
        }
    }

    /// Parses `HOST`, `HOST:PORT`, `[ADDRESS]` or `[ADDRESS]:PORT`.
    private static func server(_ text: ArraySlice<UInt8>, number: Int) throws(PostgresURLError) -> Server {
        let colon = UInt8(ascii: ":")
        if text.first == UInt8(ascii: "[") {
            guard let end = text.firstIndex(of: UInt8(ascii: "]")) else { throw .badHost(number) }
            let host = try PostgresURLText.decode(text[..<end].dropFirst())
            let rest = text[(end + 1)...]
            guard isIPv6(host), rest.isEmpty || rest.first == colon else { throw .badHost(number) }
            return Server(host: host, port: Array(rest.dropFirst()))
        }
        let (name, port) = cut(text, at: colon)
        // An IPv6 address needs brackets.
        guard port?.contains(colon) != true else { throw .badHost(number) }
        return Server(host: try PostgresURLText.decode(name), port: Array(port ?? []))
    }

    /// True for an address, after which the interface of a link-local address may follow a percent sign.
    private static func isIPv6(_ host: String) -> Bool {
        let address = String(decoding: host.utf8.prefix { $0 != UInt8(ascii: "%") }, as: UTF8.self)
        var number = in6_addr()
        return inet_pton(AF_INET6, address, &number) == 1
    }

    /// The parts before and after the first occurrence of a byte; the second is nil if there is none.
    static func cut(
        _ text: ArraySlice<UInt8>, at byte: UInt8
    ) -> (before: ArraySlice<UInt8>, after: ArraySlice<UInt8>?) {
        guard let index = text.firstIndex(of: byte) else { return (text, nil) }
        return (text[..<index], text[(index + 1)...])
    }
}
