/// Options for the conversion between Swift values and JSON.
public struct ValueCoding: Sendable {
    /// The default options: dates in ISO 8601.
    public static let standard = ValueCoding()

    /// The JSON form of Foundation's `Date`.
    public enum DateForm: Sendable {
        /// A string such as `"2026-11-26T20:41:32.123Z"`, as JavaScript's `toISOString` writes. Decoding accepts a
        /// string with any number of fraction digits, or none, and any offset from UTC.
        case iso8601
        /// The number of seconds since 1970 in UTC, with a fraction if necessary.
        case secondsSince1970
        /// The number of milliseconds since 1970 in UTC, as JavaScript's `Date.now()` returns.
        case millisecondsSince1970
    }

    /// The form of dates in both directions.
    public var dates: DateForm

    /// The `userInfo` of encoders and decoders, for the `Codable` types of the application.
    public var userInfo: [CodingUserInfoKey: any Sendable]

    /// Creates options.
    ///
    /// - Parameters:
    ///   - dates: The form of dates in both directions.
    ///   - userInfo: The `userInfo` of encoders and decoders.
    public init(dates: DateForm = .iso8601, userInfo: [CodingUserInfoKey: any Sendable] = [:]) {
        self.dates = dates
        self.userInfo = userInfo
    }
}
