/// Parses the bytes of a connection into the one response to a POST (RFC 9112, client side).
///
/// Bytes may arrive in pieces of any size; the work is linear in them. Interim responses are skipped. Everything that
/// the parser of requests refuses in headers and chunks is refused here too.
package struct HTTPResponseParser: Sendable {
    private enum Stage {
        case statusLine
        case head
        /// A body whose length or chunks say where it ends.
        case framedBody
        /// A body that ends with the connection.
        case openBody
        case complete
    }

    /// The longest first line in bytes.
    static let maxStatusLine = 1024
    /// The most interim responses before the response.
    static let maxInterim = 4
    /// 16 KiB of header fields and 64 KiB of body.
    package static let standardLimits = HTTPLimits(maxHeaderBytes: 16 << 10, maxBody: 64 << 10)

    private let limits: HTTPLimits
    private var stage = Stage.statusLine
    private var line: [UInt8] = []
    private var interim = 0
    private var status = 0
    private var head = HTTPHeadParser()
    private var reader: HTTPBodyReader?
    private var openBody: [UInt8] = []

    package init(limits: HTTPLimits = Self.standardLimits) {
        self.limits = limits
    }

    /// Parses received bytes. Bytes after the response are ignored.
    /// - Returns: the response once it is complete; the caller then discards the parser.
    package mutating func receive(_ bytes: RawSpan) throws(HTTPResponseError) -> HTTPClientResponse? {
        var consumed = 0
        while consumed < bytes.byteCount, stage != .complete {
            let rest = bytes.extracting(consumed..<bytes.byteCount)
            do throws(HTTPParserError) {
                switch stage {
                case .statusLine: consumed += collectLine(rest)
                case .head: consumed += try readHead(rest)
                case .framedBody: consumed += try readBody(rest)
                case .openBody: consumed += try readOpenBody(rest)
                case .complete: break
                }
            } catch {
                throw .malformed(error)
            }
            if stage == .statusLine, let end = line.last, end == HTTPGrammar.lineFeed || line.count > Self.maxStatusLine
            {
                try finishStatusLine()
            }
            if stage == .complete, (100...199).contains(status) { try skipInterim() }
        }
        return stage == .complete ? HTTPClientResponse(status: status, body: reader?.bytes ?? openBody) : nil
    }

    /// The service has ended the connection.
    /// - Returns: a response whose body ends with the connection. The end of such a body cannot be told from a failure,
    ///   so its reader must notice missing bytes, as one of a JSON object does.
    package mutating func ended() throws(HTTPResponseError) -> HTTPClientResponse {
        guard stage == .openBody else { throw .incomplete }
        stage = .complete
        return HTTPClientResponse(status: status, body: openBody)
    }

    private mutating func collectLine(_ bytes: RawSpan) -> Int {
        let end = HTTPInput.firstLineFeed(in: bytes).map { $0 + 1 } ?? bytes.byteCount
        // One byte more than allowed shows that the line is too long.
        let count = min(end, Self.maxStatusLine + 1 - line.count)
        HTTPInput.append(bytes.extracting(0..<count), to: &line)
        return count
    }

    /// Parses `HTTP/1.1 200 OK` (RFC 9112 section 4). The reason phrase may be missing.
    private mutating func finishStatusLine() throws(HTTPResponseError) {
        guard line.count <= Self.maxStatusLine else { throw .statusLine }
        line.removeLast()
        if line.last == HTTPGrammar.carriageReturn { line.removeLast() }
        guard line.count >= 12, line.allSatisfy(HTTPGrammar.isFieldValueCharacter),
            line.count == 12 || line[12] == HTTPGrammar.space, line[8] == HTTPGrammar.space
        else { throw .statusLine }
        let version = String(decoding: line[..<8], as: UTF8.self)
        let digits = line[9..<12]
        guard ["HTTP/1.0", "HTTP/1.1"].contains(version), digits.allSatisfy(HTTPGrammar.isDigit),
            let status = Int(String(decoding: digits, as: UTF8.self)), (100...999).contains(status)
        else { throw .statusLine }
        self.status = status
        line = []
        // The fields of a response have the same form as those of a request, whose parser expects a first line.
        head = HTTPHeadParser()
        let first = Array("POST / \(version)\r\n".utf8)
        do throws(HTTPParserError) {
            _ = try head.consume(first.span.bytes, limits: limits)
        } catch {
            throw .malformed(error)
        }
        stage = .head
    }

    private mutating func readHead(_ bytes: RawSpan) throws(HTTPParserError) -> Int {
        let (consumed, head) = try head.consume(bytes, limits: limits)
        guard let head else { return consumed }
        self.head = HTTPHeadParser()
        // These have no body, whatever their fields say (RFC 9112, section 6.3).
        if status < 200 || status == 204 || status == 304 {
            stage = .complete
            return consumed
        }
        let framing = try HTTPBodyFraming(head, limits: limits)
        reader = HTTPBodyReader(framing, limits: limits)
        let hasLength = !head.headers.rawValues(of: "Content-Length").isEmpty
        stage = reader != nil ? .framedBody : hasLength ? .complete : .openBody
        return consumed
    }

    private mutating func readBody(_ bytes: RawSpan) throws(HTTPParserError) -> Int {
        // Mutate in place: a copy would share the body's array, and each append would copy it.
        guard let (consumed, isComplete) = try reader?.consume(bytes) else { return bytes.byteCount }
        if isComplete { stage = .complete }
        return consumed
    }

    private mutating func readOpenBody(_ bytes: RawSpan) throws(HTTPParserError) -> Int {
        guard bytes.byteCount <= limits.maxBody - openBody.count else { throw .bodyTooLarge(limit: limits.maxBody) }
        HTTPInput.append(bytes, to: &openBody)
        return bytes.byteCount
    }

    private mutating func skipInterim() throws(HTTPResponseError) {
        interim += 1
        guard status != 101, interim <= Self.maxInterim else { throw .interim }
        stage = .statusLine
    }
}
