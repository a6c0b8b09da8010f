import Glibc

extension PostgresStore {
    /// The options of a store. The defaults are those of the product.
    public struct Options: Sendable {
        /// The limit of the foreign rows in one report.
        public var foreignLimit = PageLimit(messages: 1000, bytes: 1 << 16)

        /// Returns the time to record for new rows, in milliseconds since 1970.
        public var wallClock: @Sendable () -> Int64 = SQLiteStore.Options().wallClock

        /// Creates the default options.
        public init() {}
    }
}
