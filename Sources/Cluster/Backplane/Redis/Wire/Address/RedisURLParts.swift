import Glibc

/// The parts of an URL before they get their meaning.
struct RedisURLParts {
    /// A host and the digits of its port, which may be empty.
    struct Server {
        let host: String
        let port: [UInt8]
    }

    /// What a scheme ends with if the server has a socket in the file system.
    private static let socketSuffix = "+unix"

    let delivery: RedisURL.Delivery
    /// True if the path is that of a socket.
    let isSocket: Bool
    private(set) var user: String?
    private(set) var password: String?
    /// Empty for a socket.
    private(set) var servers: [Server] = []
    /// What follows the authority, without the first slash; nil without a slash.
    let path: String?
    /// What follows the question mark.
    let query: ArraySlice<UInt8>

    init(_ text: String) throws(RedisURLError) {
        let bytes = Array(text.utf8)
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), bytes[colon...].starts(with: "://".utf8) else {
            throw .badScheme
        }
        (delivery, isSocket) = try Self.scheme(String(decoding: bytes[..<colon], as: UTF8.self))
        let (beforeQuery, query) = Self.cut(bytes[(colon + 3)...], at: UInt8(ascii: "?"))
        self.query = query ?? []
        let (authority, path) = Self.cut(beforeQuery, at: UInt8(ascii: "/"))
        self.path = if let path { try RedisURLText.decode(path) } else { nil }
        var hosts = authority
        // An at sign that is not encoded belongs to the password.
        if let sign = authority.lastIndex(of: UInt8(ascii: "@")) {
            let (user, password) = Self.cut(authority[..<sign], at: UInt8(ascii: ":"))
            self.user = try RedisURLText.decode(user)
            if let password { self.password = try RedisURLText.decode(password) }
            hosts = authority[(sign + 1)...]
        }
        guard !isSocket else {
            guard hosts.isEmpty else { throw .badSocket }
            return
        }
        for host in hosts.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            servers.append(try Self.server(host, number: servers.count + 1))
        }
    }

    /// The scheme's text.
    var scheme: String { Self.scheme(delivery, isSocket: isSocket) }

    static func scheme(_ delivery: RedisURL.Delivery, isSocket: Bool) -> String {
        delivery.rawValue + (isSocket ? socketSuffix : "")
    }

    private static func scheme(_ text: String) throws(RedisURLError) -> (RedisURL.Delivery, isSocket: Bool) {
        guard !text.hasPrefix("rediss") else { throw .encryption }
        let isSocket = text.hasSuffix(socketSuffix)
        let name = isSocket ? String(text.dropLast(socketSuffix.count)) : text
        guard let delivery = RedisURL.Delivery(rawValue: name) else { throw .badScheme }
        return (delivery, isSocket)
    }

    /// Parses `HOST`, `HOST:PORT`, `[ADDRESS]` or `[ADDRESS]:PORT`.
    private static func server(_ text: ArraySlice<UInt8>, number: Int) throws(RedisURLError) -> Server {
        let colon = UInt8(ascii: ":")
        if text.first == UInt8(ascii: "[") {
            guard let end = text.firstIndex(of: UInt8(ascii: "]")) else { throw .badHost(number) }
            let host = try RedisURLText.decode(text[..<end].dropFirst())
            let rest = text[(end + 1)...]
            guard isIPv6(host), rest.isEmpty || rest.first == colon else { throw .badHost(number) }
            return Server(host: host, port: Array(rest.dropFirst()))
        }
        let (name, port) = cut(text, at: colon)
        // An IPv6 address needs brackets.
        guard port?.contains(colon) != true else { throw .badHost(number) }
        let host = try RedisURLText.decode(name)
        guard !host.utf8.contains(colon) else { throw .badHost(number) }
        return Server(host: host, port: Array(port ?? []))
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
