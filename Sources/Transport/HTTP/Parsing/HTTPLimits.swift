/// The sizes a request may have before it is refused.
public struct HTTPLimits: Sendable, Equatable {
    /// Bytes of the request line, its line end included. Over it: 414.
    public let maxRequestLine: Int
    /// Bytes from the end of the request line to the end of the head, line ends included; also what the extensions and
    /// trailers of a chunked body may take together. Over it: 431.
    public let maxHeaderBytes: Int
    /// Header fields of a request. Over it: 431.
    public let maxHeaders: Int
    /// Bytes of a body after decoding. Over it: 413.
    public let maxBody: Int

    /// - Parameters:
    ///   - maxRequestLine: bytes, at most 16 KiB.
    ///   - maxHeaderBytes: bytes, at most 47 KiB. With the request line that is less than 64 KiB, so a stored head
    ///     needs only 16-bit offsets.
    ///   - maxHeaders: number of header fields.
    ///   - maxBody: bytes.
    ///
    /// Values outside of these bounds, negative ones included, are moved to the nearest bound.
    public init(
        maxRequestLine: Int = 8 * 1024, maxHeaderBytes: Int = 16 * 1024, maxHeaders: Int = 100, maxBody: Int
    ) {
        self.maxRequestLine = min(max(maxRequestLine, 0), 16 * 1024)
        self.maxHeaderBytes = min(max(maxHeaderBytes, 0), 47 * 1024)
        self.maxHeaders = max(maxHeaders, 0)
        self.maxBody = max(maxBody, 0)
    }

    /// The same limits but for bodies.
    func with(maxBody: Int) -> HTTPLimits {
        HTTPLimits(
            maxRequestLine: maxRequestLine, maxHeaderBytes: maxHeaderBytes, maxHeaders: maxHeaders, maxBody: maxBody)
    }
}
