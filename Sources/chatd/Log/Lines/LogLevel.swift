/// The importance of a log line.
enum LogLevel: String, Comparable, CaseIterable, Sendable {
    /// Something does not work.
    case error
    /// Something may be wrong, and an operator should look at it.
    case warning
    /// Something that is to be expected, such as a start.
    case info
    /// Something that helps to find out why a client has trouble.
    case debug

    /// Errors come first.
    static func < (left: LogLevel, right: LogLevel) -> Bool {
        left.rank < right.rank
    }

    private var rank: Int {
        switch self {
        case .error: 0
        case .warning: 1
        case .info: 2
        case .debug: 3
        }
    }
}
