/// The request line and the header fields of a request (RFC 9112, sections 3 and 5).
public struct HTTPRequestHead: Sendable {
    let requestLine: HTTPRequestLine

    /// What a trusted proxy says about the request.
    var forwarding = HTTPForwarding()

    /// The header fields.
    public let headers: HTTPHeaders

    /// The request method.
    public var method: HTTPMethod { HTTPMethod(rawValue: text(requestLine.method)) }

    /// The request target as received: path and query, an absolute URL, or `*`.
    public var target: String { text(requestLine.target) }

    /// The path of the target, still percent-encoded. It is `/` for an absolute URL without a path.
    public var path: String { requestLine.path.isEmpty ? "/" : text(requestLine.path) }

    /// The text after the first `?` of the target, still encoded; nil if there is no `?`.
    public var query: String? { requestLine.query.map(text) }

    /// The decoded query; empty if the target has none.
    public var queryParameters: HTTPQuery {
        HTTPQuery(encoded: requestLine.query.map { headers.bytes[$0] } ?? [])
    }

    /// The first value of a query parameter, still encoded; nil if the query does not have it.
    func encodedQueryValue(of name: StaticString) -> ArraySlice<UInt8>? {
        guard let query = requestLine.query else { return nil }
        return name.withUTF8Buffer { name in
            for pair in headers.bytes[query].split(separator: UInt8(ascii: "&")) where pair.starts(with: name) {
                let rest = pair.dropFirst(name.count)
                if rest.first == UInt8(ascii: "=") { return rest.dropFirst() }
            }
            return nil
        }
    }

    /// The version of the request line.
    public var version: HTTPVersion { requestLine.version }

    /// True if the client wants the connection to stay open after this request (RFC 9112, section 9.3).
    public var isKeepAlive: Bool {
        guard !headers.contains(token: "close", in: "Connection") else { return false }
        return version == .http11 || headers.contains(token: "keep-alive", in: "Connection")
    }

    /// True if a proxy in ``TrustedProxies`` says that the client uses TLS (`X-Forwarded-Proto`).
    public var isSecure: Bool { forwarding.isSecure ?? false }

    private func text(_ range: Range<Int>) -> String {
        String(decoding: headers.bytes[range], as: UTF8.self)
    }
}

/// The protocol versions this server speaks (RFC 9112, section 2.3).
public enum HTTPVersion: Sendable, Equatable {
    /// HTTP/1.0.
    case http10
    /// HTTP/1.1.
    case http11
}

/// A complete request.
public struct HTTPRequest: Sendable {
    /// The request line and the header fields.
    public let head: HTTPRequestHead
    /// The decoded body; empty if the request has none.
    public let body: [UInt8]
}
