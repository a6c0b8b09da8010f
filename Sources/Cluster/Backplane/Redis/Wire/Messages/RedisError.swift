/// An error with which a server answers a command.
package struct RedisError: Error, Equatable, Sendable {
    /// The first word, such as `ERR` or `WRONGTYPE`.
    package let prefix: String
    /// The text after the first word.
    package let message: String
    /// True if the description must not have the text.
    private var isHidden = false

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
    /// The longest description, in bytes.
    static let maxDescription = 200

    /// The error, with a description without the server's text if that repeats the secret.
    func hiding(_ secret: String?) -> RedisError {
        guard let secret, !secret.isEmpty, "\(prefix) \(message)".utf8.contains(secret.utf8) else { return self }
        var error = self
        error.isHidden = true
        return error
    }

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
        guard !isHidden else { return "an error that repeats the password" }
        var line = String.UnicodeScalarView()
        var byteCount = 0
        for scalar in (message.isEmpty ? prefix : "\(prefix) \(message)").unicodeScalars {
            // A line feed would make it look like two lines of a log.
            let shown = scalar.properties.generalCategory == .control ? " " : scalar
            byteCount += String(shown).utf8.count
            guard byteCount <= Self.maxDescription else { break }
            line.append(shown)
        }
        return String(line)
    }
}
