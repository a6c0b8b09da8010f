import Glibc

/// Operations on a host and port from a `Host` header, a request target or an origin (RFC 3986, section 3.2). The
/// normal form is lower case, with an IPv6 address in brackets.
enum HTTPAuthority {
    /// Splits an authority at the colon before the port.
    ///
    /// - Returns: the host, and the text after the colon; nil if there is no colon.
    static func split(_ authority: String) -> (host: String, port: String?) {
        let bytes = authority.utf8
        guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")),
            bytes[colon...].allSatisfy({ $0 != UInt8(ascii: "]") })
        else { return (authority, nil) }
        return (String(authority[..<colon]), String(authority[colon...].dropFirst()))
    }

    /// Returns the authority in lower case, without the port if it is one of `defaultPorts`.
    static func normalized(_ authority: String, defaultPorts: [String]) -> String {
        let authority = lowercased(authority)
        let (host, port) = split(authority)
        guard let port, port.isEmpty || defaultPorts.contains(port) else { return authority }
        return host
    }

    /// True if a host is an address and not a name. An attacker can make a name resolve to another address, but cannot
    /// redirect an address.
    static func isAddress(_ host: String) -> Bool {
        if host.hasPrefix("["), host.hasSuffix("]") {
            var address = in6_addr()
            return inet_pton(AF_INET6, String(host.dropFirst().dropLast()), &address) == 1
        }
        // A host that ends in a number is an IPv4 address or invalid for browsers (URL standard, "ends in a number").
        let last = host.split(separator: ".", omittingEmptySubsequences: false).last ?? ""
        return !last.isEmpty && last.utf8.allSatisfy(HTTPGrammar.isDigit)
    }

    /// Returns an IPv6 address in brackets in the form that browsers use (RFC 5952). Other hosts are returned
    /// unchanged.
    static func shortened(host: String) -> String {
        var address = in6_addr()
        guard host.hasPrefix("["), inet_pton(AF_INET6, String(host.dropFirst().dropLast()), &address) == 1 else {
            return host
        }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(AF_INET6, &address, &text, socklen_t(text.count)) != nil else { return host }
        let short = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // Browsers write the whole address in hexadecimal, so keep the original instead of the dotted form.
        return short.contains(".") ? host : "[\(short)]"
    }

    /// True if the host has colons and brackets only as part of an IPv6 address.
    static func isWellFormed(host: String) -> Bool {
        let inside = host.hasPrefix("[") && host.hasSuffix("]") ? host.dropFirst().dropLast() : host[...]
        if inside.utf8.contains(where: { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "]") }) { return false }
        if inside.utf8.contains(UInt8(ascii: ":")) { return isAddress(host) && host.hasPrefix("[") }
        return !host.hasPrefix("[")
    }

    /// Converts ASCII letters to lower case and keeps other characters.
    static func lowercased(_ text: String) -> String {
        String(decoding: text.utf8.map(HTTPGrammar.lowercased), as: UTF8.self)
    }
}

extension HTTPRequestHead {
    /// The host and port that the client asked for: those in `X-Forwarded-Host` if a proxy in ``TrustedProxies`` sends
    /// it, otherwise those of an absolute target or of the `Host` header (RFC 9112, section 3.3). nil for an HTTP/1.0
    /// request without any of them.
    public var authority: String? { forwardedAuthority ?? receivedAuthority }

    /// The host and port that a trusted proxy names.
    var forwardedAuthority: String? {
        forwarding.authority.map { String(decoding: headers.bytes[$0], as: UTF8.self) }
    }

    /// The host and port that the request itself names.
    var receivedAuthority: String? {
        guard !requestLine.origin.isEmpty else { return headers["host"] }
        let origin = headers.bytes[requestLine.origin]
        let authority = origin.drop { $0 != UInt8(ascii: "/") }.dropFirst(2)
        return String(decoding: authority, as: UTF8.self)
    }
}
