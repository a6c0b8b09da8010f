/// The reason for rejecting an Engine.IO request. The code and the message are sent to the client as JSON, as in the
/// official server.
public enum EngineError: Int, Error, Sendable, CaseIterable, CustomStringConvertible {
    /// The request names a transport that the server does not have or offer.
    case unknownTransport = 0
    /// No session has the id in the request.
    case unknownSession = 1
    /// A session was opened with another method than GET.
    case badHandshakeMethod = 2
    /// The request has another mistake.
    case badRequest = 3
    /// The application or a policy refuses the request.
    case forbidden = 4
    /// The client uses another version of the protocol than 4.
    case unsupportedProtocolVersion = 5

    public var description: String {
        switch self {
        case .unknownTransport: "Transport unknown"
        case .unknownSession: "Session ID unknown"
        case .badHandshakeMethod: "Bad handshake method"
        case .badRequest: "Bad request"
        case .forbidden: "Forbidden"
        case .unsupportedProtocolVersion: "Unsupported protocol version"
        }
    }

    /// The HTTP response that reports the error.
    /// - Parameter message: the message in the response; nil for ``description``.
    func response(message: String? = nil) -> HTTPResponse {
        let body = "{\"code\":\(rawValue),\"message\":\"\(Self.escaped(message ?? description))\"}"
        return .json(self == .forbidden ? .forbidden : .badRequest, Array(body.utf8))
    }

    /// Escapes a text for a JSON string.
    private static func escaped(_ text: String) -> String {
        text.unicodeScalars.map { scalar in
            switch scalar {
            case "\"": "\\\""
            case "\\": "\\\\"
            case "\0"..."\u{1F}":
                "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: String(scalar)
            }
        }.joined()
    }
}
