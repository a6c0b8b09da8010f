/// The address of an HTTP service to which this process sends requests. There is no TLS.
///
///     http://USER:PASSWORD@HOST:PORT/PATH?QUERY
///     unix:/run/site.sock:/PATH?QUERY
package struct HTTPEndpoint: Sendable, Equatable {
    /// Where the service listens.
    package enum Place: Sendable, Equatable {
        /// A name or a numeric address; an IPv6 address is in brackets.
        case host(String, port: UInt16)
        case unixSocket(SocketAddress)
    }

    /// The longest URL in bytes, so that a request's head is small.
    package static let maxURL = 2048

    package let place: Place
    /// The path and the query.
    package let target: String
    /// The value of `Host`.
    let authority: String
    /// The value of `Authorization`, made of the URL's user and password; nil without them.
    let authorization: String?

    /// Parses a URL; nil for anything else, also for `https://`.
    package init?(url: String) {
        guard url.utf8.count <= Self.maxURL, url.utf8.allSatisfy(HTTPGrammar.isVisible), !url.contains("#") else {
            return nil
        }
        if url.hasPrefix("unix:") {
            self.init(unix: url.dropFirst("unix:".count))
        } else if url.lowercased().hasPrefix("http://") {
            self.init(http: url.dropFirst("http://".count))
        } else {
            return nil
        }
    }

    private init?(unix rest: Substring) {
        let separator = rest.firstRange(of: ":/")
        let path = rest[..<(separator?.lowerBound ?? rest.endIndex)]
        guard let address = try? SocketAddress(unixPath: String(path)) else { return nil }
        place = .unixSocket(address)
        target = separator.map { String(rest[rest.index(after: $0.lowerBound)...]) } ?? "/"
        authority = "localhost"
        authorization = nil
    }

    private init?(http rest: Substring) {
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let path = rest[authority.endIndex...]
        target = path.hasPrefix("/") ? String(path) : "/\(path)"
        let at = authority.lastIndex(of: "@")
        let hostAndPort = at.map { authority[authority.index(after: $0)...] } ?? authority
        // The colons of an IPv6 address are in brackets.
        let end = hostAndPort.lastIndex(of: "]").map { hostAndPort.index(after: $0) } ?? hostAndPort.startIndex
        let colon = hostAndPort[end...].firstIndex(of: ":")
        let host = hostAndPort[..<(colon ?? hostAndPort.endIndex)]
        let port = colon.map { Self.port(hostAndPort[hostAndPort.index(after: $0)...]) } ?? 80
        guard let port, !host.isEmpty, host.utf8.allSatisfy(HTTPGrammar.isHostCharacter) else { return nil }
        place = .host(String(host), port: port)
        self.authority = String(hostAndPort)
        guard let at else {
            authorization = nil
            return
        }
        guard let credentials = Self.credentials(authority[..<at]) else { return nil }
        authorization = "Basic " + Base64.encodeToString(Array(credentials.utf8))
    }

    private static func port(_ digits: Substring) -> UInt16? {
        guard digits.utf8.allSatisfy(HTTPGrammar.isDigit), let port = UInt16(digits), port > 0 else { return nil }
        return port
    }

    /// `USER:PASSWORD`, decoded (RFC 7617 section 2).
    private static func credentials(_ userInfo: Substring) -> String? {
        let (user, password) = URLParts.cut(Array(userInfo.utf8)[...], at: UInt8(ascii: ":"))
        guard let user = PercentEncoding.decode(user), let password = PercentEncoding.decode(password ?? []),
            !user.contains(":")
        else { return nil }
        return "\(user):\(password)"
    }

    /// True if the host's addresses are known without a name server.
    var isNumeric: Bool {
        guard case .host(let host, _) = place else { return true }
        return host == "localhost" || host.hasPrefix("[")
            || host.utf8.allSatisfy { HTTPGrammar.isDigit($0) || $0 == UInt8(ascii: ".") }
    }

    /// The addresses to try, in this order. Looking up a name may block the thread.
    package func resolve() throws(SocketAddress.ResolutionError) -> [SocketAddress] {
        switch place {
        case .host(let host, let port): try SocketAddress.resolve(host: host, port: port)
        case .unixSocket(let address): [address]
        }
    }

    /// A request that asks for the end of the connection after its response.
    /// - Parameter body: JSON.
    package func post(json body: [UInt8]) -> [UInt8] {
        var lines = [
            "POST \(target) HTTP/1.1", "Host: \(authority)", "Accept: application/json",
            "Content-Type: application/json", "Content-Length: \(body.count)", "Connection: close",
        ]
        if let authorization { lines.append("Authorization: \(authorization)") }
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body
    }
}
