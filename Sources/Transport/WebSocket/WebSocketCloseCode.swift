/// The status code of a close frame (RFC 6455 section 7.4 and the IANA registry).
///
/// Values exist only for codes that may appear in a frame: the registered codes 1000–1003 and 1007–1014, and the ranges
/// for libraries (3000–3999) and applications (4000–4999). The codes 1005, 1006 and 1015 denote the absence of a close
/// frame and have no values.
public struct WebSocketCloseCode: RawRepresentable, Hashable, Sendable {
    /// The number in the frame.
    public let rawValue: UInt16

    /// Makes a code from its number; nil if no endpoint may send it.
    public init?(rawValue: UInt16) {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: self.rawValue = rawValue
        default: return nil
        }
    }

    private init(known rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// The connection has fulfilled its purpose.
    public static let normal = WebSocketCloseCode(known: 1000)
    /// The endpoint goes away: a server stops, or a browser leaves the page.
    public static let goingAway = WebSocketCloseCode(known: 1001)
    /// The peer broke the framing rules.
    public static let protocolError = WebSocketCloseCode(known: 1002)
    /// The peer sent a type of data that this endpoint does not accept.
    public static let unsupportedData = WebSocketCloseCode(known: 1003)
    /// The peer sent text that is not UTF-8.
    public static let invalidPayload = WebSocketCloseCode(known: 1007)
    /// The peer broke a rule that has no code of its own.
    public static let policyViolation = WebSocketCloseCode(known: 1008)
    /// The peer's message is larger than this endpoint accepts.
    public static let messageTooBig = WebSocketCloseCode(known: 1009)
    /// The server did not negotiate an extension the client needs.
    public static let mandatoryExtension = WebSocketCloseCode(known: 1010)
    /// The server encountered an unexpected condition.
    public static let internalError = WebSocketCloseCode(known: 1011)
    /// The server restarts. The client may reconnect at once.
    public static let serviceRestart = WebSocketCloseCode(known: 1012)
    /// The server is overloaded. The client may reconnect later.
    public static let tryAgainLater = WebSocketCloseCode(known: 1013)
    /// A gateway received an invalid response from its upstream server.
    public static let badGateway = WebSocketCloseCode(known: 1014)
}

extension WebSocketCloseCode: CustomStringConvertible {
    public var description: String {
        String(rawValue)
    }
}
