/// The framing of a request's body, which determines where it ends (RFC 9112, section 6).
///
/// Two parties that disagree about the framing see different requests in one stream of bytes. Everything ambiguous is
/// therefore refused.
enum HTTPBodyFraming: Equatable {
    case none
    case length(Int)
    case chunked

    /// Determines the framing from a complete head.
    ///
    /// - Throws: the error in `Content-Length` or `Transfer-Encoding`; `bodyTooLarge` if the announced length exceeds
    ///   the limit.
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

    /// The common value of all `Content-Length` elements; 0 if there are none.
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
