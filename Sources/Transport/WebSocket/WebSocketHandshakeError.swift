/// Why a request is not answered with 101 Switching Protocols.
public enum WebSocketHandshakeError: Error, Equatable, Sendable {
    /// The request's method is not GET.
    case methodNotGET(String)
    /// The Upgrade header is missing or does not name `websocket`.
    case notWebSocketUpgrade(String?)
    /// The Connection header is missing or does not name `upgrade`.
    case notUpgradeConnection(String?)
    /// The Sec-WebSocket-Version header is missing or is not 13.
    case unsupportedVersion(String?)
    /// The Sec-WebSocket-Key header is missing or is not the base64 of 16 bytes.
    case invalidKey(String?)

    /// The HTTP status of the answer.
    public var status: Int {
        if case .unsupportedVersion = self { 426 } else { 400 }
    }

    /// The headers that belong into the answer: with 426, the version that is spoken here (RFC 6455 section 4.4).
    public var headers: [(String, String)] {
        if case .unsupportedVersion = self { [("Sec-WebSocket-Version", "13")] } else { [] }
    }
}

extension WebSocketHandshakeError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .methodNotGET(let method): "method \(Self.quoted(method)) is not GET"
        case .notWebSocketUpgrade(let value): "Upgrade \(Self.quoted(value)) does not name websocket"
        case .notUpgradeConnection(let value): "Connection \(Self.quoted(value)) does not name upgrade"
        case .unsupportedVersion(let value): "Sec-WebSocket-Version \(Self.quoted(value)) is not 13"
        case .invalidKey(let value): "Sec-WebSocket-Key \(Self.quoted(value)) is not the base64 of 16 bytes"
        }
    }

    private static func quoted(_ value: String?) -> String {
        value.map { "\"\($0.prefix(64))\"" } ?? "(missing)"
    }
}
