import Transport

/// A file in memory with its content type and entity tag.
public struct StaticFile: Sendable {
    /// The value of the `Content-Type` header.
    public let contentType: String
    /// Identifies the version.
    public let tag: HTTPEntityTag
    /// The content.
    public let bytes: [UInt8]
    private let headers: [(String, String)]

    /// Makes a file.
    /// - Parameters:
    ///   - name: the file's name; its extension determines the content type.
    ///   - bytes: the content.
    ///   - tag: identifies the version; nil: a hash of the bytes.
    ///   - headers: additional headers of the answer.
    public init(name: String, bytes: [UInt8], tag: HTTPEntityTag? = nil, headers: [(String, String)] = []) {
        self.contentType = ContentType.of(name)
        self.tag = tag ?? HTTPEntityTag(hashing: bytes)
        self.bytes = bytes
        self.headers = headers
    }

    /// The answer to a GET or HEAD: the file, or 304 if the client has it already.
    package func response(ifNoneMatch: String?) -> HTTPResponse {
        var response = Self.response(contentType: contentType, tag: tag, ifNoneMatch: ifNoneMatch)
        guard response.status == .ok else { return response }
        response.headers += headers
        response.body = bytes
        return response
    }

    /// The answer without a body, for a file that is sent separately.
    /// - Parameter name: the file's name; its extension determines the content type.
    static func response(name: String, tag: HTTPEntityTag, ifNoneMatch: String?) -> HTTPResponse {
        response(contentType: ContentType.of(name), tag: tag, ifNoneMatch: ifNoneMatch)
    }

    private static func response(contentType: String, tag: HTTPEntityTag, ifNoneMatch: String?) -> HTTPResponse {
        if tag.matches(ifNoneMatch: ifNoneMatch) { return HTTPResponse(status: .notModified, headers: caching(tag)) }
        let headers = [("Content-Type", contentType), ("X-Content-Type-Options", "nosniff")] + caching(tag)
        return HTTPResponse(status: .ok, headers: headers)
    }

    /// The answer to any other method.
    static let methodNotAllowed = HTTPResponse(status: .methodNotAllowed, headers: [("Allow", "GET, HEAD")])

    /// Browsers may cache the file but must revalidate it each time.
    private static func caching(_ tag: HTTPEntityTag) -> [(String, String)] {
        [("ETag", tag.headerValue), ("Cache-Control", "public, max-age=0, must-revalidate")]
    }
}

/// Answers with one file, or with 404 if there is none.
final class StaticFileHandler: HTTPRequestHandler {
    private let file: StaticFile?

    init(_ file: StaticFile?) {
        self.file = file
    }

    func handle(_ exchange: HTTPExchange) {
        let head = exchange.request.head
        guard head.method == .get || head.method == .head else { return exchange.respond(StaticFile.methodNotAllowed) }
        exchange.respond(
            file?.response(ifNoneMatch: head.headers["if-none-match"]) ?? .text(.notFound, "nothing is here"))
    }
}

extension HTTPEntityTag {
    /// A tag made of the content (FNV-1a, 64 bits). The hash need not resist attacks: only the operator changes the
    /// content.
    init(hashing bytes: [UInt8]) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        self.init(String(hash, radix: 16))
    }
}
