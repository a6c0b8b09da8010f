/// A response with a complete body (RFC 9112, sections 4 and 6).
public struct HTTPResponse: Sendable {
    /// The status of the status line.
    public var status: HTTPStatus
    /// The header fields, in order. ``serialized(for:keepAlive:isHead:)`` adds `Content-Length` and `Connection`.
    public var headers: [(String, String)]
    /// The body.
    public var body: [UInt8]

    /// Makes a response.
    /// - Parameters:
    ///   - status: the status of the status line.
    ///   - headers: the header fields. `Content-Length` and `Transfer-Encoding` are ignored, because they are derived
    ///     from the body.
    ///   - body: the body. It is not sent with a status that does not allow one.
    public init(status: HTTPStatus, headers: [(String, String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Makes a response with a text body in UTF-8.
    public static func text(_ status: HTTPStatus, _ text: String) -> HTTPResponse {
        HTTPResponse(
            status: status, headers: [("Content-Type", "text/plain; charset=utf-8")], body: Array(text.utf8))
    }

    /// Makes a response with a JSON body.
    ///
    /// - Parameter bytes: the JSON text in UTF-8.
    public static func json(_ status: HTTPStatus, _ bytes: [UInt8]) -> HTTPResponse {
        HTTPResponse(status: status, headers: [("Content-Type", "application/json")], body: bytes)
    }

    /// The bytes to send.
    ///
    /// Fields whose name is not a token are omitted, and CR, LF and NUL are removed from values, so that text from a
    /// client cannot start a header line.
    ///
    /// - Parameters:
    ///   - version: the version of the request. An HTTP/1.0 client needs a header to know that the connection stays
    ///     open.
    ///   - keepAlive: true if the connection stays open. If false, the response contains `Connection: close`.
    ///   - isHead: true if the request was HEAD: the response describes the body but does not contain it.
    public func serialized(for version: HTTPVersion = .http11, keepAlive: Bool, isHead: Bool = false) -> [UInt8] {
        let sent = status.allowsBody && !isHead ? body : []
        var bytes = serializedHead(for: version, keepAlive: keepAlive, reserving: sent.count)
        bytes.append(contentsOf: sent)
        return bytes
    }

    /// The bytes of the head.
    /// - Parameters:
    ///   - bodyCount: the size of the body in bytes; nil for the size of ``body``.
    ///   - room: the number of bytes to reserve for the body.
    func serializedHead(
        for version: HTTPVersion, keepAlive: Bool, bodyCount: Int? = nil, reserving room: Int = 0
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256 + room)
        bytes.append(contentsOf: "HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\n".utf8)
        for (name, value) in headers where !Self.isFraming(name) {
            Self.append(name, value, to: &bytes)
        }
        if status.allowsBody {
            Self.append("Content-Length", String(bodyCount ?? body.count), to: &bytes)
        }
        if status.code >= 200 {
            if !keepAlive {
                Self.append("Connection", "close", to: &bytes)
            } else if version == .http10 {
                Self.append("Connection", "keep-alive", to: &bytes)
            }
        }
        bytes.append(contentsOf: "\r\n".utf8)
        return bytes
    }

    private static func isFraming(_ name: String) -> Bool {
        let name = name.lowercased()
        return name == "content-length" || name == "transfer-encoding"
    }

    private static func append(_ name: String, _ value: String, to bytes: inout [UInt8]) {
        guard !name.isEmpty, name.utf8.allSatisfy(HTTPGrammar.isTokenCharacter) else { return }
        bytes.append(contentsOf: name.utf8)
        bytes.append(contentsOf: ": ".utf8)
        bytes.append(
            contentsOf: value.utf8.lazy.filter {
                $0 != HTTPGrammar.carriageReturn && $0 != HTTPGrammar.lineFeed && $0 != 0
            })
        bytes.append(contentsOf: "\r\n".utf8)
    }
}
