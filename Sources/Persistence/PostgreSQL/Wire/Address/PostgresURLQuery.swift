import Transport

/// The parameters after an URL's question mark (PostgreSQL, 34.1.2). Of two with the same name, the last counts.
struct PostgresURLQuery {
    struct Parameter: Equatable, Sendable {
        let name: String
        let value: String
    }

    private static let known: Set = [
        "host", "port", "user", "password", "dbname", "passfile", "connect_timeout", "target_session_attrs", "sslmode",
    ]
    /// Those that the server gets.
    private static let settingNames = ["application_name", "options"]

    private var values: [String: String] = [:]

    init(_ query: ArraySlice<UInt8>) throws(PostgresURLError) {
        for part in query.split(separator: UInt8(ascii: "&")) {
            let (name, value) = URLParts.cut(part, at: UInt8(ascii: "="))
            guard let value else { throw .parameterWithoutValue }
            guard let parameter = PercentEncoding.decode(name), let decoded = PercentEncoding.decode(value) else {
                throw .badEncoding
            }
            guard Self.known.contains(parameter) || Self.settingNames.contains(parameter) else {
                // A password with a question mark ends with an at sign that is behind it.
                let mayBePassword = query.contains(UInt8(ascii: "@"))
                throw .unknownParameter(mayBePassword ? nil : PercentEncoding.encode(parameter))
            }
            values[parameter] = decoded
        }
        // These modes allow a connection that is not encrypted.
        guard ["disable", "allow", "prefer"].contains(values["sslmode"] ?? "disable") else { throw .encryption }
    }

    subscript(name: String) -> String? { values[name] }

    var settings: [Parameter] {
        Self.settingNames.compactMap { name in values[name].map { Parameter(name: name, value: $0) } }
    }

    /// The seconds to wait; nil for the caller's default.
    var connectTimeout: Int? {
        get throws(PostgresURLError) {
            guard let value = values["connect_timeout"] else { return nil }
            guard let seconds = Self.number(Array(value.utf8)), 1...3600 ~= seconds else {
                throw .badValue(parameter: "connect_timeout", expected: "a number from 1 to 3600")
            }
            return seconds
        }
    }

    var target: PostgresURL.Target {
        get throws(PostgresURLError) {
            guard let target = PostgresURL.Target(rawValue: values["target_session_attrs"] ?? "any") else {
                throw .badValue(parameter: "target_session_attrs", expected: "any, read-write or primary")
            }
            return target
        }
    }

    /// A decimal number of at most five digits.
    static func number(_ digits: [UInt8]) -> Int? {
        guard 1...5 ~= digits.count, digits.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else {
            return nil
        }
        return digits.reduce(0) { 10 * $0 + Int($1 - UInt8(ascii: "0")) }
    }
}
