/// Collects the head of a request, line by line, from pieces of any size.
///
/// A line is parsed once it is complete; until then only its length is checked. The result therefore does not depend on
/// how the bytes are split. A bare line feed ends a line too (RFC 9112, section 2.2).
struct HTTPHeadParser {
    /// The most empty lines before a request line. Some clients send an empty line after a body.
    static let maxEmptyLines = 4

    /// The head received so far, without the empty lines before it.
    private var bytes: [UInt8] = []
    private var fields: [HTTPHeaders.Field] = []
    private var requestLine: HTTPRequestLine?
    private var lineStart = 0
    private var headersStart = 0
    private var emptyLines: UInt8 = 0
    /// True if the space after the method has arrived.
    private var isMethodComplete = false

    /// True if nothing has arrived except empty lines.
    var isEmpty: Bool { bytes.isEmpty }

    /// The memory in bytes that the unfinished head takes.
    var heldBytes: Int { bytes.count + fields.count * MemoryLayout<HTTPHeaders.Field>.stride }

    /// The complete lines of the head; nil before the request line is complete.
    var unfinishedHead: HTTPRequestHead? {
        requestLine.map { HTTPRequestHead(requestLine: $0, headers: HTTPHeaders(bytes: bytes, fields: fields)) }
    }

    /// Reads bytes up to the end of the head.
    ///
    /// - Returns: the number of bytes consumed, and the head once it is complete.
    /// - Throws: the first error in a line, or in the head's size.
    mutating func consume(
        _ input: RawSpan, limits: HTTPLimits
    ) throws(HTTPParserError) -> (consumed: Int, head: HTTPRequestHead?) {
        var consumed = 0
        while consumed < input.byteCount {
            let rest = input.extracting(consumed..<input.byteCount)
            let lineFeed = HTTPInput.firstLineFeed(in: rest)
            let piece = rest.extracting(0..<(lineFeed.map { $0 + 1 } ?? rest.byteCount))
            try checkMethod(piece, limits: limits)
            try checkRoom(for: piece.byteCount, limits: limits)
            if bytes.isEmpty {
                // Most heads arrive in one read and are smaller than 1 KiB, so this reservation is enough for them.
                bytes.reserveCapacity(min(rest.byteCount, 1024))
            }
            HTTPInput.append(piece, to: &bytes)
            consumed += piece.byteCount
            if lineFeed != nil, let head = try finishLine(limits: limits) {
                return (consumed, head)
            }
        }
        return (consumed, nil)
    }

    /// Refuses bytes that cannot begin a request, such as those of TLS, as soon as they arrive. A client that speaks
    /// another protocol may never send a line end, and would learn of the error only when the time for the head ends.
    ///
    /// A line that would be valid when complete is never refused.
    private mutating func checkMethod(_ piece: RawSpan, limits: HTTPLimits) throws(HTTPParserError) {
        guard requestLine == nil, !isMethodComplete else { return }
        for index in 0..<min(piece.byteCount, limits.maxRequestLine - bytes.count) {
            let byte = HTTPInput.byte(index, of: piece)
            let position = bytes.count + index
            if byte == HTTPGrammar.space, position > 0 {
                isMethodComplete = true
                return
            }
            if HTTPGrammar.isTokenCharacter(byte) { continue }
            // An empty line may precede the request.
            if position == 0 && byte == HTTPGrammar.carriageReturn { continue }
            if byte == HTTPGrammar.lineFeed, position == 0 || position == 1 && isEmptyLine(before: index, of: piece) {
                continue
            }
            throw .malformedRequestLine
        }
    }

    private func isEmptyLine(before index: Int, of piece: RawSpan) -> Bool {
        let first = index > 0 ? HTTPInput.byte(0, of: piece) : bytes[0]
        return first == HTTPGrammar.carriageReturn
    }

    private func checkRoom(for count: Int, limits: HTTPLimits) throws(HTTPParserError) {
        if requestLine == nil {
            guard count <= limits.maxRequestLine - bytes.count else {
                throw .requestLineTooLong(limit: limits.maxRequestLine)
            }
        } else {
            guard count <= limits.maxHeaderBytes - (bytes.count - headersStart) else {
                throw .headersTooLarge(limit: limits.maxHeaderBytes)
            }
        }
    }

    /// Parses the line that the last byte has completed.
    private mutating func finishLine(limits: HTTPLimits) throws(HTTPParserError) -> HTTPRequestHead? {
        var line = bytes[lineStart..<bytes.count - 1]
        if line.last == HTTPGrammar.carriageReturn {
            line.removeLast()
        }
        guard let requestLine else {
            try finishRequestLine(line)
            return nil
        }
        guard !line.isEmpty else {
            let headers = HTTPHeaders(bytes: Self.fitted(bytes), fields: Self.fitted(fields))
            return HTTPRequestHead(requestLine: requestLine, headers: headers)
        }
        guard fields.count < limits.maxHeaders else { throw .tooManyHeaders(limit: limits.maxHeaders) }
        fields.append(try field(line))
        lineStart = bytes.count
        return nil
    }

    private mutating func finishRequestLine(_ line: ArraySlice<UInt8>) throws(HTTPParserError) {
        guard !line.isEmpty else {
            emptyLines += 1
            guard Int(emptyLines) <= Self.maxEmptyLines else { throw .tooManyEmptyLines(limit: Self.maxEmptyLines) }
            bytes = []
            return
        }
        requestLine = try HTTPRequestLine(line)
        lineStart = bytes.count
        headersStart = bytes.count
    }

    /// Parses a field line (RFC 9112, section 5). Folded lines and white space before the colon are refused, because
    /// servers interpret them differently.
    private func field(_ line: ArraySlice<UInt8>) throws(HTTPParserError) -> HTTPHeaders.Field {
        if let first = line.first, HTTPGrammar.isWhitespace(first) {
            throw .foldedLine(field: fields.count)
        }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
            line[..<colon].allSatisfy(HTTPGrammar.isTokenCharacter)
        else { throw .invalidFieldName(field: fields.count + 1) }
        let value = HTTPGrammar.trimmed(line[(colon + 1)...])
        guard value.allSatisfy(HTTPGrammar.isFieldValueCharacter) else {
            throw .invalidFieldValue(field: fields.count + 1)
        }
        return HTTPHeaders.Field(
            nameStart: UInt16(line.startIndex), nameEnd: UInt16(colon),
            valueStart: UInt16(value.startIndex), valueEnd: UInt16(value.endIndex))
    }

    /// Returns a copy without spare capacity, because thousands of heads may be kept.
    private static func fitted<Element>(_ array: [Element]) -> [Element] {
        var copy: [Element] = []
        copy.reserveCapacity(array.count)
        copy.append(contentsOf: array)
        return copy
    }
}
