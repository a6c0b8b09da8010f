/// An error with which a server answers a command.
package struct RedisError: Error, Equatable, Sendable {
    /// The first word, such as `ERR` or `WRONGTYPE`.
    package let prefix: String
    /// The text after the first word.
    package let message: String
    /// The text of the description, if it is not that of the server.
    private var shownText: String?

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

    /// Secrets of this length, in bytes, are hidden inside of words too. The letters of a shorter one may stand there
    /// by chance.
    static let longSecret = 8

    /// The error, with three asterisks in its description wherever the server repeats the secret.
    func hiding(_ secret: String?) -> RedisError {
        guard let secret = secret.map({ Array($0.utf8) }), !secret.isEmpty else { return self }
        let text = Array((message.isEmpty ? prefix : "\(prefix) \(message)").utf8)
        var shown: [UInt8] = []
        var end = 0
        for range in text.ranges(of: secret) where Self.isSecret(range, of: text, secret) {
            shown += text[end..<range.lowerBound] + Array("***".utf8)
            end = range.upperBound
        }
        guard end > 0 else { return self }
        var error = self
        error.shownText = String(decoding: shown + text[end...], as: UTF8.self)
        return error
    }

    /// True if the secret is long, or stands as a word of its own in the text.
    private static func isSecret(_ range: Range<Int>, of text: [UInt8], _ secret: [UInt8]) -> Bool {
        guard secret.count < longSecret else { return true }
        let (begin, end) = (range.lowerBound, range.upperBound)
        let beginsInWord = begin > 0 && text[begin - 1].isInWord && text[begin].isInWord
        let endsInWord = end < text.count && text[end - 1].isInWord && text[end].isInWord
        return !beginsInWord && !endsInWord
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
        var line = String.UnicodeScalarView()
        var byteCount = 0
        let text = shownText ?? (message.isEmpty ? prefix : "\(prefix) \(message)")
        for scalar in text.unicodeScalars {
            // A line feed would make it look like two lines of a log.
            let shown = scalar.properties.generalCategory == .control ? " " : scalar
            byteCount += String(shown).utf8.count
            guard byteCount <= Self.maxDescription else { break }
            line.append(shown)
        }
        return String(line)
    }
}

extension UInt8 {
    /// True for letters and digits, and for the bytes of characters beyond ASCII.
    fileprivate var isInWord: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "a")...UInt8(ascii: "z"), 0x80...: true
        default: false
        }
    }
}
