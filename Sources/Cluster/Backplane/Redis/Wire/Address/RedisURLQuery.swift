import Transport

/// The parameters after an URL's question mark. Of two with the same name, the last counts.
struct RedisURLQuery {
    private static let known: Set = [
        "client-name", "db", "mode", "prefix", "protocol", "sentinel", "session-prefix", "stream", "stream-length",
    ]
    /// The longest stream.
    private static let maxStreamLength = 999_999_999

    private var values: [String: String] = [:]

    /// - Parameters:
    ///   - query: what follows the question mark.
    ///   - scheme: decides which parameters have a meaning.
    init(_ query: ArraySlice<UInt8>, of scheme: RedisURLScheme) throws(RedisURLError) {
        for part in query.split(separator: UInt8(ascii: "&")) {
            let (name, value) = URLParts.cut(part, at: UInt8(ascii: "="))
            guard let value else { throw .parameterWithoutValue }
            guard let parameter = PercentEncoding.decode(name), let decoded = PercentEncoding.decode(value) else {
                throw .badEncoding
            }
            guard Self.known.contains(parameter) else {
                // A password with a question mark ends with an at sign that is behind it.
                let mayBePassword = query.contains(UInt8(ascii: "@"))
                throw .unknownParameter(mayBePassword ? nil : PercentEncoding.encode(parameter))
            }
            guard Self.applies(parameter, to: scheme) else {
                throw .inapplicableParameter(parameter, scheme: "\(scheme)")
            }
            values[parameter] = decoded
        }
    }

    private static func applies(_ parameter: String, to scheme: RedisURLScheme) -> Bool {
        switch parameter {
        case "db": scheme.isSocket
        case "mode": scheme.delivery == .sharded
        case "sentinel": !scheme.isSocket
        case "session-prefix", "stream", "stream-length": scheme.delivery == .streams
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

    /// Which rooms have channels of their own.
    var mode: ShardedChannels.Mode {
        get throws(RedisURLError) {
            let value = values["mode"] ?? ShardedChannels.Mode.dynamic.rawValue
            guard let mode = ShardedChannels.Mode(rawValue: value) else {
                throw .badValue(parameter: "mode", expected: "dynamic, dynamic-private or static")
            }
            return mode
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
        guard let number = Self.number(Array(value.utf8), in: range) else {
            throw .badValue(parameter: name, expected: "a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// A decimal number of at most nine digits; nil if it is not in the range.
    static func number(_ text: [UInt8], in range: ClosedRange<Int>) -> Int? {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard 1...9 ~= text.count, text.allSatisfy({ digits ~= $0 }) else { return nil }
        let number = text.reduce(0) { 10 * $0 + Int($1 - digits.lowerBound) }
        return range ~= number ? number : nil
    }
}
