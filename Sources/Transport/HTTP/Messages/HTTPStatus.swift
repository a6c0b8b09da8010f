/// The status codes of this server's responses (RFC 9110, section 15).
public enum HTTPStatus: Int, Sendable {
    /// The client may send the body of its request.
    case `continue` = 100
    /// The connection now uses another protocol.
    case switchingProtocols = 101
    /// The request succeeded.
    case ok = 200
    /// The request has created a resource.
    case created = 201
    /// The request succeeds later.
    case accepted = 202
    /// The request succeeded, and the answer has no body.
    case noContent = 204
    /// The resource has another address.
    case movedPermanently = 301
    /// The resource has another address for now. Browsers ask there with GET.
    case found = 302
    /// The answer is at another address. Browsers ask there with GET.
    case seeOther = 303
    /// The client's copy is still valid.
    case notModified = 304
    /// The resource has another address for now. Browsers ask there with the same method.
    case temporaryRedirect = 307
    /// The resource has another address. Browsers ask there with the same method.
    case permanentRedirect = 308
    /// The request is malformed.
    case badRequest = 400
    /// The client must prove who it is.
    case unauthorized = 401
    /// The server refuses the request.
    case forbidden = 403
    /// There is no such resource.
    case notFound = 404
    /// The resource does not support the method.
    case methodNotAllowed = 405
    /// The request did not arrive in time.
    case requestTimeout = 408
    /// The request conflicts with the state of the resource.
    case conflict = 409
    /// The body is larger than the server accepts.
    case contentTooLarge = 413
    /// The target is longer than the server accepts.
    case uriTooLong = 414
    /// The server does not accept the type of the body.
    case unsupportedMediaType = 415
    /// The server cannot meet the `Expect` field.
    case expectationFailed = 417
    /// The body is well-formed, but its content is not acceptable.
    case unprocessableContent = 422
    /// The client must use another protocol.
    case upgradeRequired = 426
    /// The client has sent too many requests.
    case tooManyRequests = 429
    /// The header fields are larger than the server accepts.
    case headerFieldsTooLarge = 431
    /// The server failed.
    case internalServerError = 500
    /// The server does not support the request.
    case notImplemented = 501
    /// The server that this server asked gave no valid answer.
    case badGateway = 502
    /// The server cannot handle the request at present.
    case serviceUnavailable = 503
    /// The server does not support the HTTP version.
    case versionNotSupported = 505

    /// The three-digit code.
    public var code: Int { rawValue }

    /// The text after the code in a status line.
    public var reasonPhrase: String {
        switch self {
        case .continue: "Continue"
        case .switchingProtocols: "Switching Protocols"
        case .ok: "OK"
        case .created: "Created"
        case .accepted: "Accepted"
        case .noContent: "No Content"
        case .movedPermanently: "Moved Permanently"
        case .found: "Found"
        case .seeOther: "See Other"
        case .notModified: "Not Modified"
        case .temporaryRedirect: "Temporary Redirect"
        case .permanentRedirect: "Permanent Redirect"
        case .badRequest: "Bad Request"
        case .unauthorized: "Unauthorized"
        case .forbidden: "Forbidden"
        case .notFound: "Not Found"
        case .methodNotAllowed: "Method Not Allowed"
        case .requestTimeout: "Request Timeout"
        case .conflict: "Conflict"
        case .contentTooLarge: "Content Too Large"
        case .uriTooLong: "URI Too Long"
        case .unsupportedMediaType: "Unsupported Media Type"
        case .expectationFailed: "Expectation Failed"
        case .unprocessableContent: "Unprocessable Content"
        case .upgradeRequired: "Upgrade Required"
        case .tooManyRequests: "Too Many Requests"
        case .headerFieldsTooLarge: "Request Header Fields Too Large"
        case .internalServerError: "Internal Server Error"
        case .notImplemented: "Not Implemented"
        case .badGateway: "Bad Gateway"
        case .serviceUnavailable: "Service Unavailable"
        case .versionNotSupported: "HTTP Version Not Supported"
        }
    }

    /// True if a response with this status may have a body. Responses with 1xx, 204 and 304 end after the head (RFC
    /// 9112, section 6.3).
    public var allowsBody: Bool {
        code >= 200 && self != .noContent && self != .notModified
    }
}
