extension HTTPRequestHead {
    /// The longest path in bytes that is kept.
    private static let maxKeptPath = 256

    /// The memory in bytes that a head takes beyond its inline size.
    package var byteCount: Int {
        headers.bytes.count + headers.fields.count * MemoryLayout<HTTPHeaders.Field>.stride
    }

    /// Returns a smaller head with the method, the path if it is short, the headers in `names`, and the client's
    /// scheme. It replaces the whole head once the rest is not needed any more.
    func reduced(to names: [String]) -> HTTPRequestHead {
        let path = requestLine.path.isEmpty || requestLine.path.count > Self.maxKeptPath ? nil : requestLine.path
        var bytes = Array(headers.bytes[requestLine.method])
        bytes.append(HTTPGrammar.space)
        bytes.append(contentsOf: path.map { headers.bytes[$0] } ?? [UInt8(ascii: "/")])
        bytes.append(contentsOf: version == .http10 ? " HTTP/1.0".utf8 : " HTTP/1.1".utf8)
        // This succeeds, because the parts have been parsed before.
        guard let line = try? HTTPRequestLine(bytes[...]) else { return self }
        var fields: [HTTPHeaders.Field] = []
        for name in names {
            for value in headers.rawValues(of: name) {
                let nameStart = bytes.count
                bytes.append(contentsOf: name.utf8)
                let valueStart = bytes.count
                bytes.append(contentsOf: value)
                fields.append(
                    HTTPHeaders.Field(
                        nameStart: UInt16(nameStart), nameEnd: UInt16(valueStart), valueStart: UInt16(valueStart),
                        valueEnd: UInt16(bytes.count)))
            }
        }
        return HTTPRequestHead(
            requestLine: line, forwarding: HTTPForwarding(isSecure: forwarding.isSecure),
            headers: HTTPHeaders(bytes: bytes, fields: fields))
    }
}
