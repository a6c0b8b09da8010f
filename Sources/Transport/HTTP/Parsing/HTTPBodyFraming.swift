/// How the end of a request's body is found (RFC 9112, section 6).
///
/// Two parties that disagree here see different requests in one stream of bytes, so everything ambiguous is refused.
enum HTTPBodyFraming: Equatable {
    case none
    case length(Int)
    case chunked

    /// Decides by the header fields of a complete head.
    ///
    /// - Throws: what is wrong with `Content-Length` or `Transfer-Encoding`; `bodyTooLarge` when the former already
    ///   tells.
    init(_ head: HTTPRequestHead, limits: HTTPLimits) throws(HTTPParserError) {
        let codings = head.headers.listElements(of: "Transfer-Encoding")
        let lengths = head.headers.listElements(of: "Content-Length")
        if codings.isEmpty {
            let length = try Self.length(lengths, limit: limits.maxBody)
            self = length == 0 ? .none : .length(length)
        } else {
            guard lengths.isEmpty else { throw .contentLengthWithTransferEncoding }
            guard head.version == .http11 else { throw .transferEncodingInHTTP10 }
            guard codings.count == 1, HTTPGrammar.equalsIgnoringCase(codings[0], "chunked") else {
                throw .unsupportedTransferEncoding
            }
            self = .chunked
        }
    }

    /// The one value that all `Content-Length` elements have; 0 when there is none.
    private static func length(_ elements: [ArraySlice<UInt8>], limit: Int) throws(HTTPParserError) -> Int {
        var length: Int?
        for element in elements {
            let next = try number(element, limit: limit)
            guard length == nil || length == next else { throw .conflictingContentLengths }
            length = next
        }
        return length ?? 0
    }

    private static func number(_ digits: ArraySlice<UInt8>, limit: Int) throws(HTTPParserError) -> Int {
        guard !digits.isEmpty, digits.allSatisfy(HTTPGrammar.isDigit) else { throw .invalidContentLength }
        var number = 0
        for digit in digits {
            let (shifted, overflow) = number.multipliedReportingOverflow(by: 10)
            let value = Int(digit - UInt8(ascii: "0"))
            guard !overflow, shifted <= limit - value else { throw .bodyTooLarge(limit: limit) }
            number = shifted + value
        }
        return number
    }
}
