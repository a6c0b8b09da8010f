/// Collects the body of a request.
///
/// The array grows with the received bytes. An announced length or chunk size reserves no memory, because ten thousand
/// idle connections may each announce the maximum.
struct HTTPBodyReader {
    private enum Framing {
        case length(remaining: Int)
        case chunked(HTTPChunkedDecoder)
    }

    /// The decoded body so far.
    private(set) var bytes: [UInt8] = []
    private var framing: Framing

    /// Makes a reader; nil if there is no body.
    init?(_ framing: HTTPBodyFraming, limits: HTTPLimits) {
        switch framing {
        case .none: return nil
        case .length(let length): self.framing = .length(remaining: length)
        case .chunked:
            self.framing = .chunked(
                HTTPChunkedDecoder(maxBody: limits.maxBody, maxOverhead: limits.maxHeaderBytes))
        }
    }

    /// Reads bytes up to the end of the body.
    ///
    /// - Returns: the number of bytes consumed, and true if the body is complete.
    /// - Throws: the error in a chunked body.
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
