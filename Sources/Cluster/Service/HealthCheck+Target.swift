import Transport

extension HealthCheck {
    /// The server to check.
    package enum Target: Equatable, CustomStringConvertible {
        case host(String, port: UInt16, path: String)
        case unixSocket(SocketAddress)

        /// Parses `http://HOST[:PORT][/PATH]` or `unix:PATH`; nil for anything else.
        package init?(url: String) {
            if url.hasPrefix("unix:") {
                let path = String(url.dropFirst("unix:".count))
                guard let address = try? SocketAddress(unixPath: path) else { return nil }
                self = .unixSocket(address)
                return
            }
            guard url.hasPrefix("http://"), url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
            let rest = url.dropFirst("http://".count)
            let authority = rest.prefix { $0 != "/" && $0 != "?" }
            let path = rest.dropFirst(authority.count)
            // The colons of an IPv6 address are in brackets.
            let end = authority.lastIndex(of: "]").map { authority.index(after: $0) } ?? authority.startIndex
            let colon = authority[end...].firstIndex(of: ":")
            let host = authority[..<(colon ?? authority.endIndex)]
            let port = colon.map { UInt16(authority[authority.index(after: $0)...]) } ?? 80
            guard let port, port > 0, !host.isEmpty, !authority.contains(where: { "@#".contains($0) }) else {
                return nil
            }
            self = .host(String(host), port: port, path: path.hasPrefix("/") ? String(path) : "/\(path)")
        }

        /// The addresses to try, in this order.
        var addresses: [SocketAddress] {
            get throws {
                switch self {
                case .host(let host, let port, _): try SocketAddress.resolve(host: host, port: port)
                case .unixSocket(let address): [address]
                }
            }
        }

        /// A request for the head of the page. Every server answers to the host `localhost`.
        var request: String {
            let path = if case .host(_, _, let path) = self { path } else { "/" }
            return "HEAD \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        }

        package var description: String {
            switch self {
            case .host(let host, let port, let path): "http://\(host):\(port)\(path == "/" ? "" : path)"
            case .unixSocket(let address): address.url
            }
        }
    }
}
