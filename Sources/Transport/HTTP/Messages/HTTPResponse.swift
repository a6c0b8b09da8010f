/// A response with its whole body (RFC 9112, sections 4 and 6).
public struct HTTPResponse: Sendable {
    /// The status of the status line.
    public var status: HTTPStatus
    /// Header fields beyond those that `serialized` adds, in order.
    public var headers: [(String, String)]
    /// The body.
    public var body: [UInt8]

    /// - Parameters:
    ///   - status: the status of the status line.
    ///   - headers: fields without `Content-Length` and `Transfer-Encoding`, which follow from the body.
    ///   - body: the body; not sent with a status that does not allow one.
    public init(status: HTTPStatus, headers: [(String, String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// A response whose body is UTF-8 text.
    public static func text(_ status: HTTPStatus, _ text: String) -> HTTPResponse {
        HTTPResponse(
            status: status, headers: [("Content-Type", "text/plain; charset=utf-8")], body: Array(text.utf8))
    }

    /// A response whose body is JSON.
    ///
    /// - Parameter bytes: the JSON text in UTF-8.
    public static func json(_ status: HTTPStatus, _ bytes: [UInt8]) -> HTTPResponse {
        HTTPResponse(status: status, headers: [("Content-Type", "application/json")], body: bytes)
    }

    /// The bytes to send.
    ///
    /// A field whose name is not a token is left out, and CR, LF and NUL are left out of values: nothing that the
    /// application took from a client can start a line of its own.
    ///
    /// - Parameters:
    ///   - version: the version of the request; an HTTP/1.0 client is told when the connection stays open.
    ///   - keepAlive: whether the connection stays open; if not, the client is told.
    ///   - isHead: whether the request was HEAD: the body is described but not sent.
    public func serialized(for version: HTTPVersion = .http11, keepAlive: Bool, isHead: Bool = false) -> [UInt8] {
        let sent = status.allowsBody && !isHead ? body : []
        var bytes = serializedHead(for: version, keepAlive: keepAlive, reserving: sent.count)
        bytes.append(contentsOf: sent)
        return bytes
    }

    /// The bytes of the head.
    /// - Parameter bodyCount: how many bytes the body has; nil for those of ``body``.
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
