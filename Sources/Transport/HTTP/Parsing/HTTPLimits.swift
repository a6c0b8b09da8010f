/// The limits of a request's size.
public struct HTTPLimits: Sendable, Equatable {
    /// The largest request line in bytes, including its line end. A larger one is refused with 414.
    public let maxRequestLine: Int
    /// The most bytes of header fields, including line ends and the empty line; more are refused with 431. Also the
    /// most bytes of the extensions and trailers of a chunked body together: too many extensions are refused with 400,
    /// too many trailers with 431.
    public let maxHeaderBytes: Int
    /// The most header fields. More are refused with 431.
    public let maxHeaders: Int
    /// The largest body in bytes, after decoding. A larger one is refused with 413.
    public let maxBody: Int

    /// Makes limits. Values outside of the bounds below, including negative ones, are clamped.
    ///
    /// - Parameters:
    ///   - maxRequestLine: bytes, at most 16 KiB.
    ///   - maxHeaderBytes: bytes, at most 47 KiB. Together with the request line this is less than 64 KiB, so that a
    ///     stored head needs only 16-bit offsets.
    ///   - maxHeaders: the number of header fields.
    ///   - maxBody: bytes.
    public init(
        maxRequestLine: Int = 8 * 1024, maxHeaderBytes: Int = 16 * 1024, maxHeaders: Int = 100, maxBody: Int
    ) {
        self.maxRequestLine = min(max(maxRequestLine, 0), 16 * 1024)
        self.maxHeaderBytes = min(max(maxHeaderBytes, 0), 47 * 1024)
        self.maxHeaders = max(maxHeaders, 0)
        self.maxBody = max(maxBody, 0)
    }

    /// Returns the same limits with another `maxBody`.
    func with(maxBody: Int) -> HTTPLimits {
        HTTPLimits(
            maxRequestLine: maxRequestLine, maxHeaderBytes: maxHeaderBytes, maxHeaders: maxHeaders, maxBody: maxBody)
    }
}
