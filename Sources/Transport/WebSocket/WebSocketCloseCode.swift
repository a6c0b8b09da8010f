/// Why a WebSocket is being closed, as a close frame says it (RFC 6455 section 7.4 and the IANA registry).
///
/// Only codes that may appear in a frame can be made: the registered ones 1000–1003 and 1007–1014, and the ranges for
/// libraries (3000–3999) and applications (4000–4999). The codes 1005, 1006 and 1015 describe the absence of a close
/// frame and are therefore not values of this type.
public struct WebSocketCloseCode: RawRepresentable, Hashable, Sendable {
    /// The number in the frame.
    public let rawValue: UInt16

    /// The code with this number.
    ///
    /// - Returns: nil if no endpoint may send it.
    public init?(rawValue: UInt16) {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: self.rawValue = rawValue
        default: return nil
        }
    }

    private init(known rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// The purpose of the connection is fulfilled.
    public static let normal = WebSocketCloseCode(known: 1000)
    /// The endpoint is leaving: a server stops, a page is left.
    public static let goingAway = WebSocketCloseCode(known: 1001)
    /// The peer broke the framing rules.
    public static let protocolError = WebSocketCloseCode(known: 1002)
    /// The peer sent a kind of data that is not taken here.
    public static let unsupportedData = WebSocketCloseCode(known: 1003)
    /// The peer sent text that is not UTF-8.
    public static let invalidPayload = WebSocketCloseCode(known: 1007)
    /// The peer broke a rule that has no code of its own.
    public static let policyViolation = WebSocketCloseCode(known: 1008)
    /// The peer's message is longer than what is taken here.
    public static let messageTooBig = WebSocketCloseCode(known: 1009)
    /// The server did not negotiate an extension the client needs.
    public static let mandatoryExtension = WebSocketCloseCode(known: 1010)
    /// The server met a condition it did not expect.
    public static let internalError = WebSocketCloseCode(known: 1011)
    /// The server restarts; the client may come back at once.
    public static let serviceRestart = WebSocketCloseCode(known: 1012)
    /// The server is overloaded; the client may come back later.
    public static let tryAgainLater = WebSocketCloseCode(known: 1013)
    /// A gateway got an invalid answer from the server behind it.
    public static let badGateway = WebSocketCloseCode(known: 1014)
}

extension WebSocketCloseCode: CustomStringConvertible {
    public var description: String {
        String(rawValue)
    }
}
