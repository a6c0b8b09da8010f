/// The reason for refusing a WebSocket handshake.
package enum WebSocketHandshakeError: Error, Equatable, Sendable {
    /// The request's method is not GET.
    case methodNotGET
    /// The request is not HTTP/1.1. Earlier versions have no upgrade (RFC 9110 section 7.8).
    case notHTTP11
    /// The Upgrade header is missing or does not name `websocket`.
    case notWebSocketUpgrade
    /// The Connection header is missing or does not name `upgrade`.
    case notUpgradeConnection
    /// The Sec-WebSocket-Version header is missing or is not 13.
    case unsupportedVersion
    /// The Sec-WebSocket-Key header is missing or is not the base64 of 16 bytes.
    case invalidKey

    /// The HTTP status of the response.
    package var status: HTTPStatus { self == .unsupportedVersion ? .upgradeRequired : .badRequest }

    /// The additional headers of the response: for an unsupported version, the supported one (RFC 6455 section 4.4).
    package var headers: [(String, String)] {
        self == .unsupportedVersion ? [("Sec-WebSocket-Version", "13")] : []
    }
}

extension WebSocketHandshakeError: CustomStringConvertible {
    /// A single line for the body of the response. It contains no text from the client.
    package var description: String {
        switch self {
        case .methodNotGET: "a WebSocket handshake must use GET"
        case .notHTTP11: "a WebSocket handshake must use HTTP/1.1"
        case .notWebSocketUpgrade: "Upgrade does not name websocket"
        case .notUpgradeConnection: "Connection does not name upgrade"
        case .unsupportedVersion: "Sec-WebSocket-Version is not 13"
        case .invalidKey: "Sec-WebSocket-Key is not the base64 of 16 bytes"
        }
    }
}
