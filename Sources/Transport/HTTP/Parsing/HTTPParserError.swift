/// The reason for refusing a request. The connection must close, because the start of the next request is unknown.
public enum HTTPParserError: Error, Sendable, Equatable {
    /// 400: too many empty lines before the request line.
    case tooManyEmptyLines(limit: Int)
    /// 400: not `METHOD SP target SP HTTP/x.y`.
    case malformedRequestLine
    /// 400: a target that has a form or a character that a server must not accept.
    case invalidTarget
    /// 505: a version other than 1.0 and 1.1.
    case unsupportedVersion
    /// 414: a request line over its limit, usually because of a long target.
    case requestLineTooLong(limit: Int)

    /// 400: a field name that is not a token, or is not directly followed by a colon. Fields are counted from 1.
    case invalidFieldName(field: Int)
    /// 400: a line that continues the previous field, whose number is `field` (`obs-fold`).
    case foldedLine(field: Int)
    /// 400: a control character in a field value.
    case invalidFieldValue(field: Int)
    /// 431: too many fields.
    case tooManyHeaders(limit: Int)
    /// 431: fields whose total size exceeds the limit in bytes.
    case headersTooLarge(limit: Int)

    /// 400: an HTTP/1.1 request without `Host`.
    case missingHost
    /// 400: more than one `Host`.
    case repeatedHost
    /// 400: a `Host` with a character that is not allowed in a host and port.
    case invalidHost

    /// 400: a `Content-Length` that is not all digits.
    case invalidContentLength
    /// 400: `Content-Length` values that differ.
    case conflictingContentLengths
    /// 400: both `Content-Length` and `Transfer-Encoding`.
    case contentLengthWithTransferEncoding
    /// 400: `Transfer-Encoding` in HTTP/1.0, which does not define it.
    case transferEncodingInHTTP10
    /// 501: any transfer coding except a single `chunked`.
    case unsupportedTransferEncoding

    /// 400: a chunk size that is not hexadecimal or has too many digits.
    case invalidChunkSize
    /// 400: a control character, or a line end other than CRLF, after a chunk size.
    case invalidChunkExtension
    /// 400: chunk extensions over their limit in bytes.
    case chunkExtensionsTooLarge(limit: Int)
    /// 400: chunk data that is not followed by CRLF.
    case unterminatedChunk
    /// 400: a malformed field line after the last chunk.
    case invalidTrailer
    /// 431: trailers that exceed the limit in bytes, which they share with chunk extensions.
    case trailersTooLarge(limit: Int)
    /// 413: a body, announced or decoded, that exceeds the limit in bytes.
    case bodyTooLarge(limit: Int)

    /// The status of the response.
    package var status: HTTPStatus {
        switch self {
        case .requestLineTooLong: .uriTooLong
        case .unsupportedVersion: .versionNotSupported
        case .tooManyHeaders, .headersTooLarge, .trailersTooLarge: .headerFieldsTooLarge
        case .unsupportedTransferEncoding: .notImplemented
        case .bodyTooLarge: .contentTooLarge
        default: .badRequest
        }
    }
}

extension HTTPParserError: CustomStringConvertible {
    /// A single line for the response body. It contains no text from the client.
    public var description: String {
        switch self {
        case .tooManyEmptyLines(let limit): "more than \(limit) empty lines before the request line"
        case .malformedRequestLine: "request line is not METHOD SP target SP HTTP/1.1"
        case .invalidTarget: "request target is neither a path, an http URL nor the asterisk of OPTIONS"
        case .unsupportedVersion: "HTTP version is neither 1.0 nor 1.1"
        case .requestLineTooLong(let limit): "request line is longer than \(limit) bytes"
        case .invalidFieldName(let field): "name of header field \(field) is not a token followed by a colon"
        case .foldedLine(let field): "header line after field \(field) starts with white space"
        case .invalidFieldValue(let field): "value of header field \(field) has a control character"
        case .tooManyHeaders(let limit): "more than \(limit) header fields"
        case .headersTooLarge(let limit): "header fields are larger than \(limit) bytes"
        case .missingHost: "HTTP/1.1 request without a Host header"
        case .repeatedHost: "more than one Host header"
        case .invalidHost: "Host header is not a host with an optional port"
        case .invalidContentLength: "Content-Length is not a decimal number"
        case .conflictingContentLengths: "Content-Length headers differ"
        case .contentLengthWithTransferEncoding: "both Content-Length and Transfer-Encoding"
        case .transferEncodingInHTTP10: "Transfer-Encoding in an HTTP/1.0 request"
        case .unsupportedTransferEncoding: "Transfer-Encoding other than chunked"
        case .invalidChunkSize: "chunk size is not a hexadecimal number of at most 16 digits"
        case .invalidChunkExtension: "chunk extension has a control character or no CRLF"
        case .chunkExtensionsTooLarge(let limit): "chunk extensions are larger than \(limit) bytes"
        case .unterminatedChunk: "chunk data is not followed by CRLF"
        case .invalidTrailer: "trailer is not a field line that ends in CRLF"
        case .trailersTooLarge(let limit): "chunk extensions and trailers are larger than \(limit) bytes"
        case .bodyTooLarge(let limit): "body is larger than \(limit) bytes"
        }
    }
}
