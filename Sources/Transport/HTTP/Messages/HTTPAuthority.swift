import Glibc

/// Host and port as they stand in a `Host` header, a request target or an origin (RFC 3986, section 3.2), in one
/// spelling: lower case, an IPv6 address in brackets.
enum HTTPAuthority {
    /// Where the brackets of an IPv6 address or the name end and a port may begin.
    ///
    /// - Returns: the host, and what follows its colon; nil without a colon.
    static func split(_ authority: String) -> (host: String, port: String?) {
        let bytes = authority.utf8
        guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")),
            bytes[colon...].allSatisfy({ $0 != UInt8(ascii: "]") })
        else { return (authority, nil) }
        return (String(authority[..<colon]), String(authority[colon...].dropFirst()))
    }

    /// The authority in lower case, without a port that is one of `defaultPorts`.
    static func normalized(_ authority: String, defaultPorts: [String]) -> String {
        let authority = lowercased(authority)
        let (host, port) = split(authority)
        guard let port, port.isEmpty || defaultPorts.contains(port) else { return authority }
        return host
    }

    /// Whether a host is an address and no name: nobody can make it resolve to another one.
    static func isAddress(_ host: String) -> Bool {
        if host.hasPrefix("["), host.hasSuffix("]") {
            var address = in6_addr()
            return inet_pton(AF_INET6, String(host.dropFirst().dropLast()), &address) == 1
        }
        // Whatever ends in a number is an IPv4 address to a browser or nothing (URL standard, "ends in a number").
        let last = host.split(separator: ".", omittingEmptySubsequences: false).last ?? ""
        return !last.isEmpty && last.utf8.allSatisfy(HTTPGrammar.isDigit)
    }

    /// An IPv6 address in brackets as browsers write it (RFC 5952); any other host stays as it is.
    static func shortened(host: String) -> String {
        var address = in6_addr()
        guard host.hasPrefix("["), inet_pton(AF_INET6, String(host.dropFirst().dropLast()), &address) == 1 else {
            return host
        }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(AF_INET6, &address, &text, socklen_t(text.count)) != nil else { return host }
        let short = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // Browsers write the whole address in hexadecimal.
        return short.contains(".") ? host : "[\(short)]"
    }

    /// Whether colons and brackets are where an address has them.
    static func isWellFormed(host: String) -> Bool {
        let inside = host.hasPrefix("[") && host.hasSuffix("]") ? host.dropFirst().dropLast() : host[...]
        if inside.utf8.contains(where: { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "]") }) { return false }
        if inside.utf8.contains(UInt8(ascii: ":")) { return isAddress(host) && host.hasPrefix("[") }
        return !host.hasPrefix("[")
    }

    /// ASCII letters in lower case; other characters stay.
    static func lowercased(_ text: String) -> String {
        String(decoding: text.utf8.map(HTTPGrammar.lowercased), as: UTF8.self)
    }
}

extension HTTPRequestHead {
    /// The host and port that the request names: those of a target that is a whole URL, else the `Host` header
    /// (RFC 9112, section 3.3). Nil in an HTTP/1.0 request without either.
    public var authority: String? {
        guard !requestLine.origin.isEmpty else { return headers["host"] }
        let origin = headers.bytes[requestLine.origin]
        let authority = origin.drop { $0 != UInt8(ascii: "/") }.dropFirst(2)
        return String(decoding: authority, as: UTF8.self)
    }
}
