/// Decodes a chunked body (RFC 9112, section 7.1).
///
///     4;name=value CRLF     size line: hexadecimal size, extensions
///     Wiki CRLF             that many bytes
///     0 CRLF                last chunk
///     Expires: never CRLF   trailers
///     CRLF
///
/// Extensions and trailers are checked, bounded and discarded. Lines must end in CRLF. A bare line feed is allowed only
/// in the head; here it would let two servers disagree about where a chunk starts.
struct HTTPChunkedDecoder {
    /// The next expected element.
    private enum State {
        case size(digits: Int)
        case extensionStart
        case extensionEnd
        case sizeLineFeed
        case data(remaining: Int)
        case dataCarriageReturn
        case dataLineFeed
        case trailerStart
        case trailerColon
        case trailerEnd
        case trailerLineFeed
        case lastLineFeed
        case nothing
    }

    /// The number of digits of a 64-bit size. More digits could only be leading zeros.
    private static let maxSizeDigits = 16

    private let maxBody: Int
    private let maxOverhead: Int
    private var state = State.size(digits: 0)
    private var size = 0
    private var overhead = 0

    /// - Parameters:
    ///   - maxBody: the largest decoded body in bytes.
    ///   - maxOverhead: the most bytes of all extensions and trailers together.
    init(maxBody: Int, maxOverhead: Int) {
        self.maxBody = maxBody
        self.maxOverhead = maxOverhead
    }

    /// True if the whole body, including trailers, has been consumed.
    var isComplete: Bool {
        if case .nothing = state { true } else { false }
    }

    /// Appends the data in `input` to `body`, up to the end of the body.
    ///
    /// - Returns: the number of bytes consumed.
    mutating func consume(_ input: RawSpan, into body: inout [UInt8]) throws(HTTPParserError) -> Int {
        var consumed = 0
        while consumed < input.byteCount, !isComplete {
            if case .data(let remaining) = state {
                let count = min(remaining, input.byteCount - consumed)
                HTTPInput.append(input.extracting(consumed..<consumed + count), to: &body)
                consumed += count
                state = count == remaining ? .dataCarriageReturn : .data(remaining: remaining - count)
            } else {
                state = try next(HTTPInput.byte(consumed, of: input), room: maxBody - body.count)
                consumed += 1
            }
        }
        return consumed
    }

    /// Returns the state after a byte that is not data.
    ///
    /// - Parameter room: the number of bytes by which the body may still grow.
    private mutating func next(_ byte: UInt8, room: Int) throws(HTTPParserError) -> State {
        switch state {
        case .size(let digits): return try afterSize(byte, digits: digits, room: room)
        case .extensionStart, .extensionEnd: return try afterExtension(byte)
        case .sizeLineFeed:
            try expect(HTTPGrammar.lineFeed, byte, else: .invalidChunkExtension)
            return size == 0 ? .trailerStart : .data(remaining: size)
        case .dataCarriageReturn:
            try expect(HTTPGrammar.carriageReturn, byte, else: .unterminatedChunk)
            return .dataLineFeed
        case .dataLineFeed:
            try expect(HTTPGrammar.lineFeed, byte, else: .unterminatedChunk)
            size = 0
            return .size(digits: 0)
        case .trailerStart, .trailerColon, .trailerEnd: return try afterTrailer(byte)
        case .trailerLineFeed:
            try expect(HTTPGrammar.lineFeed, byte, else: .invalidTrailer)
            return .trailerStart
        case .lastLineFeed:
            try expect(HTTPGrammar.lineFeed, byte, else: .invalidTrailer)
            return .nothing
        case .data, .nothing: return state
        }
    }

    private mutating func afterSize(_ byte: UInt8, digits: Int, room: Int) throws(HTTPParserError) -> State {
        if let digit = HTTPGrammar.hexadecimalValue(byte) {
            guard digits < Self.maxSizeDigits else { throw .invalidChunkSize }
            // Equivalent to size * 16 + digit <= room, without overflow.
            guard size <= (room - Int(digit)) >> 4 else { throw .bodyTooLarge(limit: maxBody) }
            size = size << 4 + Int(digit)
            return .size(digits: digits + 1)
        }
        guard digits > 0 else { throw .invalidChunkSize }
        switch byte {
        case HTTPGrammar.carriageReturn: return .sizeLineFeed
        case UInt8(ascii: ";"): return .extensionEnd
        case HTTPGrammar.space, HTTPGrammar.tab: return .extensionStart
        default: throw .invalidChunkSize
        }
    }

    private mutating func afterExtension(_ byte: UInt8) throws(HTTPParserError) -> State {
        overhead += 1
        guard overhead <= maxOverhead else { throw .chunkExtensionsTooLarge(limit: maxOverhead) }
        switch (state, byte) {
        case (.extensionStart, HTTPGrammar.space), (.extensionStart, HTTPGrammar.tab): return .extensionStart
        case (.extensionStart, UInt8(ascii: ";")): return .extensionEnd
        case (.extensionStart, _): throw .invalidChunkSize
        case (_, HTTPGrammar.carriageReturn): return .sizeLineFeed
        default:
            guard HTTPGrammar.isFieldValueCharacter(byte) else { throw .invalidChunkExtension }
            return .extensionEnd
        }
    }

    private mutating func afterTrailer(_ byte: UInt8) throws(HTTPParserError) -> State {
        overhead += 1
        guard overhead <= maxOverhead else { throw .trailersTooLarge(limit: maxOverhead) }
        switch (state, byte) {
        case (.trailerStart, HTTPGrammar.carriageReturn): return .lastLineFeed
        case (.trailerEnd, HTTPGrammar.carriageReturn): return .trailerLineFeed
        case (.trailerColon, UInt8(ascii: ":")): return .trailerEnd
        case (.trailerEnd, _):
            guard HTTPGrammar.isFieldValueCharacter(byte) else { throw .invalidTrailer }
            return .trailerEnd
        default:
            guard HTTPGrammar.isTokenCharacter(byte) else { throw .invalidTrailer }
            return .trailerColon
        }
    }

    private func expect(
        _ expected: UInt8, _ byte: UInt8, else error: HTTPParserError
    ) throws(HTTPParserError) {
        guard byte == expected else { throw error }
    }
}
