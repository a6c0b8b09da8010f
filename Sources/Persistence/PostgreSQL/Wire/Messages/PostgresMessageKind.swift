/// The first byte of a message from the server (PostgreSQL protocol, 55.7).
enum PostgresMessageKind: UInt8 {
    case authentication = 0x52  // R
    case backendKeyData = 0x4B  // K
    case bindComplete = 0x32  // 2
    case closeComplete = 0x33  // 3
    case commandComplete = 0x43  // C
    case copyBothResponse = 0x57  // W
    case copyInResponse = 0x47  // G
    case copyOutResponse = 0x48  // H
    case dataRow = 0x44  // D
    case emptyQueryResponse = 0x49  // I
    case errorResponse = 0x45  // E
    case noData = 0x6E  // n
    case noticeResponse = 0x4E  // N
    case notificationResponse = 0x41  // A
    case parameterStatus = 0x53  // S
    case parseComplete = 0x31  // 1
    case portalSuspended = 0x73  // s
    case readyForQuery = 0x5A  // Z
    case rowDescription = 0x54  // T

    /// True if the message begins to copy data.
    var isCopying: Bool { self == .copyBothResponse || self == .copyInResponse || self == .copyOutResponse }

    /// The lengths that are accepted, which include the length itself.
    func lengths(upTo limit: Int) -> ClosedRange<Int> {
        switch self {
        case .bindComplete, .closeComplete, .emptyQueryResponse, .noData, .parseComplete, .portalSuspended: 4...4
        case .readyForQuery: 5...5
        case .backendKeyData: 12...12
        case .authentication, .parameterStatus: 6...min(limit, PostgresLimits.shortMessage)
        default: 4...max(limit, 4)
        }
    }
}
