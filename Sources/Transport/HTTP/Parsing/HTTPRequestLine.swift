/// The request line of a head, as offsets into its bytes (RFC 9112, section 3).
///
///     GET http://host/socket.io/?EIO=4 HTTP/1.1
///     ╰┬╯            ╰────┬────╯ ╰─┬─╯     ╰┬╯
///     method         path        query    version
struct HTTPRequestLine: Sendable {
    let version: HTTPVersion
    private let methodEnd: UInt16
    private let targetEnd: UInt16
    private let pathStart: UInt16
    private let pathEnd: UInt16

    var method: Range<Int> { 0..<Int(methodEnd) }
    var target: Range<Int> { Int(methodEnd) + 1..<Int(targetEnd) }
    var path: Range<Int> { Int(pathStart)..<Int(pathEnd) }
    /// The scheme and authority of an absolute target, otherwise empty.
    var origin: Range<Int> { Int(methodEnd) + 1..<Int(pathStart) }
    /// The query without the question mark; nil if there is no question mark.
    var query: Range<Int>? { pathEnd < targetEnd ? Int(pathEnd) + 1..<Int(targetEnd) : nil }

    /// Parses a request line.
    ///
    /// - Parameter line: the line without its line end. It starts at index 0 of the head and has at most
    ///   `HTTPLimits.maxRequestLine` bytes, so that its offsets fit in 16 bits.
    /// - Throws: `malformedRequestLine`, `invalidTarget`, `unsupportedVersion`.
    init(_ line: ArraySlice<UInt8>) throws(HTTPParserError) {
        guard let methodEnd = line.firstIndex(of: HTTPGrammar.space),
            let targetEnd = line.lastIndex(of: HTTPGrammar.space), methodEnd + 1 < targetEnd, methodEnd > 0,
            line[..<methodEnd].allSatisfy(HTTPGrammar.isTokenCharacter)
        else { throw .malformedRequestLine }

        // If the line has more than two spaces, the target contains one, and a space is not a visible character.
        let target = line[methodEnd + 1..<targetEnd]
        guard target.allSatisfy(HTTPGrammar.isVisible) else { throw .invalidTarget }

        version = try Self.version(line[(targetEnd + 1)...])
        let isOptions = line[..<methodEnd].elementsEqual("OPTIONS".utf8)
        let pathStart = try Self.pathStart(of: target, isOptions: isOptions)
        let pathEnd = target[pathStart...].firstIndex(of: UInt8(ascii: "?")) ?? targetEnd
        self.methodEnd = UInt16(methodEnd)
        self.targetEnd = UInt16(targetEnd)
        self.pathStart = UInt16(pathStart)
        self.pathEnd = UInt16(pathEnd)
    }

    private static func version(_ bytes: ArraySlice<UInt8>) throws(HTTPParserError) -> HTTPVersion {
        let digits = Array(bytes.suffix(3))
        guard bytes.count == 8, bytes.starts(with: "HTTP/".utf8), HTTPGrammar.isDigit(digits[0]),
            digits[1] == UInt8(ascii: "."), HTTPGrammar.isDigit(digits[2])
        else { throw .malformedRequestLine }
        switch (digits[0], digits[2]) {
        case (UInt8(ascii: "1"), UInt8(ascii: "0")): return .http10
        case (UInt8(ascii: "1"), UInt8(ascii: "1")): return .http11
        default: throw .unsupportedVersion
        }
    }

    /// The start of the path in a target of origin, asterisk or absolute form. The authority form belongs to CONNECT,
    /// which only proxies serve.
    private static func pathStart(of target: ArraySlice<UInt8>, isOptions: Bool) throws(HTTPParserError) -> Int {
        if target.first == UInt8(ascii: "/") || (isOptions && target.elementsEqual("*".utf8)) {
            return target.startIndex
        }
        for scheme in ["http://", "https://"]
        where HTTPGrammar.equalsIgnoringCase(target.prefix(scheme.utf8.count), scheme) {
            let authority = target.dropFirst(scheme.utf8.count)
            let end = authority.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? target.endIndex
            guard end > authority.startIndex else { break }
            return end
        }
        throw .invalidTarget
    }
}
