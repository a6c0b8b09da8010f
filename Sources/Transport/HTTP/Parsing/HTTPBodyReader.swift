/// Collects the body of a request.
///
/// The array grows with the bytes that arrived. What a header or a chunk size claims reserves nothing: ten thousand
/// idle connections may each claim the maximum.
struct HTTPBodyReader {
    private enum Framing {
        case length(remaining: Int)
        case chunked(HTTPChunkedDecoder)
    }

    /// The decoded body so far.
    private(set) var bytes: [UInt8] = []
    private var framing: Framing

    /// Nil when there is no body to read.
    init?(_ framing: HTTPBodyFraming, limits: HTTPLimits) {
        switch framing {
        case .none: return nil
        case .length(let length): self.framing = .length(remaining: length)
        case .chunked:
            self.framing = .chunked(
                HTTPChunkedDecoder(maxBody: limits.maxBody, maxOverhead: limits.maxHeaderBytes))
        }
    }

    /// Takes bytes up to the end of the body.
    ///
    /// - Returns: how many bytes were taken, and whether the body is complete.
    /// - Throws: what is wrong with a chunked body.
    mutating func consume(_ input: RawSpan) throws(HTTPParserError) -> (consumed: Int, isComplete: Bool) {
        switch framing {
        case .length(let remaining):
            let count = min(remaining, input.byteCount)
            HTTPInput.append(input.extracting(0..<count), to: &bytes)
            framing = .length(remaining: remaining - count)
            return (count, remaining == count)
        case .chunked(var decoder):
            let consumed = try decoder.consume(input, into: &bytes)
            framing = .chunked(decoder)
            return (consumed, decoder.isComplete)
        }
    }
}
