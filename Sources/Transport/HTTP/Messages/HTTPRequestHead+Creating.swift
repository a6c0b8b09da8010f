extension HTTPRequestHead {
    /// Creates the head of a request, as if a client had sent it.
    /// - Parameters:
    ///   - method: the request method.
    ///   - target: the path and the query.
    ///   - headers: the header fields, in order. Without `Host`, `localhost` is added.
    ///   - isSecure: true for a request of which a trusted proxy says that the client uses TLS.
    /// - Throws: ``HTTPParserError`` if a server would refuse the head.
    public init(
        _ method: HTTPMethod, _ target: String, headers: [(name: String, value: String)] = [], isSecure: Bool = false
    ) throws(HTTPParserError) {
        var lines = ["\(method) \(target) HTTP/1.1"]
        if !headers.contains(where: { $0.name.lowercased() == "host" }) { lines.append("Host: localhost") }
        lines += headers.map { "\($0.name): \($0.value)" }
        let text = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
        var parser = HTTPHeadParser()
        let (consumed, head) = try parser.consume(text.span.bytes, limits: HTTPLimits(maxBody: 0))
        // A line break in the target or in a header would end the head early.
        guard let head, consumed == text.count, head.headers.fields.count == lines.count - 1 else {
            throw .malformedRequestLine
        }
        self = head
        if isSecure { forwarding = HTTPForwarding(isSecure: true) }
    }
}
