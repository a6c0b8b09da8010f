/// The parameters after an URL's question mark. Of two with the same name, the last counts.
struct RedisURLQuery {
    private static let known: Set = [
        "client-name", "db", "prefix", "protocol", "sentinel", "session-prefix", "stream", "stream-length",
    ]
    /// The longest stream.
    private static let maxStreamLength = 999_999_999

    private var values: [String: String] = [:]

    /// - Parameter parts: the URL, whose scheme decides which parameters have a meaning.
    init(_ parts: RedisURLParts) throws(RedisURLError) {
        for part in parts.query.split(separator: UInt8(ascii: "&")) {
            let (name, value) = RedisURLParts.cut(part, at: UInt8(ascii: "="))
            guard let value else { throw .parameterWithoutValue }
            let parameter = try RedisURLText.decode(name)
            guard Self.known.contains(parameter) else {
                // A password with a question mark ends with an at sign that is behind it.
                let mayBePassword = parts.query.contains(UInt8(ascii: "@"))
                throw .unknownParameter(mayBePassword ? nil : RedisURLText.encode(parameter))
            }
            guard Self.applies(parameter, to: parts) else {
                throw .inapplicableParameter(parameter, scheme: parts.scheme)
            }
            values[parameter] = try RedisURLText.decode(value)
        }
    }

    private static func applies(_ parameter: String, to parts: RedisURLParts) -> Bool {
        switch parameter {
        case "db": parts.isSocket
        case "sentinel": !parts.isSocket
        case "session-prefix", "stream", "stream-length": parts.delivery == .streams
        default: true
        }
    }

    /// The value of a parameter that must not be empty; nil if the URL does not have it.
    func text(_ name: String) throws(RedisURLError) -> String? {
        guard let value = values[name] else { return nil }
        guard !value.isEmpty else { throw .badValue(parameter: name, expected: "a text of at least one character") }
        return value
    }

    var database: Int? {
        get throws(RedisURLError) { try number("db", in: 0...RedisURL.maxDatabase) }
    }

    /// The number of entries that a stream keeps; nil for the caller's default.
    var streamLength: Int? {
        get throws(RedisURLError) { try number("stream-length", in: 1...Self.maxStreamLength) }
    }

    var protocolVersion: RedisProtocolVersion {
        get throws(RedisURLError) {
            switch values["protocol"] ?? "3" {
            case "2": .resp2
            case "3": .resp3
            default: throw .badValue(parameter: "protocol", expected: "2 or 3")
            }
        }
    }

    /// A name that the server accepts; nil for the caller's default.
    var clientName: String? {
        get throws(RedisURLError) {
            guard let name = values["client-name"] else { return nil }
            guard !name.isEmpty, name.utf8.allSatisfy({ UInt8(ascii: "!")...UInt8(ascii: "~") ~= $0 }) else {
                throw .badValue(parameter: "client-name", expected: "a name of ASCII characters without spaces")
            }
            return name
        }
    }

    private func number(_ name: String, in range: ClosedRange<Int>) throws(RedisURLError) -> Int? {
        guard let value = values[name] else { return nil }
        guard let number = RedisURLText.number(Array(value.utf8), in: range) else {
            throw .badValue(parameter: name, expected: "a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}
