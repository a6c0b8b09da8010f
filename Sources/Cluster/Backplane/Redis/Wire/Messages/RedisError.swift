/// An error with which a server answers a command.
package struct RedisError: Error, Equatable, Sendable {
    /// The first word, such as `ERR` or `WRONGTYPE`.
    package let prefix: String
    /// The text after the first word.
    package let message: String

    package init(prefix: String, message: String) {
        self.prefix = prefix
        self.message = message
    }

    /// Parses a server's error. Bytes that are not UTF-8 are replaced.
    init(_ text: ArraySlice<UInt8>) {
        let words = text.split(separator: UInt8(ascii: " "), maxSplits: 1, omittingEmptySubsequences: false)
        prefix = String(decoding: words.first ?? [], as: UTF8.self)
        let message = String(decoding: words.dropFirst().first ?? [], as: UTF8.self)
        // A server that does not know a command repeats its arguments, and one of them may be a password.
        guard prefix == "ERR", message.hasPrefix(Self.unknownCommand) else {
            self.message = message
            return
        }
        self.message = message.split(separator: ",", maxSplits: 1).first.map(String.init) ?? message
    }

    private static let unknownCommand = "unknown command"

    /// The meaning of the error.
    package var kind: Kind {
        switch prefix {
        case "ASK": RedisRedirection(message).map { .ask($0) } ?? .other
        case "BUSY": .busy
        case "CLUSTERDOWN": .clusterDown
        case "CROSSSLOT": .crossSlot
        case "DENIED": .protectedMode
        case "LOADING": .loading
        case "MASTERDOWN": .masterDown
        case "MOVED": RedisRedirection(message).map { .moved($0) } ?? .other
        case "NOAUTH": .authenticationRequired
        case "NOPERM": .noPermission
        case "NOPROTO": .unknownProtocol
        case "NOSCRIPT": .noScript
        case "OOM": .outOfMemory
        case "READONLY": .readOnly
        case "TRYAGAIN": .tryAgain
        case "WRONGPASS": .wrongPassword
        case "ERR" where message.hasPrefix("max number of clients"): .tooManyClients
        case "ERR" where message.hasPrefix(Self.unknownCommand): .unknownCommand
        default: .other
        }
    }

    /// True if the same command may succeed later or at another server, although nobody changes the configuration.
    package var isRetryable: Bool {
        switch kind {
        case .ask, .busy, .clusterDown, .loading, .masterDown, .moved, .outOfMemory, .readOnly, .tooManyClients,
            .tryAgain:
            true
        case .authenticationRequired, .crossSlot, .noPermission, .noScript, .other, .protectedMode, .unknownCommand,
            .unknownProtocol, .wrongPassword:
            false
        }
    }
}

extension RedisError: CustomStringConvertible {
    /// One line for the operator.
    package var description: String {
        // A line feed would make it look like two lines of a log.
        let text = message.isEmpty ? prefix : "\(prefix) \(message)"
        let line = text.unicodeScalars.map { scalar in
            scalar.properties.generalCategory == .control ? " " : scalar
        }
        return String(String.UnicodeScalarView(line))
    }
}
